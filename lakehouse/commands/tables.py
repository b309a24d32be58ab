"""`lakehouse tables`: what stands in the local lakehouse."""

import typer

from common.errors import UserError
from common.home import Home
from lakehouse.commands.options import FormatOption, HomeOption
from lakehouse.output.formats import RowFormat


def tables(output: FormatOption = RowFormat.TABLE, home: HomeOption = None) -> None:
    """List every table with its rows, size, last update and comment."""
    from lakehouse.output.show import show
    from local.engine.running.rows import Rows
    from local.engine.storage.table_facts import describe_tables

    place = Home.find(home)
    found = [
        (each.name, each.rows, each.size_bytes, f"{each.updated_at:%Y-%m-%d %H:%M:%S}", each.comment)
        for each in describe_tables(place)
    ]
    if not found:
        raise UserError(f"{place.path} holds no table yet: `lakehouse generate`, then `lakehouse run`")
    show(Rows(["table", "rows", "size_bytes", "updated_at", "comment"], found), output, grouped=True)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(tables)
