"""`lakehouse plan-summary`: what a reviewer needs of a Terraform plan."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class SummaryFormat(StrEnum):
    """How the summary is written."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """What makes the exit code 2."""

    DANGEROUS = "dangerous"
    CHANGES = "changes"


def plan_summary(
    plan: Annotated[Path, typer.Argument(help="output of `terraform show -json PLANFILE`")],
    output: Annotated[
        SummaryFormat, typer.Option("--format", help="for a terminal or for a pull request")
    ] = SummaryFormat.TERMINAL,
    fail_on: Annotated[FailOn | None, typer.Option(help="exit with 2 when the plan has any")] = None,
    title: Annotated[str, typer.Option(help="what the plan is for")] = "Plan",
) -> None:
    """Summarize a Terraform plan: what is dangerous, whose access changes, each resource, each changed file.

    Exit code 1 when the file is no whole plan, 2 with `--fail-on dangerous` when the plan is dangerous, and with
    `--fail-on changes` when it changes anything but who owns an object.
    """
    from common.checkout import REPOSITORY
    from infra.review.plan import read_plan
    from infra.review.render import as_markdown, as_text
    from infra.review.summary import summarize

    summary = summarize(read_plan(plan), REPOSITORY)
    render = as_markdown if output is SummaryFormat.MARKDOWN else as_text
    typer.echo(render(title, summary), nl=False)
    found = {FailOn.DANGEROUS: summary.dangers, FailOn.CHANGES: summary.needs_apply}
    if fail_on and found[fail_on]:
        raise typer.Exit(2)


def register(app: typer.Typer) -> None:
    """Add the command to the CLI."""
    app.command("plan-summary")(plan_summary)
