"""What a pipeline's files define, in the terms of Lakeflow: datasets, flows and expectations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    # Whoever asks only what is stale needs no engine, and no time to import one.
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import StructType

Action = Literal["warn", "drop", "fail"]
Query = Callable[[], "DataFrame"]


@dataclass(frozen=True)
class Place:
    """A line of a pipeline's file; `file` is absolute."""

    file: Path
    line: int

    def shown(self, root: Path) -> str:
        """`file:line` as errors name it, relative to the pipeline's `root` where it lies below."""
        file = self.file.relative_to(root) if self.file.is_relative_to(root) else self.file
        return f"{file}:{self.line}"


@dataclass(frozen=True)
class Expectation:
    """A predicate over a row, in SQL or as a Column, and what happens to a row for which it is not true.

    Null counts as broken. One that `is_constraint` holds for the rows of a Delta table: NOT NULL of a column.
    """

    name: str
    predicate: str | Column
    action: Action
    is_constraint: bool = False


class Kind(StrEnum):
    """What a dataset is. A TABLE is what `@dp.table` defines: streaming when its query reads a stream, else a view."""

    TABLE = "table"
    STREAMING_TABLE = "streaming table"
    MATERIALIZED_VIEW = "materialized view"
    TEMPORARY_VIEW = "temporary view"
    SINK = "sink"


@dataclass(frozen=True)
class Dataset:
    """A table, view or sink.

    `name` is `schema.table` (`catalog.schema.table` when the catalog is not the pipeline's own), in lower case; a
    view's and a sink's is bare. `schema` is what the pipeline declares of the columns: a DDL string or a StructType.
    `generated` are expressions of declared columns that are computed from the others. `spark_conf` holds for all flows
    into it. `private` tables stand in the home and are not shown to readers.
    `foreach_batch` is a sink's function.
    """

    name: str
    kind: Kind
    place: Place
    comment: str | None = None
    schema: str | StructType | None = None
    generated: Mapping[str, str] = field(default_factory=dict)
    partition_cols: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    spark_conf: Mapping[str, str] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()
    private: bool = False
    sink_format: str | None = None
    sink_options: Mapping[str, str] = field(default_factory=dict)
    foreach_batch: Callable[[DataFrame, int], Any] | None = None


@dataclass(frozen=True)
class Flow:
    """A query whose rows go into `target`; `once` is for a flow that runs one time (and in a full refresh)."""

    name: str
    target: str
    query: Query
    place: Place
    once: bool = False
    spark_conf: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CdcFlow:
    """One create_auto_cdc_flow (or apply_changes, or AUTO CDC INTO), with Databricks' names for its parameters.

    Expressions given as text are SQL; names of columns are plain text.
    """

    name: str
    target: str
    source: str
    place: Place
    keys: tuple[str, ...]
    sequence_by: str | Column
    ignore_null_updates: bool = False
    ignore_null_updates_column_list: tuple[str, ...] | None = None
    ignore_null_updates_except_column_list: tuple[str, ...] | None = None
    apply_as_deletes: str | Column | None = None
    apply_as_truncates: str | Column | None = None
    column_list: tuple[str, ...] | None = None
    except_column_list: tuple[str, ...] = ()
    stored_as_scd_type: Literal[1, 2] = 1
    track_history_column_list: tuple[str, ...] | None = None
    track_history_except_column_list: tuple[str, ...] = ()
    once: bool = False


@dataclass(frozen=True)
class SnapshotCdcFlow:
    """One create_auto_cdc_from_snapshot_flow (or apply_changes_from_snapshot).

    `source` is a table's or view's name, or a function from the latest version (None at first) to the next
    (snapshot, version), or None when there is no other. With `once` no snapshot follows those of the first update.
    """

    name: str
    target: str
    source: str | Callable[[Any], tuple[DataFrame, Any] | None]
    place: Place
    keys: tuple[str, ...]
    stored_as_scd_type: Literal[1, 2] = 1
    track_history_column_list: tuple[str, ...] | None = None
    track_history_except_column_list: tuple[str, ...] = ()
    once: bool = False


@dataclass(frozen=True)
class EventHook:
    """A function that is called with each event of the event log, as Lakeflow's own on_event_hook.

    What it raises is told and fails nothing; after more failures on end than `most_failures` it is not called again.
    """

    function: Callable[[dict[str, Any]], Any]
    most_failures: int | None = None
