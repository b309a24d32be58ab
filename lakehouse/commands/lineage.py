"""`lakehouse lineage`: which columns a column is made of, and what is made of it."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from common.errors import UserError
from common.home import Home
from lakehouse.commands.options import HomeOption


class LineageFormat(StrEnum):
    """How lineage is written."""

    JSON = "json"
    OPENLINEAGE = "openlineage"
    MERMAID = "mermaid"


def lineage(
    select: Annotated[
        list[str] | None,
        typer.Option(help="This table or column only (schema.table, schema.table.column); again for more."),
    ] = None,
    output: Annotated[
        LineageFormat, typer.Option("--format", help="JSON, OpenLineage events or a Mermaid graph.")
    ] = LineageFormat.JSON,
    home: HomeOption = None,
) -> None:
    """Show what each column is made of and what is made of it, as the latest runs told; joins and filters apart."""
    from lakehouse.lineage.column_lineage import ColumnLineage
    from lakehouse.lineage.lineage_formats import as_json, as_mermaid, as_openlineage

    place = Home.find(home)
    known = ColumnLineage.of(place)
    if not known.tables:
        raise UserError(f"no run in {place.path} has told where columns come from yet: `lakehouse run`")
    asked = known.selected(select or [])
    if output is LineageFormat.MERMAID:
        print(as_mermaid(known, asked))
        return
    written = as_json(known, asked) if output is LineageFormat.JSON else as_openlineage(known, asked)
    print(json.dumps(written, ensure_ascii=False, indent=2))


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(lineage)
