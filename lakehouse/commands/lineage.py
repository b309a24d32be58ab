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

    TEXT = "text"
    JSON = "json"
    OPENLINEAGE = "openlineage"
    MERMAID = "mermaid"


def lineage(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TABLE|TABLE.COLUMN]...", help="Tables or columns, such as gold.sales_performance."
        ),
    ] = None,
    output: Annotated[
        LineageFormat, typer.Option("--format", help="To read, JSON, OpenLineage events or a Mermaid graph.")
    ] = LineageFormat.TEXT,
    home: HomeOption = None,
) -> None:
    """Show what each column is made of and what breaks if it goes, as the latest runs told; joins and filters apart."""
    from lakehouse.lineage.column_lineage import ColumnLineage
    from lakehouse.lineage.lineage_formats import as_json, as_mermaid, as_openlineage
    from lakehouse.lineage.lineage_text import show_lineage

    place = Home.find(home)
    known = ColumnLineage.of(place)
    if not known.tables:
        raise UserError(f"no run in {place.path} has told where columns come from yet: `lakehouse run`")
    asked = known.selected(names or [])
    match output:
        case LineageFormat.TEXT:
            show_lineage(known, names or [])
        case LineageFormat.MERMAID:
            print(as_mermaid(known, asked))
        case LineageFormat.JSON:
            print(json.dumps(as_json(known, asked), ensure_ascii=False, indent=2))
        case LineageFormat.OPENLINEAGE:
            print(json.dumps(as_openlineage(known, asked), ensure_ascii=False, indent=2))


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(lineage)
