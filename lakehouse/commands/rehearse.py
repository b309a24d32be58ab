"""`lakehouse rehearse`: a whole deployment on this machine, from nothing to nothing."""

import tempfile
from pathlib import Path

import typer


def rehearse() -> None:
    """Start a workspace, deploy the stack, run the job, show the tables, look for drift, destroy.

    All in a temporary folder: the lakehouse in the home folder is not touched.
    """
    from lakehouse.deployment.rehearsal import rehearse as run

    with tempfile.TemporaryDirectory(prefix="lakehouse-rehearsal-") as folder:
        run(Path(folder), lambda line: print(line, flush=True))


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(rehearse)
