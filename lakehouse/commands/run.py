"""`lakehouse run`: update the pipelines."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from common.errors import UserError
from common.home import Home
from lakehouse.commands.options import Engine, EngineOption, HomeOption
from pipelines import catalog

if TYPE_CHECKING:
    from lakehouse.output.progress import ProgressLines
    from local.engine.running.events import UpdateResult


class What(StrEnum):
    """Which pipelines are updated."""

    MEDALLION = catalog.MEDALLION.name
    CDC = catalog.CDC.name
    ALL = "all"


def run(
    what: Annotated[
        What, typer.Argument(help="Which pipelines; quality and its gate follow either, gold the medallion.")
    ] = What.ALL,
    full_refresh: Annotated[
        bool,
        typer.Option(
            "--full-refresh",
            help="Forget what was read; read all files again. Not with --select: `lakehouse rebuild` is.",
        ),
    ] = False,
    select: Annotated[
        list[str] | None, typer.Option(help="Update this table only (schema.table); again for more.")
    ] = None,
    spec: Annotated[Path | None, typer.Option(help="A Spark pipeline spec of any other project.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why each table would be written or not; write none.")
    ] = False,
    engine: EngineOption = Engine.AUTO,
    home: HomeOption = None,
) -> None:
    """Update the tables that new files, changed code or changed tables make stale.

    Exit code 1 when an expectation or a file fails.
    """
    from lakehouse.main_job import pipelines_of, run_pipelines
    from lakehouse.output.progress import ProgressLines
    from local.engine.storage.lock import locked, purpose

    place = Home.find(home)
    chosen = select or []
    if spec is None and not place.raw.is_dir():
        raise UserError(
            f"{place.raw} is not there: `lakehouse generate` or `lakehouse load-olist` writes raw files"
        )
    if explain:
        _explain(place, what, spec, full_refresh or bool(chosen))
        return
    names = [] if spec else pipelines_of(what, chosen)
    with ProgressLines() as progress:
        if names and _run_on_dev_engine(place, names, full_refresh, chosen, engine, progress):
            return
        with locked(place, purpose()):
            if spec:
                progress.ended([_run_spec(place, spec, full_refresh, chosen, engine, progress)])
            else:
                progress.ended(
                    run_pipelines(place, names, full_refresh, chosen, progress.on_event, engine.value)
                )


def _run_on_dev_engine(
    place: Home,
    pipelines: list[str],
    full_refresh: bool,
    select: list[str],
    engine_choice: Engine,
    progress: "ProgressLines",
) -> bool:
    """Has the home's dev engine run; false where there is none."""
    from lakehouse.dev.client import engine_connection
    from lakehouse.dev.serving import identity, read_results
    from local.engine.running.events import Event

    with engine_connection(place, identity()) as engine:
        if engine is None:
            return False
        request = {
            "pipelines": pipelines,
            "full_refresh": full_refresh,
            "select": select,
            "engine": engine_choice,
        }
        for told in engine.run(request):
            if "event" in told:
                progress.on_event(told["pipeline"], Event.of(told["event"]))
            else:
                progress.ended(read_results(told["results"]))
    return True


def _explain(place: Home, what: What, spec: Path | None, forced: bool) -> None:
    from lakehouse.main_job import explain, pipelines_of, specs_of
    from lakehouse.output.show import show
    from local.engine.language.spec import read_spec
    from local.engine.running.rows import Rows

    if forced:
        raise UserError(
            "--explain tells of a run without --select and --full-refresh: these run what they name"
        )
    specs = [read_spec(spec)] if spec else specs_of(place, pipelines_of(what, ()))
    told = [(each.table, "runs" if each.runs else "-", each.reason) for each in explain(place, specs)]
    show(Rows(["table", "runs", "why"], told))


def _run_spec(
    place: Home, path: Path, full_refresh: bool, select: list[str], engine: Engine, progress: "ProgressLines"
) -> "UpdateResult":
    from local.engine.language.spec import read_spec
    from local.engine.running.update import run_update

    pipeline = read_spec(path)
    return run_update(
        pipeline,
        place,
        full_refresh=full_refresh and not select,
        select=() if full_refresh else select,
        full_refresh_select=select if full_refresh else (),
        engine=engine.value,
        on_event=lambda event: progress.on_event(pipeline.name, event),
    )


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(run)
