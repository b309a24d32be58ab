"""The main job on one machine: write (medallion, CDC), audit (quality, its gate), publish (gold)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from common.counting import counted
from common.errors import UserError
from common.home import Home
from lakehouse.event_files import event_files_gone
from lakehouse.rebuilding import steps_of
from lakehouse.specs import spec_of
from local.engine.language.spec import PipelineSpec
from local.engine.planning.plan import Plan
from local.engine.planning.record import TableRecord, read_record
from local.engine.running.events import Event, OnEvent, UpdateResult
from local.engine.running.update import run_update
from local.engine.sessions.engines import EngineChoice
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.log import rewritten_since, table_names, table_path
from pipelines.catalog import CDC, GATE, GOLD, MEDALLION, PIPELINES, PRIVACY, QUALITY, WRITER, writer_of
from pipelines.lineage import FROM_FILES, SOURCES, STREAMING_TABLES
from pipelines.schemas.gold import PUBLICATION
from pipelines.schemas.utils import EVENT_JUDGEMENTS, RECONCILIATION, VERDICT

NEW_FILE = "the file is new or has changed: what it defines runs"


def _needed() -> dict[str, set[str]]:
    """All pipelines that must have succeeded before each, directly or not."""
    found: dict[str, set[str]] = {}
    for pipeline in PIPELINES:
        found[pipeline.name] = set(pipeline.after).union(*(found[name] for name in pipeline.after))
    return found


NEEDED = _needed()
OnPipelineEvent = Callable[[str, Event], None]
RunUpdate = Callable[[PipelineSpec, OnEvent], Iterable[UpdateResult]]


def pipelines_of(what: str, select: Sequence[str]) -> list[str]:
    """The pipelines of `medallion`, `cdc` or `all`, with quality and its gate; of `select`, when given.

    Gold is what the medallion's rows come to, so it follows that; who was erased goes before all.
    """
    if select:
        chosen = {_pipeline_of(table) for table in select}
    else:
        chosen = {MEDALLION.name, CDC.name} if what == "all" else {what}
        chosen |= {QUALITY.name, GATE.name} | ({GOLD.name} if MEDALLION.name in chosen else set())
    chosen.add(PRIVACY.name)
    return [pipeline.name for pipeline in PIPELINES if pipeline.name in chosen]


def _pipeline_of(table: str) -> str:
    pipeline = writer_of(table)
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
    """Updates the pipelines, each where those that it needs have succeeded; the caller holds the home's lock.

    Raises one UserError with those of all that failed, when everything that could run has run.
    """
    if full_refresh and select:
        raise UserError(
            "--full-refresh --select would leave what reads these tables wrong: "
            f"`lakehouse rebuild{''.join(f' --select {table}' for table in select)}` takes it along"
        )

    def update(spec: PipelineSpec, tell: OnEvent) -> Iterator[UpdateResult]:
        own = [table for table in select if _pipeline_of(table) == spec.name]
        start_over = [] if full_refresh else _to_start_over(home, spec.name)
        if start_over:
            yield run_update(
                spec, home, full_refresh_select=start_over, resets_all=True, engine=engine, on_event=tell
            )
        # All of them are: nothing is left behind that read what is gone.
        yield run_update(
            spec,
            home,
            full_refresh=full_refresh,
            select=own,
            resets_all=full_refresh,
            engine=engine,
            on_event=tell,
        )
        if spec.name == QUALITY.name and not select:
            yield from _judged_anew(home, tell, engine)

    return _in_order(home, names, update, on_event)


def _judged_anew(home: Home, tell: OnEvent, engine: EngineChoice) -> Iterator[UpdateResult]:
    """Builds anew what earlier rules have judged: on one machine nobody need be asked, as long as nothing is lost.

    Raises UserError where files that would be read again are gone.
    """
    rows = [*_rows(home, RECONCILIATION.name), *_rows(home, EVENT_JUDGEMENTS.name)]
    behind = [row["dataset"] for row in rows if row.get("outdated_records")]
    if not behind:
        return
    steps, changed = steps_of(None, behind), f"the rules of {', '.join(behind)} have changed"
    gone = event_files_gone(home, [name for step in steps for name in step.from_files])
    if gone:
        options = "".join(f" --select {name}" for name in behind)
        raise UserError(
            f"{changed}, and what they judged cannot be built anew whole: {counted(len(gone), 'file')} of change "
            f"events gone from {home.cdc}, such as {gone[0]}. Put back what is gone and run again, or go without it: "
            f"`lakehouse rebuild{options}`"
        )
    tell(Event("", "RUNNING", message=f"{changed}: what they judged is built anew"))
    there = set(table_names(home.warehouse))
    for step in steps:
        own = [name for name in step.tables if name in there]
        # The gate and gold come after this as ever.
        if own and step.pipeline in {MEDALLION.name, CDC.name, QUALITY.name}:
            spec = ready_part(spec_of(step.pipeline), home)
            yield run_update(
                spec, home, full_refresh_select=own, resets_all=True, engine=engine, on_event=tell
            )


def rebuild_tables(
    home: Home,
    tables: Mapping[str, Sequence[str]],
    on_event: OnPipelineEvent,
    engine: EngineChoice = "auto",
) -> list[UpdateResult]:
    """Resets the tables of each pipeline that are there, and writes them from the start; errors as run_pipelines'.

    Raises UserError when none of them is there.
    """
    there = set(table_names(home.warehouse))
    if not any(there.intersection(own) for own in tables.values()):
        raise UserError(f"none of these tables is in {home.path}: `lakehouse run` writes them")

    def rebuild(spec: PipelineSpec, tell: OnEvent) -> Iterator[UpdateResult]:
        own = [table for table in tables[spec.name] if table in there]
        if own:
            yield run_update(
                spec, home, full_refresh_select=own, resets_all=True, engine=engine, on_event=tell
            )

    return _in_order(home, tables, rebuild, on_event)


def _in_order(
    home: Home, names: Iterable[str], update: RunUpdate, on_event: OnPipelineEvent
) -> list[UpdateResult]:
    results: list[UpdateResult] = []
    failed: dict[str, str] = {}
    for spec in specs_of(home, names):
        if failed.keys() & NEEDED[spec.name]:
            continue

        def tell(event: Event, pipeline: str = spec.name) -> None:
            on_event(pipeline, event)

        try:
            results += update(spec, tell)
        except UserError as error:
            failed[spec.name] = str(error)
    if failed:
        raise UserError("\n".join([*failed.values(), *_age_of_gold(home, failed)]))
    return results


def _age_of_gold(home: Home, failed: Iterable[str]) -> Iterator[str]:
    """What readers of gold have, where it was not written since something before it failed."""
    rows = [] if GOLD.name in failed else _rows(home, PUBLICATION.name)
    read_until = rows[0]["read_until"] if rows else None
    if read_until:
        yield f"gold was not written: it stays as of what was read until {read_until:%Y-%m-%d %H:%M} UTC"


def _rows(home: Home, name: str) -> list[dict[str, Any]]:
    table = open_table(table_path(home.warehouse, name))
    return arrow_table(table).to_pylist() if table else []


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
    # As the volume of a workspace is.
    home.erasures.mkdir(parents=True, exist_ok=True)
    for name in names:
        spec = ready_part(spec_of(name), home)
        if spec.libraries:
            yield spec


def _to_start_over(home: Home, pipeline: str) -> list[str]:
    """The streaming tables of a pipeline of which a source was written anew since they read it.

    They would pass over that as over an erasure (`skipChangeCommits`).
    """

    def is_behind(ran: TableRecord) -> bool:
        read = {name: seen for name, seen in ran.tables.items() if name in FROM_FILES}
        return any(rewritten_since(table_path(home.warehouse, name), seen) for name, seen in read.items())

    tables = read_record(home, pipeline).tables
    return [name for name, ran in tables.items() if name in STREAMING_TABLES and is_behind(ran)]


def ready_part(spec: PipelineSpec, home: Home) -> PipelineSpec:
    """The part of a pipeline whose sources are there: what medallion, CDC and quality wrote, each or not yet."""
    there = set(table_names(home.warehouse))
    if spec.name == GOLD.name and VERDICT.name not in there:
        return replace(spec, libraries=[])
    return _with_tables_of(spec, there) if spec.name in {QUALITY.name, GATE.name} else spec


def _with_tables_of(spec: PipelineSpec, there: set[str]) -> PipelineSpec:
    own = [table for table in SOURCES if _pipeline_of(table) == spec.name]
    ready = there.difference(own)
    for table in own:
        ready |= {table} if ready.issuperset(SOURCES[table]) else set()
    files = [file for file in spec.files() if f"{spec.schema}.{file.stem}" in ready]
    return spec if ready.issuperset(own) else replace(spec, libraries=[str(file) for file in files])
