"""One update of a pipeline on open-source Spark Declarative Pipelines."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.pipelines.spark_connect_pipeline import start_run
from pyspark.sql import SparkSession

from local.engine import journal
from local.engine.catalog import attach, create_schemas
from local.engine.definitions import Definitions, load, shown_file
from local.engine.delta_log import commits_after, latest_version, table_names, table_path
from local.engine.events import Event, State, UpdateResult, spark_message
from local.engine.graph import build
from local.engine.lakeflow import supplied
from local.engine.session import Engine, start_engine
from local.engine.spec import PipelineSpec
from local.errors import UserError
from local.home import Home

FLOW_STATE = re.compile(r"Flow '?(?P<flow>[^' ]+)'? (?:is|has|was) (?P<state>[A-Z]+)")
UNRESOLVED = re.compile(
    r"Failed to resolve flow: '(?P<flow>[^']+)'\.\s*(?:Error: )?(?P<reason>.+)", re.DOTALL
)
EXPECTATION = re.compile(r"expectation '[^']+' of (?P<dataset>\S+) failed")
STATES: dict[str, State] = {
    "RUNNING": "RUNNING",
    "COMPLETED": "COMPLETED",
    "FAILED": "FAILED",
    "SKIPPED": "SKIPPED",
}

OnEvent = Callable[[Event], None]


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

    `full_refresh` forgets what was read and reads all again; `select` names the tables to update, all when empty;
    `full_refresh_select` those to refresh in full. Raises UserError when a file is wrong, a table unknown or an
    expectation fails: the tables whose update did not complete are left as they were.
    """
    began = time.monotonic()
    engine = start_engine(home.warehouse)
    session = engine.session()
    journal.restore(home, session)
    engine.forget()
    with supplied(home, engine.session()):
        definitions = _loaded(spec, session, home)
        _check_names(definitions, [*select, *full_refresh_select])
        # Spark Connect ties what it can look up while a query is registered to the table as it is. It must not find
        # what the pipeline itself writes, or the query would run before what it reads.
        attach(session, home, set(table_names(home.warehouse)) - definitions.tables().keys())
        graph = build(spec, session, definitions)
    attach(session, home)
    update = _Update(spec, home, definitions, on_event or (lambda _: None))
    refresh = {
        "full_refresh": list(full_refresh_select),
        "full_refresh_all": full_refresh,
        "refresh": list(select),
    }
    update.run(engine, session, graph, f"file://{home.state}/pipelines/{spec.name}", refresh)
    return UpdateResult(spec.name, list(update.finished.values()), time.monotonic() - began)


def _loaded(spec: PipelineSpec, session: SparkSession, home: Home) -> Definitions:
    for key, value in spec.configuration.items():
        session.conf.set(key, value)
    definitions = Definitions(spec.schema)
    load(spec, session, definitions)
    create_schemas(session, home, {spec.schema, *(name.split(".")[0] for name in definitions.tables())})
    return definitions


def _check_names(definitions: Definitions, names: Iterable[str]) -> None:
    known = definitions.tables()
    for name in names:
        if name not in known and not definitions.sql:
            raise UserError(f"{name} is no table of this pipeline; it has: {', '.join(sorted(known))}")


class _Update:
    """The run of one graph: follows Spark's events and keeps the tables whole."""

    def __init__(self, spec: PipelineSpec, home: Home, definitions: Definitions, on_event: OnEvent) -> None:
        self.home = home
        self._root = spec.root
        self._unresolved: dict[str, str] = {}
        self.finished: dict[str, Event] = {}
        self._definitions = definitions
        self._tell = on_event
        self._targets = {flow.name: flow.target for flow in definitions.flows}
        self._open = Counter(self._targets.values())
        self._began: dict[str, float] = {}
        self._versions = {
            name: latest_version(table_path(home.warehouse, name)) for name in definitions.tables()
        }

    def run(
        self, engine: Engine, session: SparkSession, graph: str, storage: str, refresh: dict[str, Any]
    ) -> None:
        streaming = self._definitions.tables().keys() - self._definitions.rewritten()
        chosen = streaming if refresh["full_refresh_all"] else streaming & set(refresh["full_refresh"])
        journal.begin(self.home, self._definitions.rewritten(), chosen)
        try:
            for message in _messages(start_run(session, graph, dry=False, storage=storage, **refresh)):
                self._follow(message)
        except PySparkException as error:
            journal.restore(self.home, engine.session())
            raise UserError(self._reason(error)) from None
        journal.end(self.home)

    def _reason(self, error: PySparkException) -> str:
        """What a person needs of an error of Spark's: file and line, then the expectation or Spark's message."""
        failed = {name: event.message for name, event in self.finished.items() if event.state == "FAILED"}
        expectation = EXPECTATION.search("\n".join([*failed.values(), str(error)]))
        if expectation:
            return f"{self._place(expectation['dataset'])}{expectation[0]}"
        reasons = self._unresolved or failed
        told = [f"{self._place(name)}{name}: {reason}" for name, reason in reasons.items()]
        return "\n".join(told) or spark_message(error)

    def _place(self, dataset: str) -> str:
        """`file:line: ` of the code that defines a dataset; empty for one that a SQL file defines."""
        output = self._definitions.outputs.get(dataset)
        if output is None:
            return ""
        place = output.source_code_location
        return f"{shown_file(Path(place.filename), self._root)}:{place.line_number}: "

    def _follow(self, message: str) -> None:
        unresolved = UNRESOLVED.match(message)
        if unresolved:
            # What only reads from a flow with an error says no more than that.
            name = ".".join(unresolved["flow"].replace("`", "").split(".")[-2:])
            self._unresolved[name] = unresolved["reason"].split(";\n")[0].strip()
        found = FLOW_STATE.match(message)
        if not found or found["state"] not in STATES:
            return
        flow = ".".join(found["flow"].replace("`", "").split(".")[-2:])
        dataset = self._targets.get(flow) or self._targets.get(flow.split(".")[-1]) or flow
        state = STATES[found["state"]]
        if state == "RUNNING" and dataset in self._began:
            return
        self._began.setdefault(dataset, time.monotonic())
        self._open[dataset] -= state == "COMPLETED"
        if state == "COMPLETED" and self._open[dataset] > 0:
            return
        seconds = time.monotonic() - self._began[dataset]
        event = Event(dataset, state, self._rows(dataset) if state == "COMPLETED" else None, seconds, message)
        if state != "RUNNING":
            self.finished[dataset] = event
        self._tell(event)

    def _rows(self, dataset: str) -> int | None:
        if dataset.count(".") != 1:
            return None
        commits = commits_after(table_path(self.home.warehouse, dataset), self._versions.get(dataset))
        figures = [commit.rows for commit in commits if commit.rows is not None]
        return sum(figures) if figures else None


def _messages(results: Iterator[dict[str, Any]]) -> Iterator[str]:
    for result in results:
        if "pipeline_event_result" in result:
            yield result["pipeline_event_result"].event.message
