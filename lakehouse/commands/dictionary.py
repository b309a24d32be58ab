"""`lakehouse dictionary`: the page that describes every table."""

from pathlib import Path
from typing import Annotated

import typer

PAGE = Path("docs/data-dictionary.md")


def dictionary(
    page: Annotated[Path, typer.Option(help="The Markdown file to write.")] = PAGE,
) -> None:
    """Write the data dictionary from the tables' schemas and expectations."""
    from lakehouse.documents.data_dictionary import render

    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render(), encoding="utf-8")
    typer.echo(f"wrote {page}")


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(dictionary)
