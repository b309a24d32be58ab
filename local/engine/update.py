"""One update of a pipeline on open-source Spark Declarative Pipelines."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from grpc import RpcError
from pyspark.errors import PySparkException
from pyspark.pipelines.spark_connect_pipeline import start_run
from pyspark.sql import SparkSession

from common.errors import UserError
from common.home import Home
from local.engine import journal
from local.engine.catalog import attach, create_schemas
from local.engine.data_files import reading_files
from local.engine.definitions import Definitions, importable, load
from local.engine.delta_log import table_names
from local.engine.events import Event, UpdateResult
from local.engine.following import Follower, OnEvent
from local.engine.graph import Graph, build
from local.engine.lakeflow import supplied
from local.engine.past import Past
from local.engine.reads import Reads
from local.engine.session import start_engine
from local.engine.spec import PipelineSpec

GONE = (
    "Spark's process ended in the middle of the update: it was killed, or had too little memory (give it more with "
    "LAKEHOUSE_MEMORY=6g). What it did not complete is as before; run again"
)


def run_update(
    spec: PipelineSpec,
    home: Home,
    *,
    full_refresh: bool = False,
    select: Sequence[str] = (),
    full_refresh_select: Sequence[str] = (),
    on_event: OnEvent | None = None,
) -> UpdateResult:
    """Updates a pipeline's tables below `home`; the caller holds the home's lock.

    Without further arguments the stale tables are written (see staleness), which takes no engine when there is none.
    `full_refresh` forgets what was read and reads all again; `select` names the tables to update; `full_refresh_select`
    those to refresh in full. Raises UserError when a file is wrong, a table unknown or an expectation fails: the
    tables whose update did not complete are left as they were.
    """
    began = time.monotonic()
    tell = on_event or (lambda _: None)
    refresh = {
        "full_refresh": list(full_refresh_select),
        "full_refresh_all": full_refresh,
        "refresh": list(select),
    }
    past = Past.of(spec, home)
    events: list[Event] = []
    if any(refresh.values()) or not past.nothing_stale or journal.unfinished(home):
        events = _Update(past, refresh, tell).run()
    written = {event.dataset for event in events}
    fresh = [
        Event(name, "EXCLUDED", message=reason)
        for name, reason in past.fresh.items()
        if name not in written and not any(refresh.values())
    ]
    for event in fresh:
        tell(event)
    return UpdateResult(spec.name, [*events, *fresh], time.monotonic() - began)


class _Update:
    """One update that writes something."""

    def __init__(self, past: Past, refresh: dict[str, Any], tell: OnEvent) -> None:
        self._past = past
        self._spec = past.spec
        self._home = past.home
        self._refresh = refresh
        self._named = {*refresh["refresh"], *refresh["full_refresh"]}
        self._tell = tell
        self._engine = start_engine(past.home.warehouse)

    def run(self) -> list[Event]:
        """Writes what is to be written; returns the last event of each table."""
        session = self._engine.session()
        journal.restore(self._home, self._engine.pid)
        with supplied(self._home, self._engine.session()):
            definitions = self._loaded(session)
            running = self._running(definitions)
            self._engine.forget(kept=table_names(self._home.warehouse))
            attach(session, self._home)
            # Spark Connect ties what it can look up while a query is registered to the table as it is. It must not
            # find what the update itself writes, or the query would run before what it reads.
            with (
                self._engine.without(running),
                importable(self._spec.root),
                reading_files(self._home, definitions, running),
            ):
                graph = build(self._spec, session, definitions, running, self._has_nothing_new(running))
        reads = {name: graph.reads.get(name, Reads()) for name in running if definitions.followed()}
        written = self._past.look(definitions, reads, graph.passed_over)
        events = self._write(session, definitions, running, graph)
        self._engine.has_updated = True
        self._past.keep(written, whole=definitions.followed() and not self._named)
        return events

    def _loaded(self, session: SparkSession) -> Definitions:
        definitions = load(self._spec, session)
        schemas = {self._spec.schema, *(name.split(".")[0] for name in definitions.tables())}
        create_schemas(session, self._home, schemas)
        _check_names(definitions, self._named)
        return definitions

    def _running(self, definitions: Definitions) -> set[str]:
        """The tables to write; all of a pipeline in which not everything can be followed."""
        if self._refresh["full_refresh_all"] or not definitions.followed():
            return set(definitions.tables())
        return self._named or self._past.stale_of(definitions)

    def _has_nothing_new(self, running: set[str]) -> Callable[[str, Reads], bool]:
        if self._refresh["full_refresh_all"] or self._named:
            return lambda _, __: False
        return lambda table, reads: self._past.has_nothing_new(table, reads, running)

    def _write(
        self, session: SparkSession, definitions: Definitions, running: set[str], graph: Graph
    ) -> list[Event]:
        rewritten = definitions.rewritten() & running
        full = running if self._refresh["full_refresh_all"] else set(self._refresh["full_refresh"])
        refilled = (running & full) - rewritten
        journal.begin(self._home, self._engine.pid, rewritten, refilled)
        self._engine.forget(kept=table_names(self._home.warehouse))
        follower = Follower(self._spec.root, self._home, definitions, graph.flows, running, self._tell)
        try:
            for message in self._messages(session, definitions, graph):
                follower.follow(message)
        except (PySparkException, RpcError) as error:
            journal.restore(self._home, self._engine.pid)
            if self._engine.is_gone:
                raise UserError(GONE) from None
            if not isinstance(error, PySparkException):
                raise
            raise UserError(follower.reason(error)) from None
        journal.end(self._home)
        return list(follower.finished.values())

    def _messages(self, session: SparkSession, definitions: Definitions, graph: Graph) -> Iterator[str]:
        storage = f"file://{self._home.state}/pipelines/{self._spec.name}"
        # A graph of followed tables holds no other than those to write.
        refresh = {**self._refresh, "refresh": []} if definitions.followed() else self._refresh
        for result in start_run(session, graph.id, dry=False, storage=storage, **refresh):
            if "pipeline_event_result" in result:
                yield result["pipeline_event_result"].event.message


def _check_names(definitions: Definitions, names: Iterable[str]) -> None:
    known = definitions.tables()
    for name in names:
        if name not in known and not definitions.sql:
            raise UserError(f"{name} is no table of this pipeline; it has: {', '.join(sorted(known))}")
