"""A pipeline's definitions as a dataflow graph of Spark Declarative Pipelines."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.pipelines.add_pipeline_analysis_context import add_pipeline_analysis_context
from pyspark.pipelines.flow import Flow
from pyspark.pipelines.output import MaterializedView, Output, Table, TemporaryView
from pyspark.pipelines.spark_connect_graph_element_registry import SparkConnectGraphElementRegistry
from pyspark.pipelines.spark_connect_pipeline import create_dataflow_graph
from pyspark.sql import DataFrame, SparkSession

from common.errors import UserError
from local.engine.auto_cdc import AutoCdc
from local.engine.data_files import reading_logs
from local.engine.definitions import Definitions, place_of
from local.engine.events import spark_message
from local.engine.expectations import expected, looked_at
from local.engine.lakeflow import batch_reads
from local.engine.reads import Reads, note_view, noted
from local.engine.spec import PipelineSpec

# Open source has one catalog here; what names another is written with two parts.
CATALOG = "spark_catalog"
# Functions that give another result when the same rows are read again.
CHANGING = re.compile(
    r"\b(current_date|current_timestamp|current_time|curdate|localtimestamp|now|rand|randn|random|uuid|shuffle)\b"
)
# What a stream writes stands in files of at most so many rows, and what reads the table then uses every processor: the
# rows of one raw file come from one task, and one file of data is read by one task.
FILES_OF_STREAMS = {"spark.sql.files.maxRecordsPerFile": "50000"}


@dataclass
class Graph:
    """A registered graph: its id in Spark, its flows, and what the flows into each dataset read, views followed.

    `passed_over` is what those flows read that were not registered, since they have nothing new to read.
    """

    id: str
    flows: list[str] = field(default_factory=list)
    reads: dict[str, Reads] = field(default_factory=dict)
    passed_over: dict[str, Reads] = field(default_factory=dict)


def build(
    spec: PipelineSpec,
    session: SparkSession,
    definitions: Definitions,
    tables: Collection[str],
    has_nothing_new: Callable[[str, Reads], bool],
) -> Graph:
    """Registers the definitions of these tables and of the views that they read; all when some cannot be followed.

    Of a table that several flows fill those are passed over of which `has_nothing_new` holds, given the table and
    what the flow reads. Raises UserError that names file and line.
    """
    graph = Graph(create_dataflow_graph(session, CATALOG, spec.schema, spec.configuration))
    builder = _Builder(spec, session, definitions, graph, has_nothing_new)
    with add_pipeline_analysis_context(session, graph.id, None):
        builder.add(tables if definitions.followed() else definitions.outputs)
        for text, file in definitions.sql:
            builder.add_sql(text, file)
    return graph


class _Builder:
    """Registers outputs and flows in a graph."""

    def __init__(
        self,
        spec: PipelineSpec,
        session: SparkSession,
        definitions: Definitions,
        graph: Graph,
        has_nothing_new: Callable[[str, Reads], bool],
    ) -> None:
        self._spec = spec
        self._session = session
        self._definitions = definitions
        self._graph = graph
        self._has_nothing_new = has_nothing_new
        self._registry = SparkConnectGraphElementRegistry(session, graph.id)
        cdc = [_cdc_flow(session, definitions, target, flow) for target, flow in definitions.cdc.items()]
        self._flows = [*definitions.flows, *cdc]
        self._flows_into = Counter(flow.target for flow in self._flows)
        self._added: set[str] = set()

    def add(self, names: Collection[str]) -> None:
        """Registers the datasets of these names, their flows and the views that those read."""
        names = [name for name in self._definitions.outputs if name in names and name not in self._added]
        self._added.update(names)
        for name in names:
            self._registry.register_output(_output(self._definitions.outputs[name], self._definitions))
        for flow in [flow for flow in self._flows if flow.target in names]:
            self._add_flow(flow)
        for name in names:
            self._follow_views(self._graph.reads.get(name, Reads()))

    def _follow_views(self, reads: Reads) -> None:
        views = {
            name for name in reads.tables if isinstance(self._definitions.outputs.get(name), TemporaryView)
        }
        if views:
            self.add(views)
        reads.tables -= views
        reads.views |= views
        for view in views:
            reads.add(self._graph.reads.get(view, Reads()))
        reads.tables = {self._definitions.full_name(name) for name in reads.tables}

    def _add_flow(self, flow: Flow) -> None:
        place = Path(flow.source_code_location.filename)
        with noted() as reads:
            try:
                if not self._passes_over(flow):
                    self._registry.register_flow(self._supplied(flow, reads))
                    self._graph.flows.append(flow.name)
            except UserError as error:
                raise UserError(f"{place_of(error, self._spec.root, place)}: {error}") from None
            except PySparkException as error:
                where = place_of(error, self._spec.root, place)
                raise UserError(f"{where}: {flow.target}: {spark_message(error)}") from None
            except Exception as error:
                where = place_of(error, self._spec.root, place)
                raise UserError(f"{where}: {flow.target}: {type(error).__name__}: {error}") from None
        self._graph.reads.setdefault(flow.target, Reads()).add(reads)

    def _supplied(self, flow: Flow, reads: Reads) -> Flow:
        """The flow as Spark is to run it; what it reads is noted in `reads` when Spark asks for its query."""
        streams = flow.target in self._definitions.tables().keys() - self._definitions.rewritten()
        conf = {**(FILES_OF_STREAMS if streams else {}), **flow.spark_conf}
        return replace(flow, func=self._noting_functions(flow, reads), spark_conf=conf)

    def _passes_over(self, flow: Flow) -> bool:
        if self._flows_into[flow.target] == 1:
            return False
        with noted() as reads:
            flow.func()
        reads.tables = {self._definitions.full_name(name) for name in reads.tables}
        if not self._has_nothing_new(flow.target, reads):
            return False
        self._graph.passed_over.setdefault(flow.target, Reads()).add(reads)
        return True

    def _noting_functions(self, flow: Flow, reads: Reads) -> Callable[[], DataFrame]:
        """The flow's query; of one whose rows are read again, the functions that change are noted."""
        query = _query(flow, self._definitions)
        read_again = isinstance(self._definitions.outputs.get(flow.target), MaterializedView | TemporaryView)

        def rows() -> DataFrame:
            frame = query()
            text = self._text(frame)
            # Data files know a column by its table's name, not by that of the schema too.
            in_full = any(_names_a_column_of(name, text) for name in reads.tables)
            # Their paths and comments stand in the query, and may hold the name of a function.
            if in_full or (read_again and CHANGING.search(text)):
                with reading_logs():
                    frame = query()
                text = self._text(frame)
            if read_again:
                reads.unknown |= set(CHANGING.findall(text))
            # After the text: what a warn rule calls changes no row.
            return looked_at(frame, self._definitions.expected_of(flow))

        return rows

    def _text(self, frame: Any) -> str:
        return str(frame._plan.to_proto(self._session.client))  # pyright: ignore

    def add_sql(self, text: str, file: Path) -> None:
        """Registers what a SQL file defines."""
        try:
            self._registry.register_sql(text, file)
        except PySparkException as error:
            raise UserError(f"{file}: {spark_message(error)}") from None


