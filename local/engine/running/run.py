"""Runs one update: which tables, in which order, and what becomes of those that read a failed one."""

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from uuid import uuid4

from pyspark.errors import PySparkException

from common.disk import DiskFull, told_when_full
from common.errors import UserError
from local.engine.evaluating.configuring import configured_session
from local.engine.evaluating.observing import ChangesSession
from local.engine.evaluating.reading import NeedsTable, Reading, ReadsFailed
from local.engine.evaluating.work import Work, local_path, scratch_folder
from local.engine.language.definitions import Definitions
from local.engine.language.loading.active_session import active
from local.engine.language.loading.loading import load_pipeline, running
from local.engine.language.model import Dataset, EventHook, Kind
from local.engine.planning.inputs import Inputs
from local.engine.planning.plan import Plan
from local.engine.planning.record import TableRecord
from local.engine.planning.staleness import NEVER
from local.engine.running.event_hooks import call_hooks
from local.engine.running.events import Event, OnEvent
from local.engine.running.logging import log_events
from local.engine.running.opening import opened_session
from local.engine.running.refresh import Refresh
from local.engine.running.turns import InCircle, Turns, called_in_turn
from local.engine.sessions.client import interruptible
from local.engine.sessions.engines import EngineChoice, EngineName
from local.engine.sessions.errors import NeedsSpark, engine_error
from local.engine.storage.kept_lineage import TableLineage, keep_lineage, pipeline_lineage
from local.engine.storage.progress import Progress
from local.engine.writing.cdc_table import write_cdc_table
from local.engine.writing.sinks import write_sink
from local.engine.writing.snapshot_table import write_snapshot_table
from local.engine.writing.table import Written, write_table
from local.engine.writing.told_lineage import ToldLineage

ASKED = "it was asked for"
READS_NEW = "it reads a table that runs for the first time"
# One waits for the interpreter while the engine works for the others. More hold each other up, and all hold their rows
# in memory.
_AT_ONCE = min(4, (os.cpu_count() or 1) + 1)


