"""`lakehouse diff`: what a change of pipeline code does to the data."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.commands.options import ENGINE_VARIABLE, Engine
from lakehouse.difference.kinds import ChangeKind
from lakehouse.output.formats import format_by_suffix


class DiffFormat(StrEnum):
    """How the report is written."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


SUFFIXES = {".md": DiffFormat.MARKDOWN, ".json": DiffFormat.JSON, ".html": DiffFormat.HTML}


def diff(
    base: Annotated[
        str | None, typer.Argument(help="A revision of git; default: where HEAD left main.")
    ] = None,
    world: Annotated[
        str,
        typer.Option(help="Raw files: clean, dirty, olist, workspace:ENV, a home or a folder of volumes."),
    ] = "dirty",
    rows: Annotated[int, typer.Option(help="Orders that are sampled of a workspace.", min=1)] = 10_000,
    output: Annotated[
        DiffFormat, typer.Option("--format", help="How the report is written.")
    ] = DiffFormat.TERMINAL,
    write: Annotated[
        list[Path] | None,
        typer.Option(help="Also write it to this .md, .json or .html file; again for more."),
    ] = None,
    read: Annotated[
        Path | None, typer.Option(help="Run nothing: show what --write left in this .json file.")
    ] = None,
    fail_on: Annotated[
        list[ChangeKind] | None, typer.Option(help="Exit with 2 when any such thing changes; again for more.")
    ] = None,
    spec: Annotated[Path | None, typer.Option(help="A Spark pipeline spec of any other project.")] = None,
    engine: Annotated[
        Engine, typer.Option(envvar=ENGINE_VARIABLE, help="What runs the queries.")
    ] = Engine.AUTO,
) -> None:
    """Run the pipelines of a base revision and of the working tree on the same files, and say what differs.

    Both run in scratch homes below .cache; of the working tree only what the change makes stale. Exit code 2 also when
    a contract is broken whose version was not raised.
    """
    from common.checkout import REPOSITORY
    from lakehouse.difference.collecting import difference
    from lakehouse.difference.project import project_of
    from lakehouse.difference.rendering import RENDER
    from lakehouse.difference.report import read_report

    formats = {file: format_by_suffix(file, SUFFIXES) for file in write or []}
    if read:
        report = read_report(read)
    else:
        project = project_of(REPOSITORY, spec)
        cache = project.root / ".cache" / "difference"
        draws = DiffFormat.HTML in {output, *formats.values()}
        report = difference(project, base, world, cache, engine.value, rows, draws=draws)
    for file, chosen in formats.items():
        file.write_text(RENDER[chosen.value](report), encoding="utf-8")
    typer.echo(RENDER[output.value](report), nl=False)
    if report.breaks or any(map(report.found, fail_on or ())):
        raise typer.Exit(2)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(diff)
