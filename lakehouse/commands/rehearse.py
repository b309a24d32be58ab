"""`lakehouse rehearse`: a whole deployment on this machine, from nothing to nothing."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer


def rehearse(
    env: Annotated[str, typer.Option(help="The environment: dev, staging, prod or local.")] = "local",
) -> None:
    """Start a workspace, deploy the stack, run the job, show the tables, look for drift, destroy.

    Each step is taken by its own identity with no rights but its own. All in a temporary folder: the lakehouse in the
    home folder is not touched.
    """
    from infra.stack.environments import find_environment
    from lakehouse.deployment.rehearsal import rehearse as run

    # Before a workspace starts, which takes half a minute.
    find_environment(env)
    with tempfile.TemporaryDirectory(prefix="lakehouse-rehearsal-") as folder:
        run(Path(folder), lambda line: print(line, flush=True), env)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(rehearse)
