"""The main job on one machine: medallion, CDC and quality, in this order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from common.errors import UserError
from common.home import Home
from lakehouse.specs import spec_of
from local.engine.language.spec import PipelineSpec
from local.engine.planning.plan import Plan
from local.engine.planning.record import read_record
from local.engine.running.events import Event, UpdateResult
from local.engine.running.update import run_update
from local.engine.sessions.engines import EngineChoice
from local.engine.storage.log import rewritten_since, table_names, table_path
from pipelines.catalog import CDC, MEDALLION, PIPELINES, QUALITY, WRITER
from pipelines.schemas.utils import QUARANTINE

NEW_FILE = "the file is new or has changed: what it defines runs"

OnPipelineEvent = Callable[[str, Event], None]


def pipelines_of(what: str, select: Sequence[str]) -> list[str]:
    """The pipelines of `medallion`, `cdc` or `all`, with the quality of what they wrote; of `select`, when given."""
    if select:
        chosen = {_pipeline_of(table) for table in select}
    else:
        chosen = {MEDALLION.name, CDC.name} if what == "all" else {what}
        chosen.add(QUALITY.name)
    return [pipeline.name for pipeline in PIPELINES if pipeline.name in chosen]


def _pipeline_of(table: str) -> str:
    pipeline = WRITER.get(table.split(".", maxsplit=1)[0])
    if table.count(".") != 1 or pipeline is None:
        raise UserError(f"--select {table}: name a table as schema.table, of the schemas {', '.join(WRITER)}")
    return pipeline.name


def run_pipelines(
    home: Home,
    names: Iterable[str],
    full_refresh: bool,
    select: Sequence[str],
    on_event: OnPipelineEvent,
    engine: EngineChoice = "auto",
) -> list[UpdateResult]:
    """Updates the pipelines one after the other; the caller holds the home's lock. Errors as run_update's."""
    results = []
    for spec in specs_of(home, names):
        own = [table for table in select if _pipeline_of(table) == spec.name]

        def tell(event: Event, pipeline: str = spec.name) -> None:
            on_event(pipeline, event)

        if spec.name == QUALITY.name and not full_refresh and _must_start_over(home):
            start_over = [QUARANTINE.name]
            results.append(
                run_update(spec, home, full_refresh_select=start_over, engine=engine, on_event=tell)
            )
        results.append(
            run_update(
                spec,
                home,
                full_refresh=full_refresh and not own,
                select=() if full_refresh else own,
                full_refresh_select=own if full_refresh else (),
                engine=engine,
                on_event=tell,
            )
        )
    return results


@dataclass(frozen=True)
class Explanation:
    """Whether the next update writes a table (or what a new or changed file defines), and why."""

    table: str
    runs: bool
    reason: str


def explain(home: Home, specs: Iterable[PipelineSpec]) -> list[Explanation]:
    """What the next updates of the pipelines would write, one after the other; needs no engine."""
    told: list[Explanation] = []
    for spec in specs:
        running = [each.table for each in told if each.runs]
        plan = Plan.of(spec, home, running)
        known = {file for ran in plan.record.tables.values() for file in ran.code}
        new = [file for file in plan.new_files if file not in known]
        told += [Explanation(file, True, NEW_FILE) for file in new]
        told += [Explanation(table, True, reason) for table, reason in plan.stale.items()]
        told += [Explanation(table, False, reason) for table, reason in plan.fresh.items()]
    return told


def specs_of(home: Home, names: Iterable[str]) -> Iterator[PipelineSpec]:
    """The pipelines of these names, each with what of it has something to read by the time that it is asked for."""
    for name in names:
        spec = spec_of(name)
        if name == QUALITY.name:
            spec = _with_sources(spec, home)
        if spec.libraries:
            yield spec


def _must_start_over(home: Home) -> bool:
    """Whether a source of the quarantine was written anew since that read it: a stream cannot go past that."""
    read = read_record(home, QUALITY.name).tables.get(QUARANTINE.name)
    sources = read.tables if read else {}
    return any(rewritten_since(table_path(home.warehouse, name), seen) for name, seen in sources.items())


def _with_sources(quality: PipelineSpec, home: Home) -> PipelineSpec:
    """The part of quality whose sources are there: it reads what medallion and what CDC wrote."""
    present = {name.split(".")[0] for name in table_names(home.warehouse)}
    if {"gold", "cdc"} <= present:
        return quality
    return replace(quality, libraries=["pipelines/quality/quarantine.py"] if "bronze" in present else [])
