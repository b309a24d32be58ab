"""Supplies, while a pipeline's files are loaded, what Lakeflow has and open source lacks."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from pyspark import pipelines as dp
from pyspark.pipelines.graph_element_registry import get_active_graph_element_registry
from pyspark.pipelines.source_code_location import get_caller_source_code_location
from pyspark.sql import SparkSession
from pyspark.sql.connect.dataframe import DataFrame as ConnectDataFrame
from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.connect.session import SparkSession as ConnectSession
from pyspark.sql.connect.streaming.readwriter import DataStreamReader
from pyspark.sql.types import StructType, _parse_datatype_json_string

from common.errors import UserError
from common.home import Home
from local.engine import auto_loader, reads, waiting
from local.engine.auto_cdc import create_auto_cdc_flow
from local.engine.definitions import Definitions
from local.engine.expectations import decorators, expectations_of

UNSUPPLIED = (
    "apply_changes",
    "apply_changes_from_snapshot",
    "create_auto_cdc_from_snapshot_flow",
    "create_table",
    "foreach_batch_sink",
    "read",
    "read_stream",
)
# Parameters of Databricks that say how a table is laid out or maintained: rows are the same without them.
LAYOUT = ("cluster_by", "cluster_by_auto", "refresh_policy")
EXPECTED_OF_TARGET = {"expect_all": "warn", "expect_all_or_drop": "drop", "expect_all_or_fail": "fail"}


@contextmanager
def supplied(home: Home, schemas: SparkSession) -> Iterator[None]:
    """The names and sources that a pipeline file may use on Databricks, for as long as the context lasts.

    `schemas` is a session beside the pipeline's own: a DDL string is parsed there, since within a pipeline nothing
    may ask Spark for an analysis.
    """
    with ExitStack() as names:
        for name, value in _names().items():
            names.enter_context(replaced(dp, name, value))
        for name, method in waiting.METHODS.items():
            names.enter_context(replaced(ConnectDataFrame, name, method))
        for holder, name, method in reads.methods():
            names.enter_context(replaced(holder, name, method))
        for reader in (DataStreamReader, DataFrameReader):
            names.enter_context(replaced(reader, "load", _load(reader.load, home, schemas)))
        yield


def _names() -> dict[str, Any]:
    tables = {name: _without_layout(getattr(dp, name)) for name in ("table", "materialized_view")}
    return {
        **decorators(),
        **tables,
        **{name: _refuse(name) for name in UNSUPPLIED},
        "view": dp.temporary_view,
        "create_streaming_table": _create_streaming_table,
        "create_auto_cdc_flow": _create_auto_cdc_flow,
    }


@contextmanager
def replaced(holder: Any, name: str, value: Any) -> Iterator[None]:
    """`value` as an attribute of a module or class, for as long as the context lasts."""
    missing = object()
    before = getattr(holder, name, missing)
    setattr(holder, name, value)
    try:
        yield
    finally:
        delattr(holder, name) if before is missing else setattr(holder, name, before)


def _refuse(name: str) -> Callable[..., Any]:
    def refused(*_: Any, **__: Any) -> Any:
        raise UserError(f"dp.{name} is not supplied on one machine")

    return refused


def _without_layout(decorator: Callable[..., Any]) -> Callable[..., Any]:
    def supplied_decorator(query_function: Any = None, **parameters: Any) -> Any:
        kept = _accepted(decorator.__name__, parameters)
        place = get_caller_source_code_location(stacklevel=1)
        if query_function is not None:
            return _at(place, lambda: decorator(query_function))
        return lambda query: _at(place, lambda: decorator(**kept)(query))

    return supplied_decorator


def _accepted(function: str, parameters: dict[str, Any]) -> dict[str, Any]:
    for name, value in parameters.items():
        unsupplied = name in ("path", "row_filter", "private", "temporary") and value
        if unsupplied:
            raise UserError(f"dp.{function}: the parameter {name} is not supplied on one machine")
    dropped = (*LAYOUT, "path", "row_filter", "private", "temporary")
    return {name: value for name, value in parameters.items() if name not in dropped}


def _at(place: Any, register: Callable[[], Any]) -> Any:
    """Registers with the place of the pipeline's own line, not that of the decorator around Spark's."""
    definitions = _definitions()
    outputs, flows = set(definitions.outputs), len(definitions.flows)
    register()
    for element in [definitions.outputs[name] for name in set(definitions.outputs) - outputs]:
        object.__setattr__(element, "source_code_location", place)
    for flow in definitions.flows[flows:]:
        object.__setattr__(flow, "source_code_location", place)


def _definitions() -> Definitions:
    registry = get_active_graph_element_registry()
    assert isinstance(registry, Definitions)
    return registry


_create_native = dp.create_streaming_table


def _create_streaming_table(name: str, **parameters: Any) -> None:
    definitions = _definitions()
    expected = [
        expectation
        for parameter, action in EXPECTED_OF_TARGET.items()
        for expectation in expectations_of(parameters.pop(parameter, None), action)  # pyright: ignore
    ]
    place = get_caller_source_code_location(stacklevel=1)
    _at(place, lambda: _create_native(name, **_accepted("create_streaming_table", parameters)))
    if expected:
        definitions.expectations[definitions.full_name(name)] = expected


def _create_auto_cdc_flow(*arguments: Any, **parameters: Any) -> None:
    _definitions().add_cdc(create_auto_cdc_flow(*arguments, **parameters))


def _load(native: Callable[..., Any], home: Home, schemas: SparkSession) -> Callable[..., Any]:
    def load(reader: Any, path: Any = None, format: Any = None, schema: Any = None, **options: Any) -> Any:
        if format is not None:
            reader.format(format)
        path = on_this_machine(path, home)
        reads.note_path(path, reader._format or "spark.read.load")
        if reader._format != auto_loader.SOURCE:
            return native(reader, path, schema=schema, **options)
        if schema is not None:
            reader.schema(schema)
        reader.options(**options)
        if not isinstance(path, str):
            raise UserError("Auto Loader: give the folder to .load(path)")
        return auto_loader.read_files(reader, path, _schema(reader._schema, schemas), native)

    return load


def on_this_machine(path: Any, home: Home) -> Any:
    """The local path of /Volumes/<catalog>/<schema>/<volume>/..., which stands below the home's volumes."""
    if isinstance(path, list):
        return [on_this_machine(one, home) for one in path]
    if isinstance(path, str) and path.removeprefix("dbfs:").startswith("/Volumes/"):
        return str(home.volumes.joinpath(*path.removeprefix("dbfs:").split("/")[3:]))
    return path


def _schema(given: str, schemas: SparkSession) -> StructType | None:
    if not given:
        return None
    if given.lstrip().startswith("{"):
        parsed: Any = _parse_datatype_json_string(given)
    else:
        client: Any = schemas.client  # pyright: ignore
        parsed = client._analyze(method="ddl_parse", ddl_string=given).parsed
    return parsed


@contextmanager
def batch_reads() -> Iterator[None]:
    """`spark.readStream` reads all there is at once: AUTO CDC is a query over all events."""
    with replaced(ConnectSession, "readStream", property(lambda session: session.read)):
        yield
