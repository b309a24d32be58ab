"""`lakehouse tables`: what stands in the local lakehouse."""

import typer

from local.commands.options import Format, FormatOption, HomeOption
from local.home import Home


def tables(output: FormatOption = Format.TABLE, home: HomeOption = None) -> None:
    """List every table with its rows, size, last update and comment."""
    from local.engine.tables import describe
    from local.show import show

    show(describe(Home.find(home)), output, grouped=True)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(tables)