def _names_a_column_of(table: str, text: str) -> bool:
    # The text may be of megabytes: a pattern takes long to look for there.
    return f"{table}." in text and bool(re.search(rf"\b{re.escape(table)}\.", text))


def _output(output: Output, definitions: Definitions) -> Output:
    """AUTO CDC fills its streaming table with the result of a query, which is a materialized view."""
    if isinstance(output, Table) and output.name in definitions.cdc:
        return MaterializedView(**{name: getattr(output, name) for name in output.__dataclass_fields__})
    return output


def _query(flow: Flow, definitions: Definitions) -> Callable[[], DataFrame]:
    return lambda: expected(flow.func(), flow.target, definitions.expected_of(flow))


def _cdc_flow(session: SparkSession, definitions: Definitions, target: str, cdc: AutoCdc) -> Flow:
    def rows() -> DataFrame:
        with batch_reads():
            return cdc.apply(_events(session, definitions, cdc.source))

    place: Any = definitions.outputs[target].source_code_location
    return Flow(name=target, target=target, spark_conf={}, source_code_location=place, func=rows)


def _events(session: SparkSession, definitions: Definitions, source: str) -> DataFrame:
    """All events of a source: a view's query over all there is, or a table."""
    if not isinstance(definitions.outputs.get(source), TemporaryView):
        return session.read.table(source)
    note_view(source)
    views = [flow for flow in definitions.flows if flow.target == source]
    rows = [_query(flow, definitions)() for flow in views]
    if len(rows) != 1:
        raise UserError(f"AUTO CDC from {source}: the view has {len(rows)} queries")
    return rows[0]
