"""`lakehouse workspace`: a Databricks workspace on this machine."""

from typing import Annotated

import typer

from common.home import Home
from lakehouse.commands.options import HomeOption

DEFAULT_PORT = 8123


def workspace(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = DEFAULT_PORT,
    home: HomeOption = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Empty the workspace first; tables and files in volumes stay.")
    ] = False,
    env: Annotated[
        str | None,
        typer.Option(
            help="Make the principals of this environment (dev, staging, prod or local), each with rights of its own."
        ),
    ] = None,
) -> None:
    """Start a Databricks workspace on 127.0.0.1 for Terraform, the SDK and the job; Ctrl-C ends it."""
    from local.workspace.http.server import serve_workspace

    principals = []
    if env:
        from infra.stack.environments import find_environment
        from lakehouse.deployment.principals import principals_of

        principals = principals_of(find_environment(env))
    found = Home.find(home)
    serve_workspace(found, port, reset=reset, ready=_print, principals=principals)


def _print(host: str, token: str) -> None:
    print(f"export DATABRICKS_HOST={host}", flush=True)
    print(f"export DATABRICKS_TOKEN={token}", flush=True)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(workspace)
