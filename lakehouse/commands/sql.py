"""`lakehouse sql`: a query on the local lakehouse."""

from typing import Annotated

import typer

from common.home import Home
from lakehouse.commands.options import FormatOption, HomeOption
from lakehouse.output.formats import RowFormat


def sql(
    statement: Annotated[str, typer.Argument(help='SQL, such as "select * from gold.logistics_efficiency".')],
    output: FormatOption = RowFormat.TABLE,
    home: HomeOption = None,
) -> None:
    """Show the result of a SQL statement on the tables, named schema.table."""
    from lakehouse.output.show import show
    from local.engine.running.table_reading import rows_of_one_table

    place = Home.find(home)
    rows = rows_of_one_table(place, statement)
    if rows is None:
        # The client of Spark takes a second to import.
        from local.engine.running.querying import query

        [rows] = query(place, statement)
    show(rows, output)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(sql)
