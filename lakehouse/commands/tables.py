"""`lakehouse tables`: what stands in the local lakehouse."""

import typer

from common.home import Home
from lakehouse.commands.options import FormatOption, HomeOption
from lakehouse.formats import Format


def tables(output: FormatOption = Format.TABLE, home: HomeOption = None) -> None:
    """List every table with its rows, size, last update and comment."""
    from lakehouse.show import show
    from local.engine.tables import describe

    show(describe(Home.find(home)), output, grouped=True)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(tables)
