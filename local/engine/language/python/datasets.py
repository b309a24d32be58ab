"""The functions of Lakeflow that define tables, views and sinks."""

from collections.abc import Callable
from typing import Any

from common.errors import UserError
from local.engine.language.definitions import Definitions
from local.engine.language.model import Dataset, Flow, Kind
from local.engine.language.places import caller
from local.engine.language.python.declared_columns import columns_of_schema
from local.engine.language.python.expectations import ACTIONS, Expectations, expectations_of
from local.engine.language.python.parameters import (
    as_texts,
    column_names,
    parameters_of,
    refuse_value,
    require,
)

VIEW = ("query_function", "name", "comment", "spark_conf")
# Where and how a table is laid out and kept (path, cluster_by, ...) is taken and left aside: its rows are the same.
TABLE = (
    *VIEW,
    "table_properties",
    "partition_cols",
    "path",
    "schema",
    "temporary",
    "cluster_by",
    "row_filter",
    "cluster_by_auto",
    "private",
    "refresh_policy",
    "format",
)
STREAMING_TABLE = (
    "name",
    "comment",
    "spark_conf",
    "table_properties",
    "partition_cols",
    "path",
    "schema",
    "expect_all",
    "expect_all_or_drop",
    "expect_all_or_fail",
    "cluster_by",
    "row_filter",
    "cluster_by_auto",
    "private",
    "format",
)
SINK = ("name", "format", "options")
_ROW_FILTER = (
    "readers would see other rows than the table has: filter in the query, or in a view over the table"
)


class Datasets:
    """Defines datasets into the pipeline's definitions."""

    def __init__(self, definitions: Definitions, expectations: Expectations) -> None:
        self._definitions = definitions
        self._expectations = expectations

    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions by name."""
        return {
            **{name: self._decorator(name, Kind.TABLE, TABLE) for name in ("table", "create_table")},
            "materialized_view": self._decorator("materialized_view", Kind.MATERIALIZED_VIEW, TABLE),
            **{
                name: self._decorator(name, Kind.TEMPORARY_VIEW, VIEW)
                for name in ("temporary_view", "view", "create_view")
            },
            **{
                name: self._streaming_table(name)
                for name in ("create_streaming_table", "create_streaming_live_table", "create_target_table")
            },
            "create_sink": self._create_sink,
            "foreach_batch_sink": self._foreach_batch_sink,
        }

    def _decorator(self, function: str, kind: Kind, takes: tuple[str, ...]) -> Callable[..., Any]:
        """A decorator with or without parentheses, which is a function of the query function as well."""

        def define(*arguments: Any, **named: Any) -> Any:
            given = parameters_of(function, takes, arguments, named)
            query = given.pop("query_function", None)
            if query is not None and not callable(query):
                raise UserError(f"{function} takes a function first: write {function}(name={query!r})")
            place = caller(self._definitions.root)

            def decorate(query: Any) -> Any:
                self._define(function, Dataset("", kind, place), query, given)
                return query

            return decorate if query is None else decorate(query)

        return define

    def _define(self, function: str, dataset: Dataset, query: Any, given: dict[str, Any]) -> None:
        given = {"name": name_of(query, function), **given} if "name" not in given else given
        name = self._add(function, dataset, given, self._expectations.of(query))
        self._definitions.add_flow(Flow(given["name"], given["name"], query, dataset.place))
        self._expectations.defined(query, name)

    def _streaming_table(self, function: str) -> Callable[..., None]:
        def create(*arguments: Any, **named: Any) -> None:
            given = parameters_of(function, STREAMING_TABLE, arguments, named)
            require(function, given, "name")
            expected = [
                expectation
                for suffix, action in ACTIONS.items()
                for expectation in expectations_of(given.get(f"expect_all{suffix}"), action)
            ]
            dataset = Dataset("", Kind.STREAMING_TABLE, caller(self._definitions.root))
            self._add(function, dataset, given, tuple(expected))

        return create

    def _add(self, function: str, dataset: Dataset, given: dict[str, Any], expected: tuple[Any, ...]) -> str:
        refuse_value(function, given, "row_filter", _ROW_FILTER)
        columns = columns_of_schema(given.get("schema"), dataset.place)
        return self._definitions.add_dataset(
            Dataset(
                name=given["name"],
                kind=dataset.kind,
                place=dataset.place,
                comment=given.get("comment"),
                schema=columns.schema,
                generated=columns.generated,
                partition_cols=column_names(function, given, "partition_cols") or (),
                properties=as_texts(given.get("table_properties", {})),
                spark_conf=as_texts(given.get("spark_conf", {})),
                expectations=(*columns.expectations, *expected),
                private=given.get("private", False) or given.get("temporary", False),
            )
        )

    def _create_sink(self, *arguments: Any, **named: Any) -> None:
        given = parameters_of("create_sink", SINK, arguments, named)
        require("create_sink", given, "name", "format")
        self._definitions.add_dataset(
            Dataset(
                given["name"],
                Kind.SINK,
                caller(self._definitions.root),
                sink_format=given["format"],
                sink_options=as_texts(given.get("options", {})),
            )
        )

    def _foreach_batch_sink(self, *arguments: Any, **named: Any) -> Any:
        given = parameters_of("foreach_batch_sink", ("batch_handler", "name"), arguments, named)
        place = caller(self._definitions.root)

        def decorate(handler: Any) -> Any:
            name = given.get("name") or name_of(handler, "foreach_batch_sink")
            self._definitions.add_dataset(Dataset(name, Kind.SINK, place, foreach_batch=handler))
            return handler

        handler = given.get("batch_handler")
        return decorate(handler) if callable(handler) else decorate


def name_of(query: Any, function: str) -> str:
    """The name of a function that defines something; raises UserError where there is none, as of a lambda."""
    if not callable(query):
        raise UserError(f"{function} stands over what is no function")
    name = getattr(query, "__name__", "<lambda>")
    if name == "<lambda>":
        raise UserError(f"{function}: a function without a name needs name=")
    return name
