"""`lakehouse parity`: the same world through both engines."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from common.counting import counted
from common.errors import UserError


def parity(
    orders: Annotated[int, typer.Option(help="New orders of each of the two runs.")] = 150,
    dirty: Annotated[
        float, typer.Option(help="Share of rows, 0 to 1, that get a defect in the second run.")
    ] = 0.05,
) -> None:
    """Run the same world on Sail and on Apache Spark, in scratch homes, and compare every table.

    Exit code 1 when any differs; the differences are listed by table, key and column.
    """
    from generator.errors import GeneratorError
    from lakehouse.parity import compare_worlds

    with TemporaryDirectory(prefix="parity-") as folder:
        try:
            found = compare_worlds(Path(folder), orders, dirty, typer.echo)
        except GeneratorError as error:
            raise UserError(str(error)) from error
    for each in found:
        typer.echo(f"{each.table} [{each.key}] {each.column}: sail {each.sail}, spark {each.spark}")
    if found:
        raise UserError(f"the engines differ in {counted(len({each.table for each in found}), 'table')}")
    typer.echo("the engines agree in every table")


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(parity)
