"""The Lakeflow module as Databricks documents it: open-source Spark's, and what it lacks.

Only the type checker reads this. At run time `local.engine` supplies the missing names on one machine.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from pyspark.sql import Column, DataFrame
from pyspark.sql.types import StructType

Query = TypeVar("Query", bound=Callable[..., DataFrame])
Decorator = Callable[[Query], Query]

def table(
    query_function: Callable[[], DataFrame] | None = None,
    *,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: dict[str, str] | None = None,
    table_properties: dict[str, str] | None = None,
    partition_cols: list[str] | None = None,
    cluster_by: list[str] | None = None,
    schema: StructType | str | None = None,
    format: str | None = None,
) -> Any: ...
def materialized_view(
    query_function: Callable[[], DataFrame] | None = None,
    *,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: dict[str, str] | None = None,
    table_properties: dict[str, str] | None = None,
    partition_cols: list[str] | None = None,
    cluster_by: list[str] | None = None,
    schema: StructType | str | None = None,
    format: str | None = None,
) -> Any: ...
def temporary_view(
    query_function: Callable[[], DataFrame] | None = None,
    *,
    name: str | None = None,
    comment: str | None = None,
    spark_conf: dict[str, str] | None = None,
) -> Any: ...
def append_flow(*, target: str, name: str | None = None, spark_conf: dict[str, str] | None = None) -> Any: ...
def create_streaming_table(
    name: str,
    *,
    comment: str | None = None,
    table_properties: dict[str, str] | None = None,
    partition_cols: list[str] | None = None,
    cluster_by: list[str] | None = None,
    schema: StructType | str | None = None,
    format: str | None = None,
    expect_all: dict[str, str] | None = None,
    expect_all_or_drop: dict[str, str] | None = None,
    expect_all_or_fail: dict[str, str] | None = None,
) -> None: ...
def create_auto_cdc_flow(
    target: str,
    source: str,
    keys: list[str] | list[Column],
    sequence_by: str | Column,
    apply_as_deletes: str | Column | None = None,
    column_list: list[str] | list[Column] | None = None,
    except_column_list: list[str] | list[Column] | None = None,
    stored_as_scd_type: Literal[1, 2, "1", "2"] | None = None,
    track_history_column_list: list[str] | list[Column] | None = None,
    track_history_except_column_list: list[str] | list[Column] | None = None,
    name: str | None = None,
) -> None: ...
def expect(name: str, condition: str) -> Decorator[Query]: ...
def expect_or_drop(name: str, condition: str) -> Decorator[Query]: ...
def expect_or_fail(name: str, condition: str) -> Decorator[Query]: ...
def expect_all(expectations: dict[str, str]) -> Decorator[Query]: ...
def expect_all_or_drop(expectations: dict[str, str]) -> Decorator[Query]: ...
def expect_all_or_fail(expectations: dict[str, str]) -> Decorator[Query]: ...
