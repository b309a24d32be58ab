"""`lakehouse sql`: a query on the local lakehouse."""

from typing import TYPE_CHECKING, Annotated

import typer

from common.home import Home
from lakehouse.commands.options import Engine, EngineOption, FormatOption, HomeOption
from lakehouse.output.formats import RowFormat

if TYPE_CHECKING:
    from local.engine.running.rows import Rows


def sql(
    statement: Annotated[str, typer.Argument(help='SQL, such as "select * from gold.logistics_efficiency".')],
    output: FormatOption = RowFormat.TABLE,
    engine: EngineOption = Engine.AUTO,
    home: HomeOption = None,
) -> None:
    """Show the result of a SQL statement on the tables, named schema.table."""
    from lakehouse.output.show import show
    from local.engine.running.table_reading import rows_of_one_table

    place = Home.find(home)
    rows = rows_of_one_table(place, statement)
    show(_rows(place, statement, engine) if rows is None else rows, output)


def _rows(home: Home, statement: str, engine: Engine) -> "Rows":
    # The client of Spark takes a second to import.
    from local.engine.running.querying import query
    from local.engine.sessions.errors import NeedsSpark

    try:
        [rows] = query(home, statement, engine="spark" if engine is Engine.SPARK else "sail")
    except NeedsSpark as need:
        if engine is not Engine.AUTO:
            raise
        typer.echo(f"on Apache Spark: {need.function}: {need.why}", err=True)
        [rows] = query(home, statement, engine="spark")
    return rows


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(sql)
