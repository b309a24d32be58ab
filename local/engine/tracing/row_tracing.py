"""Asks the queries of a home's pipelines again which rows of their sources are behind rows of theirs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from common.errors import UserError
from common.home import Home
from common.sql_text import quoted
from local.engine.evaluating.configuring import configured_session
from local.engine.evaluating.expectations import passes
from local.engine.evaluating.observing import PlanObserver
from local.engine.evaluating.session import PipelineSession, TableRead
from local.engine.evaluating.work import local_path
from local.engine.language.definitions import AnyFlow, Definitions
from local.engine.language.loading.loading import load_pipeline, running
from local.engine.language.model import CdcFlow, Flow
from local.engine.language.spec import PipelineSpec
from local.engine.lineage.traced_rows import TracedRows
from local.engine.running.opening import session_on
from local.engine.running.querying import HomeTables
from local.engine.sessions import sail
from local.engine.sessions.errors import spark_message
from local.engine.storage.delta import open_table, schema_of
from local.engine.storage.log import table_path
from local.engine.tracing.asking import Asking
from local.engine.tracing.batch_reading import BatchReading, ReadsFiles
from local.engine.tracing.carried_rows import NotTraceable
from local.engine.tracing.change_step import rows_behind_changes
from local.engine.tracing.query_step import rows_behind_query
from local.engine.tracing.source_rows import Judged, RowValues, TraceStep
from local.engine.tracing.tracer import Tracer
from local.engine.tracing.wrong_conditions import wrong_condition

# The column in which a table that reads files keeps their path.
SOURCE_FILE = "_source_file"


class RowTracing:
    """Traces rows of a home's tables, one step at a time.

    `specs` are the pipelines by which tables are looked for; `keys_of` gives the columns by which a table's rows are
    told apart, where it has any.
    """

    def __init__(
        self,
        home: Home,
        session: PipelineSession,
        observer: PlanObserver,
        tracer: Tracer,
        specs: Callable[[str], Sequence[PipelineSpec]],
        keys_of: Callable[[str], Sequence[str]],
    ) -> None:
        self._home, self._session, self._observer, self._tracer = home, session, observer, tracer
        self._specs, self._keys_of = specs, keys_of
        self._loaded: dict[str, Definitions] = {}

    def rows(self, table: str, where: str, at_most: int) -> tuple[list[RowValues], int]:
        """The first rows of a table that meet a condition in SQL, and how many do. UserError with what is wrong."""
        names = map(quoted, table.split("."))
        # On lines of its own and in brackets: a comment at its end leaves out nothing, a union adds nothing.
        query = f"from {'.'.join(names)} where (\n{where or 'true'}\n)"
        try:
            with self._session.reading(HomeTables(self._home, self._session, "sail")):
                [[count]] = self._session.sql(f"select count(*) {query}").toArrow().to_pydict().values()
                found = self._session.sql(f"select * {query} limit {at_most}").toArrow()
        except PySparkException as error:
            stored = open_table(table_path(self._home.warehouse, table))
            columns = schema_of(stored).names if stored else []
            raise UserError(f"the condition {where}: {wrong_condition(error, table, columns)}") from None
        return found.to_pylist(), count

    def behind(self, table: str, rows: Sequence[RowValues]) -> TraceStep:
        """What is behind rows of a table, as they stand in it."""
        step = TraceStep(rows)
        definitions = self._defining(table)
        if definitions is None:
            step.notes.append("no pipeline that is known here makes it")
            return step
        flows = [one for one in definitions.all_flows() if one.target == table]
        asked = [self._ask(step, definitions, flow, is_alone=len(flows) == 1) for flow in flows]
        step.check(asked_all=all(asked))
        if len(flows) > 1:
            # Each flow has its own.
            step.origins = TracedRows()
        return step

    def _ask(self, step: TraceStep, definitions: Definitions, flow: AnyFlow, *, is_alone: bool) -> bool:
        """Whether the flow could be asked; if not, the step notes why."""
        try:
            self._follow(step, definitions, flow, is_alone=is_alone)
        except ReadsFiles as reason:
            step.from_files = True
            if SOURCE_FILE not in step.rows[0]:
                step.notes.append(f"{flow.name}: {reason}, and it keeps no {SOURCE_FILE}")
        except (NotTraceable, UserError, PySparkException, pa.ArrowException) as reason:
            step.notes.append(f"{flow.name} is not traced by row: {spark_message(reason)}")
        else:
            return True
        return False

    def judged(self, table: str, rows: Sequence[RowValues]) -> list[Judged]:
        """How rows of a table meet its own expectations."""
        definitions = self._defining(table)
        rules = definitions.datasets[table].expectations if definitions else ()
        stored = open_table(table_path(self._home.warehouse, table))
        if not rules or not rows or stored is None:
            return []
        schema = schema_of(stored)
        values = [tuple(row[name] for name in schema.names) for row in rows]
        frame = self._session.createDataFrame(values, schema)
        counts = [F.count_if(passes(rule)).alias(str(number)) for number, rule in enumerate(rules)]
        [passed] = frame.agg(*counts).toArrow().to_pylist()
        return [
            Judged(rule.name, rule.action, kept, len(rows) - kept)
            for rule, kept in zip(rules, passed.values(), strict=True)
        ]

    def _defining(self, table: str) -> Definitions | None:
        for spec in self._specs(table):
            if spec.name not in self._loaded:
                to_local = lambda path, root=spec.root: local_path(self._home, root, path)  # noqa: E731
                self._observer.current = spec.current
                self._loaded[spec.name] = load_pipeline(spec, self._session, to_local)
            if table in self._loaded[spec.name].tables():
                return self._loaded[spec.name]
        return None

    def _follow(self, step: TraceStep, definitions: Definitions, flow: AnyFlow, *, is_alone: bool) -> None:
        reading = BatchReading(definitions, self._session, self._home.warehouse)
        asking = Asking(self._tracer, reading)
        self._observer.current = definitions.current
        own = flow.spark_conf if isinstance(flow, Flow) else {}
        # Pipelines share the session, and may set one setting each in its own way.
        settings = configured_session(self._session, {**definitions.configuration, **own})
        with settings, running(definitions, self._session), self._session.reading(reading):
            match flow:
                case Flow():
                    rows_behind_query(step, flow, asking, self._keys_of(flow.target))
                case CdcFlow() if is_alone:
                    view = reading.view_of(flow.source)
                    events = reading.view(view) if view else reading.table(TableRead(flow.source))
                    rows_behind_changes(step, flow, events, view.expectations if view else (), asking)
                case CdcFlow():
                    raise NotTraceable("several flows apply changes to the table")
                case _:
                    raise NotTraceable("it compares snapshots")


@contextmanager
def opened_tracing(
    home: Home, specs: Callable[[str], Sequence[PipelineSpec]], keys_of: Callable[[str], Sequence[str]]
) -> Iterator[RowTracing]:
    """What traces rows of a home, on a session of its own."""
    channel, tracer = sail.channel(), Tracer()
    # pyspark names one kind of interceptor, gRPC takes either.
    both: Any = tracer
    channel.add_interceptor(both)
    with session_on(channel) as (session, observer):
        yield RowTracing(home, session, observer, tracer, specs, keys_of)
