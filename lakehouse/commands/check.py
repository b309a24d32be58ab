"""`lakehouse check`: what of a pipeline is wrong, before it runs."""

import gc
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from common.home import Home
from lakehouse.commands.options import HomeOption

if TYPE_CHECKING:
    from local.engine.checking.findings import Finding


class FindingFormat(StrEnum):
    """How the findings are written."""

    TERMINAL = "terminal"
    JSON = "json"
    SARIF = "sarif"


def check(
    spec: Annotated[
        Path | None, typer.Option(help="A Spark pipeline spec of any other project; else this repository's.")
    ] = None,
    output: Annotated[
        FindingFormat, typer.Option("--format", help="How the findings are written.")
    ] = FindingFormat.TERMINAL,
    home: HomeOption = None,
) -> None:
    """Say what of the pipelines is wrong, by file and line, without running anything.

    Exit code 1 when something is.
    """
    from lakehouse.output.findings import rendered_findings

    # The command ends soon: what looks for garbage takes a tenth of its time, and as much when it begins again.
    gc.disable()
    try:
        findings = _checked(spec, Home.find(home))
    finally:
        gc.freeze()
        gc.enable()
    typer.echo(rendered_findings(findings, output.value), nl=False)
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


def _checked(spec: Path | None, home: Home) -> "list[Finding]":
    from lakehouse.specs import all_specs
    from local.engine.checking.check import check as checked

    return checked(all_specs(spec), home)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(check)
