"""The Lakeflow module as the engine supplies it on one machine, in the form that Databricks documents.

Only the type checker reads this. At run time objects of `local/engine/language/python` stand under this name and under
`dlt`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from pyspark.sql import Column, DataFrame
from pyspark.sql.types import StructType

Query = TypeVar("Query", bound=Callable[..., DataFrame])
Handler = TypeVar("Handler", bound=Callable[[DataFrame, int], Any])
Decorator = Callable[[Query], Query]
Columns = Sequence[str] | Sequence[Column]
ScdType = Literal[1, 2, "1", "2"]

def table(
    query_function: Callable[[], DataFrame] | None = None,
    *,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
    table_properties: Mapping[str, str] | None = None,
    partition_cols: Sequence[str] | None = None,
    path: str | None = None,
    schema: StructType | str | None = None,
    temporary: bool = False,
    cluster_by: Sequence[str] | None = None,
    cluster_by_auto: bool = False,
    private: bool = False,
    refresh_policy: str | None = None,
    format: str | None = None,
) -> Any: ...
def materialized_view(
    query_function: Callable[[], DataFrame] | None = None,
    *,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
    table_properties: Mapping[str, str] | None = None,
    partition_cols: Sequence[str] | None = None,
    path: str | None = None,
    schema: StructType | str | None = None,
    temporary: bool = False,
    cluster_by: Sequence[str] | None = None,
    cluster_by_auto: bool = False,
    private: bool = False,
    refresh_policy: str | None = None,
    format: str | None = None,
) -> Any: ...
def temporary_view(
    query_function: Callable[[], DataFrame] | None = None,
    *,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
) -> Any: ...
def append_flow(
    *,
    target: str,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
    once: bool = False,
) -> Any: ...
def create_streaming_table(
    name: str,
    *,
    comment: str | None = None,
    spark_conf: Mapping[str, str] | None = None,
    table_properties: Mapping[str, str] | None = None,
    partition_cols: Sequence[str] | None = None,
    path: str | None = None,
    schema: StructType | str | None = None,
    expect_all: Mapping[str, str] | None = None,
    expect_all_or_drop: Mapping[str, str] | None = None,
    expect_all_or_fail: Mapping[str, str] | None = None,
    cluster_by: Sequence[str] | None = None,
    cluster_by_auto: bool = False,
    private: bool = False,
    format: str | None = None,
) -> None: ...
def create_sink(name: str, format: str, options: Mapping[str, str] | None = None) -> None: ...
def foreach_batch_sink(*, name: str | None = None) -> Callable[[Handler], Handler]: ...
def create_auto_cdc_flow(
    target: str,
    source: str,
    keys: Columns,
    sequence_by: str | Column,
    ignore_null_updates: bool = False,
    apply_as_deletes: str | Column | None = None,
    apply_as_truncates: str | Column | None = None,
    column_list: Columns | None = None,
    except_column_list: Columns | None = None,
    stored_as_scd_type: ScdType | None = None,
    track_history_column_list: Columns | None = None,
    track_history_except_column_list: Columns | None = None,
    *,
    name: str | None = None,
    once: bool = False,
    ignore_null_updates_column_list: Columns | None = None,
    ignore_null_updates_except_column_list: Columns | None = None,
) -> None: ...
def create_auto_cdc_from_snapshot_flow(
    target: str,
    source: str | Callable[[Any], tuple[DataFrame, Any] | None],
    keys: Columns,
    stored_as_scd_type: ScdType | None = None,
    *,
    track_history_column_list: Columns | None = None,
    track_history_except_column_list: Columns | None = None,
    name: str | None = None,
) -> None: ...
def expect(name: str, condition: str | Column) -> Decorator[Query]: ...
def expect_or_drop(name: str, condition: str | Column) -> Decorator[Query]: ...
def expect_or_fail(name: str, condition: str | Column) -> Decorator[Query]: ...
def expect_all(expectations: Mapping[str, str | Column]) -> Decorator[Query]: ...
def expect_all_or_drop(expectations: Mapping[str, str | Column]) -> Decorator[Query]: ...
def expect_all_or_fail(expectations: Mapping[str, str | Column]) -> Decorator[Query]: ...
def read(name: str) -> DataFrame: ...
def read_stream(name: str) -> DataFrame: ...

# Older names.
view = temporary_view
create_view = temporary_view
create_table = table
create_streaming_live_table = create_streaming_table
create_target_table = create_streaming_table
apply_changes = create_auto_cdc_flow
apply_changes_from_snapshot = create_auto_cdc_from_snapshot_flow
readStream = read_stream  # noqa: N816 - as Databricks spells it

def on_event_hook(
    user_event_hook_fn: Callable[[dict[str, Any]], Any] | None = None,
    max_allowable_consecutive_failures: int | None = None,
) -> Any: ...
