"""`lakehouse drift`: what in a workspace is not as the code says."""

import shutil
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from common.errors import UserError
from lakehouse.output.formats import format_by_suffix

if TYPE_CHECKING:
    from infra.drift.findings import Finding

DRIFT = 2
# The error of every wrong option, which typer has but does not export.
_WRONG_USE: Any = typer.BadParameter.__bases__


class DriftFormat(StrEnum):
    """How the findings are written."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"
    SARIF = "sarif"


SUFFIXES = {".json": DriftFormat.JSON, ".md": DriftFormat.MARKDOWN, ".sarif": DriftFormat.SARIF}


def drift(
    env: Annotated[str, typer.Option("--env", help="dev, staging, prod or local")],
    output: Annotated[
        DriftFormat, typer.Option("--format", help="how to write the findings")
    ] = DriftFormat.TERMINAL,
    plan: Annotated[
        Path | None, typer.Option(help="`terraform show -json PLANFILE`: says what an apply would undo")
    ] = None,
    write: Annotated[
        list[Path] | None, typer.Option(help="also write them to this .json, .md or .sarif file; repeatable")
    ] = None,
    ignore: Annotated[
        Path | None, typer.Option(help="known differences; default infra/drift-ignore.yml")
    ] = None,
) -> None:
    """Compare the code with the workspace of DATABRICKS_HOST, reading only; Terraform is not needed.

    Exit code 0: no drift. 2: drift. 1: the workspace cannot be read whole, or the stack is not there whole.
    """
    from infra.deploy.guard import PROFILE, check_workspace, credentials_of, current_workspace
    from infra.drift.detect import find_drift, synthesized
    from infra.drift.ignore import IGNORE_FILE, read_rules
    from infra.drift.reading.calls import Calls, drift_client
    from infra.review.plan import read_plan
    from infra.stack.environments import find_environment

    formats = {file: format_by_suffix(file, SUFFIXES) for file in write or []}
    environment = find_environment(env)
    rules = read_rules(ignore or IGNORE_FILE, environment.name)
    planned = read_plan(plan) if plan else None
    client = drift_client(profile=credentials_of(environment).get(PROFILE))
    if environment.workspace_id:
        check_workspace(environment, {}, current_workspace(client))
    with TemporaryDirectory() as folder:
        findings = find_drift(
            Calls(client), synthesized(environment, Path(folder)), plan=planned, rules=rules
        )
    for file, chosen in formats.items():
        file.write_text(_render(chosen, environment.name, findings), encoding="utf-8")
    typer.echo(_render(output, environment.name, findings), nl=False)
    if findings:
        raise typer.Exit(DRIFT)


def _render(chosen: DriftFormat, environment: str, findings: "list[Finding]") -> str:
    from infra.drift.render import as_json, as_markdown, as_terminal
    from infra.drift.sarif import as_sarif

    if chosen is DriftFormat.TERMINAL:
        return as_terminal(environment, findings, shutil.get_terminal_size((160, 40)).columns)
    texts = {DriftFormat.JSON: as_json, DriftFormat.MARKDOWN: as_markdown, DriftFormat.SARIF: as_sarif}
    return texts[chosen](environment, findings)


class _Strict(TyperCommand):
    """A wrong option would end with 2, which here means drift."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except _WRONG_USE as error:
            raise UserError(error.format_message()) from error


def register(app: typer.Typer) -> None:
    """Add the command to the CLI."""
    app.command("drift", cls=_Strict)(drift)
