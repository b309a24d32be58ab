"""`lakehouse rebuild`: streaming tables from the start, with all that is made from them."""

from enum import StrEnum
from typing import Annotated

import typer

from common.home import Home
from lakehouse.commands.options import ENGINE_VARIABLE, Engine, HomeOption


class Layer(StrEnum):
    """Where a rebuild begins."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


def rebuild(
    start: Annotated[
        Layer | None,
        typer.Option("--from", help="The layer that is built anew, with all that is made from it."),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(help="Begin with this table (schema.table) only, or with what it is made from."),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be reset; reset nothing.")] = False,
    env: Annotated[
        str | None, typer.Option(help="In this environment's workspace (dev, staging, prod, local).")
    ] = None,
    engine: Annotated[
        Engine, typer.Option(envvar=ENGINE_VARIABLE, help="As for `lakehouse run`; not with --env.")
    ] = Engine.AUTO,
    home: HomeOption = None,
) -> None:
    """Reset tables and write them from the start, in order; says first what that takes along.

    Exit code 1 when a table, the gate or the workspace fails.
    """
    from lakehouse.rebuilding import described_steps, steps_of

    steps = steps_of(start.value if start else None, select or [])
    for line in described_steps(steps):
        typer.echo(line)
    if plan:
        return
    if env:
        from infra.stack.environments import find_environment
        from lakehouse.remote_rebuild import rebuild_on

        whole = start in (None, Layer.BRONZE) and not select
        rebuild_on(find_environment(env), None if whole else steps, typer.echo)
        return
    _here(Home.find(home), {step.pipeline: step.tables for step in steps}, engine)


def _here(place: Home, tables: dict[str, tuple[str, ...]], engine: Engine) -> None:
    from lakehouse.main_job import rebuild_tables
    from lakehouse.output.progress import ProgressLines
    from local.engine.storage.lock import locked, purpose

    with ProgressLines() as progress, locked(place, purpose()):
        progress.ended(rebuild_tables(place, tables, progress.on_event, engine.value))


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(rebuild)
