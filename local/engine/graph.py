"""A pipeline's definitions as a dataflow graph of Spark Declarative Pipelines."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.pipelines.add_pipeline_analysis_context import add_pipeline_analysis_context
from pyspark.pipelines.flow import Flow
from pyspark.pipelines.output import MaterializedView, Output, Table, TemporaryView
from pyspark.pipelines.spark_connect_graph_element_registry import SparkConnectGraphElementRegistry
from pyspark.pipelines.spark_connect_pipeline import create_dataflow_graph
from pyspark.sql import DataFrame, SparkSession

from local.engine.auto_cdc import AutoCdc
from local.engine.definitions import Definitions, place_of
from local.engine.events import spark_message
from local.engine.expectations import expected
from local.engine.lakeflow import batch_reads
from local.engine.spec import PipelineSpec
from local.errors import UserError

# Open source has one catalog here; what names another is written with two parts.
CATALOG = "spark_catalog"


def build(spec: PipelineSpec, session: SparkSession, definitions: Definitions) -> str:
    """Registers all definitions; returns the graph's id. Raises UserError that names file and line."""
    graph = create_dataflow_graph(session, CATALOG, spec.schema, spec.configuration)
    registry = SparkConnectGraphElementRegistry(session, graph)
    with add_pipeline_analysis_context(session, graph, None):
        for output in definitions.outputs.values():
            registry.register_output(_output(output, definitions))
        for flow in [*definitions.flows, *_cdc_flows(session, definitions)]:
            _register(registry, flow, spec, definitions)
        for text, file in definitions.sql:
            _register_sql(registry, text, file)
    return graph


def _output(output: Output, definitions: Definitions) -> Output:
    """AUTO CDC fills its streaming table with the result of a query, which is a materialized view."""
    if isinstance(output, Table) and output.name in definitions.cdc:
        return MaterializedView(**{name: getattr(output, name) for name in output.__dataclass_fields__})
    return output


def _register(
    registry: SparkConnectGraphElementRegistry, flow: Flow, spec: PipelineSpec, definitions: Definitions
) -> None:
    place = Path(flow.source_code_location.filename)
    try:
        registry.register_flow(replace(flow, func=_query(flow, definitions)))
    except UserError as error:
        raise UserError(f"{place_of(error, spec.root, place)}: {error}") from None
    except PySparkException as error:
        raise UserError(
            f"{place_of(error, spec.root, place)}: {flow.target}: {spark_message(error)}"
        ) from None
    except Exception as error:
        where = place_of(error, spec.root, place)
        raise UserError(f"{where}: {flow.target}: {type(error).__name__}: {error}") from None


def _query(flow: Flow, definitions: Definitions) -> Callable[[], DataFrame]:
    return lambda: expected(flow.func(), flow.target, definitions.expected_of(flow))


def _register_sql(registry: SparkConnectGraphElementRegistry, text: str, file: Path) -> None:
    try:
        registry.register_sql(text, file)
    except PySparkException as error:
        raise UserError(f"{file}: {spark_message(error)}") from None


def _cdc_flows(session: SparkSession, definitions: Definitions) -> list[Flow]:
    return [_cdc_flow(session, definitions, target, flow) for target, flow in definitions.cdc.items()]


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
    views = [flow for flow in definitions.flows if flow.target == source]
    rows = [_query(flow, definitions)() for flow in views]
    if len(rows) != 1:
        raise UserError(f"AUTO CDC from {source}: the view has {len(rows)} queries")
    return rows[0]
