"""`lakehouse trace`: where a figure comes from."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from common.home import Home
from lakehouse.commands.options import HomeOption


class TraceFormat(StrEnum):
    """How a trace is written."""

    TABLE = "table"
    JSON = "json"


def trace(
    table: Annotated[str, typer.Argument(help="The table of the figure, schema.table.")],
    where: Annotated[
        str,
        typer.Option(
            help="Which of its rows, in SQL, such as \"customer_state = 'SP'\"; else the first ones."
        ),
    ] = "",
    column: Annotated[
        str, typer.Option(help="One column of it: traces only what its values are made of.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="So many rows of a table are traced and shown.")] = 20,
    output: Annotated[TraceFormat, typer.Option("--format", help="How it is written.")] = TraceFormat.TABLE,
    spec: Annotated[Path | None, typer.Option(help="The pipeline spec of any other project.")] = None,
    home: HomeOption = None,
) -> None:
    """Show where a row comes from: the rows behind it, down to file and line, with rules and cleaning."""
    from rich.console import Console

    from lakehouse.tracing.asked_trace import traced_rows
    from lakehouse.tracing.trace_formats import as_json, show_trace

    with Console(stderr=True).status("starting") as status:
        found = traced_rows(
            Home.find(home),
            table,
            where,
            limit,
            spec,
            column=column,
            on_table=lambda name: status.update(f"asking what is behind {name}"),
        )
    if output is TraceFormat.JSON:
        print(json.dumps(as_json(found), default=str, ensure_ascii=False, indent=2))
    else:
        show_trace(found)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(trace)