@dataclass
class RunningUpdate:
    """One update that writes something."""

    plan: Plan
    refresh: Refresh
    tell: OnEvent
    choice: EngineChoice = "auto"
    engine: EngineName = "sail"
    id: str = field(default_factory=lambda: uuid4().hex)
    events: list[Event] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    written: dict[str, TableRecord] = field(default_factory=dict)
    lineage: dict[str, Mapping[str, ToldLineage | None]] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    loading: Inputs = field(default_factory=Inputs)
    hooks: list[EventHook] = field(default_factory=list)
    stopped: bool = False
    _begun: set[str] = field(default_factory=set)
    _delivered: set[tuple[str, str]] = field(default_factory=set)
    _telling: Lock = field(default_factory=Lock)

    def run(self) -> list[Event]:
        """Writes what is to be written; returns the last event of each table."""
        spec, home = self.plan.spec, self.plan.home
        with scratch_folder(home) as scratch:
            try:
                self._run_on("spark" if self.choice == "spark" else "sail", scratch)
            except NeedsSpark as need:
                if self.choice != "auto":
                    raise
                self.tell(
                    Event(
                        "", "RUNNING", message=f"the rest runs on Apache Spark: {need.function}: {need.why}"
                    )
                )
                try:
                    self._run_on("spark", scratch)
                except UserError as error:
                    # Such as Java that is missing: what Sail has written is written.
                    self.errors.append(str(error))
        lines = log_events(home, spec.name, self.id, self.events)
        for message in call_hooks(self.hooks, lines):
            self.tell(Event("", "RUNNING", message=message))
        self.plan.keep(self.written, whole=self.refresh.is_whole and not self.errors)
        self._keep_lineage()
        if self.errors:
            raise UserError("\n".join(sorted(self.errors)))
        return self.events

    def _keep_lineage(self) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        found = [
            TableLineage(name, self.plan.spec.name, self.id, at, flows)
            for name, flows in self.lineage.items()
            if flows
        ]
        keep_lineage(self.plan.home, self.plan.spec.name, found, self.defined)

    def _run_on(self, engine: EngineName, scratch: Path) -> None:
        spec, home, self.engine = self.plan.spec, self.plan.home, engine
        known = {one.name: one.flows for one in pipeline_lineage(home, spec.name)}
        with opened_session(engine) as (session, observer):
            observer.current = spec.current

            def work_of(definitions: Definitions) -> Work:
                return Work(
                    home,
                    spec.name,
                    definitions,
                    session,
                    observer,
                    scratch,
                    engine,
                    known_lineage=known,
                    delivered=self._delivered,
                )

            def reading(definitions: Definitions) -> AbstractContextManager[None]:
                files = Reading(work_of(definitions), "a file", Progress())
                self.loading = files.inputs
                return session.reading(files)

            definitions = load_pipeline(
                spec, session, lambda path: local_path(home, spec.root, path), reading
            )
            self._check_names(definitions)
            self.hooks = definitions.event_hooks
            self.defined = {*definitions.targets()}
            called_in_turn(definitions)
            work = work_of(definitions)
            work.pending = self._running(definitions)
            with running(definitions, session):
                self._write_all(work)

    def _running(self, definitions: Definitions) -> set[str]:
        """The tables still to be written."""
        named = {*self.refresh.named, *self.refresh.named_in_full}
        if self.refresh.all_in_full:
            wanted = set(definitions.targets())
        else:
            wanted = {definitions.resolve(name) for name in named} or self.plan.stale_of(definitions)
        return wanted - {event.dataset for event in self.events}

    def _check_names(self, definitions: Definitions) -> None:
        known = definitions.targets()
        for name in (*self.refresh.named, *self.refresh.named_in_full):
            if definitions.resolve(name) not in known:
                raise UserError(f"{name} is no table of this pipeline; it has: {', '.join(sorted(known))}")

    def _write_all(self, work: Work) -> None:
        names = [name for name in work.definitions.targets() if name in work.pending]
        read_before = {name: ran.tables.keys() for name, ran in self.plan.record.tables.items()}
        work.at_once = 1 if _changes_session(work.definitions) else _AT_ONCE
        threads = min(work.at_once, len(names))
        turns = Turns(names, read_before, threads)
        work.observer.is_alone = lambda: not work.split and turns.is_alone()
        with ThreadPoolExecutor(max(threads, 1)) as pool, interruptible(work.session):
            try:
                for one in [pool.submit(self._write_in_turn, work, turns) for _ in range(threads)]:
                    one.result()
            except KeyboardInterrupt:
                # It has ended Sail, too: what fails now needs not be told.
                self.stopped = True
                raise
            finally:
                turns.stop()

    def _write_in_turn(self, work: Work, turns: Turns) -> None:
        try:
            with active(work.session):
                while name := turns.take():
                    try:
                        self._write_now(work, name)
                    except NeedsTable as need:
                        turns.put_back(name, need.name)
                    except ChangesSession:
                        work.at_once = 1
                        turns.put_back(name)
                    else:
                        turns.done(name)
        except InCircle as circle:
            place = work.definitions.datasets[circle.name].place.shown(work.definitions.root)
            raise UserError(f"{place}: {circle}") from None
        finally:
            turns.stop()

    def _write_now(self, work: Work, name: str) -> None:
        dataset = work.definitions.datasets[name]
        began = time.monotonic()
        if name not in self._begun:
            # Who finds that it reads a table that is not written yet begins again.
            self._begun.add(name)
            self._tell(Event(name, "RUNNING"))
        try:
            full = self.refresh.in_full(work.definitions.resolve, name, dataset.properties)
            with told_when_full(work.home.path):
                written = write_dataset(work, dataset, full=full)
        except NeedsSpark as need:
            if self.choice == "auto":
                raise
            self._failed(work, name, str(need), began)
        except DiskFull as full:
            # Nothing else could be written, either.
            self._failed(work, name, str(full), began)
            raise
        except UserError as error:
            self._failed(work, name, str(error), began)
        except ReadsFailed as source:
            message = f"it reads {source.name}, which could not be written"
            self._left(work, Event(name, "SKIPPED", message=message))
        else:
            self._completed(work, name, written, time.monotonic() - began)

    def _completed(self, work: Work, name: str, written: Written, seconds: float) -> None:
        work.pending.discard(name)
        written.inputs.add(self._read_by_files(work.definitions))
        record = self.plan.look(name, written.inputs, work.definitions)
        self.written[name] = replace(record, seconds=round(seconds, 3))
        self.lineage[name] = written.lineage
        counts = tuple(written.counts)
        self._tell(
            Event(
                name,
                "COMPLETED",
                written.rows,
                seconds,
                dropped=written.dropped,
                dropped_in_views=written.dropped_in_views,
                expectations=counts,
            )
        )

    def _read_by_files(self, definitions: Definitions) -> Inputs:
        """What the files read while they were loaded, which any table may depend on.

        A table of the pipeline itself is not followed: it may in turn read any other.
        """
        own = self.loading.tables & definitions.tables().keys()
        unknown = {f"{name}, which a file reads while it is loaded" for name in own}
        return replace(self.loading, tables=self.loading.tables - own, unknown=self.loading.unknown | unknown)

    def _failed(self, work: Work, name: str, message: str, began: float) -> None:
        self.errors.append(message)
        self._left(work, Event(name, "FAILED", seconds=time.monotonic() - began, message=message))

    def _left(self, work: Work, event: Event) -> None:
        """A table stays as it was, and what reads it does, too."""
        work.failed.add(event.dataset)
        work.pending.discard(event.dataset)
        self._tell(event)

    def _tell(self, event: Event) -> None:
        event = replace(event, why=self._why(event.dataset))
        with self._telling:
            if self.stopped:
                return
            if event.state != "RUNNING":
                self.events.append(event)
            self.tell(event)

    def _why(self, table: str) -> str:
        if not self.refresh.is_whole or self.refresh.all_in_full:
            return ASKED
        new = READS_NEW if table in self.plan.record.tables else NEVER
        return self.plan.stale.get(table, new)


def _changes_session(definitions: Definitions) -> bool:
    """Whether what holds for one table's flows would be seen by those of another that is written beside it."""
    datasets = definitions.datasets.values()
    return any(one.spark_conf for one in (*datasets, *definitions.flows)) or any(
        one.foreach_batch for one in datasets
    )


def write_dataset(work: Work, dataset: Dataset, *, full: bool) -> Written:
    """Writes what a dataset has new, by the kind of its flows; all of it, from the start, when `full`.

    Raises UserError with the place of the dataset, and NeedsSpark for what Sail lacks.
    """
    try:
        return _written(work, dataset, full=full)
    except PySparkException as error:
        raise engine_error(error, f"{dataset.place.shown(work.definitions.root)}: {dataset.name}") from None


def _written(work: Work, dataset: Dataset, *, full: bool) -> Written:
    if dataset.kind == Kind.SINK:
        return write_sink(work, dataset, full=full)
    cdc = [flow for flow in work.definitions.cdc_flows if flow.target == dataset.name]
    snapshots = [flow for flow in work.definitions.snapshot_flows if flow.target == dataset.name]
    if not cdc and not snapshots:
        return write_table(work, dataset, full=full)
    with configured_session(work.session, dataset.spark_conf):
        if cdc:
            return write_cdc_table(work, dataset, cdc, full=full)
        return write_snapshot_table(work, dataset, snapshots, full=full)
