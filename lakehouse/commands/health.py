"""`lakehouse health`: whether the tables are as fresh, as full and as clean as they should be."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from common.home import Home
from lakehouse.commands.options import HomeOption

if TYPE_CHECKING:
    from datetime import datetime

    from lakehouse.health.runs import UpdateRun

UNHEALTHY = 3


class HealthFormat(StrEnum):
    """How the health is written."""

    TERMINAL = "terminal"
    JSON = "json"


def health(
    env: Annotated[
        str | None, typer.Option("--env", help="Of this environment's workspace (dev, staging, prod, local).")
    ] = None,
    output: Annotated[
        HealthFormat, typer.Option("--format", help="How it is written.")
    ] = HealthFormat.TERMINAL,
    home: HomeOption = None,
) -> None:
    """Say how old each table is, what its last delivery brought and what of it was rejected, and what failed.

    Exit code 0: healthy. 3: something is late, unusual or failed. 1: it cannot be told. 2: wrong usage.
    """
    from datetime import UTC, datetime

    from lakehouse.health.report import report
    from lakehouse.health.show import as_json, pipeline_rows, table_rows
    from lakehouse.output.show import show

    now = datetime.now(UTC)
    found = report(_updates(env, home, now), now)
    if output is HealthFormat.JSON:
        typer.echo(as_json(found))
    else:
        show(pipeline_rows(found), title="Pipelines")
        show(table_rows(found), title="Tables")
        typer.echo("\n".join(found.problems) or "healthy")
    if found.problems:
        raise typer.Exit(UNHEALTHY)


def _updates(env: str | None, home: Path | None, now: "datetime") -> "list[UpdateRun]":
    from lakehouse.health.reading import updates_here, updates_of_workspace

    if env is None:
        return updates_here(Home.find(home))
    from infra.deploy.guard import PROFILE, credentials_of
    from infra.drift.reading.calls import Calls, drift_client
    from infra.stack.environments import find_environment

    environment = find_environment(env)
    client = drift_client(profile=credentials_of(environment).get(PROFILE))
    return updates_of_workspace(environment, Calls(client), now)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(health)
