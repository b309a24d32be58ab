"""AUTO CDC as a query over the change events.

Open source has type 1 only, and on no table format that can be written here. The tables are therefore the
result of a query over all events, which gives what applying them one by one gives, in any order of arrival.
Type 2 follows Spark's own: an event that changes no tracked column opens no version and updates the open one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from common.errors import UserError
from local.engine.waiting import column_name

Names = Sequence[str | Column]
NULL_SEQUENCE = "AUTO CDC into {target}: a change event has no sequence; expect one before the flow"


@dataclass(frozen=True)
class AutoCdc:
    """One create_auto_cdc_flow, as Databricks documents its parameters."""

    target: str
    source: str
    keys: list[str]
    sequence_by: Column
    apply_as_deletes: Column
    column_list: list[str] | None
    except_column_list: list[str]
    stored_as_scd_type: Literal[1, 2]
    track_history_column_list: list[str] | None
    track_history_except_column_list: list[str]

    def apply(self, events: DataFrame) -> DataFrame:
        """The target's rows: the latest of each key (type 1), or every version (type 2)."""
        ordered = events.select(
            F.struct(*_columns(self.column_list, self.except_column_list)).alias("row"),
            F.struct(*[F.col(key) for key in self.keys]).alias("key"),
            F.struct(*self._tracked()).alias("tracked"),
            self._sequence().alias("sequence"),
            F.coalesce(self.apply_as_deletes, F.lit(False)).alias("deleted"),
        )
        return _latest(ordered) if self.stored_as_scd_type == 1 else _versions(ordered)

    def _tracked(self) -> list[Column]:
        if self.track_history_column_list is not None:
            return _columns(self.track_history_column_list, [])
        if self.column_list is not None:
            kept = [name for name in self.column_list if name not in self.track_history_except_column_list]
            return _columns(kept, [])
        return _columns(None, [*self.except_column_list, *self.track_history_except_column_list])

    def _sequence(self) -> Column:
        message = F.lit(NULL_SEQUENCE.format(target=self.target))
        return F.when(F.isnull(self.sequence_by), F.raise_error(message)).otherwise(self.sequence_by)


def _columns(names: Sequence[str] | None, left_out: Sequence[str]) -> list[Column]:
    if names is not None:
        return [F.col(name) for name in names]
    without = f" EXCEPT ({', '.join(f'`{name}`' for name in left_out)})" if left_out else ""
    return [F.expr(f"*{without}")]


def _latest(events: DataFrame) -> DataFrame:
    last = events.groupBy("key").agg(F.max_by(F.struct("row", "deleted"), "sequence").alias("last"))
    return last.where(~F.col("last.deleted")).select("last.row.*")


def _versions(events: DataFrame) -> DataFrame:
    once = events.groupBy("key", "sequence").agg(
        *[F.first(name).alias(name) for name in ("row", "tracked", "deleted")]
    )
    by_key = Window.partitionBy("key").orderBy("sequence")
    numbered = once.withColumn("opens", _boundary(by_key)).withColumn("version", F.sum("opens").over(by_key))
    versions = numbered.groupBy("key", "version").agg(
        F.min("sequence").alias("__START_AT"),
        F.max_by("row", "sequence").alias("row"),
        F.bool_or("deleted").alias("deleted"),
    )
    closed = versions.withColumn(
        "__END_AT", F.lead("__START_AT").over(Window.partitionBy("key").orderBy("version"))
    )
    return closed.where(~F.col("deleted")).select("row.*", "__START_AT", "__END_AT")


def _boundary(by_key: WindowSpec) -> Column:
    """1 where an event begins a version or a deletion, 0 where it continues the one before."""
    first = F.row_number().over(by_key) == 1
    revived = F.lag("deleted").over(by_key) != F.col("deleted")
    changed = ~F.col("deleted") & ~F.lag("tracked").over(by_key).eqNullSafe(F.col("tracked"))
    return F.when(first | revived | changed, 1).otherwise(0)


def create_auto_cdc_flow(
    target: str,
    source: str,
    keys: Names,
    sequence_by: str | Column,
    ignore_null_updates: bool = False,
    apply_as_deletes: str | Column | None = None,
    apply_as_truncates: str | Column | None = None,
    column_list: Names | None = None,
    except_column_list: Names | None = None,
    stored_as_scd_type: int | str = 1,
    track_history_column_list: Names | None = None,
    track_history_except_column_list: Names | None = None,
    name: str | None = None,
    once: bool = False,
) -> AutoCdc:
    """The flow, as Databricks documents its parameters; raises UserError for one that is not supplied."""
    refused = {
        "ignore_null_updates": ignore_null_updates,
        "apply_as_truncates": apply_as_truncates is not None,
        "once": once,
        "name": name not in (None, target),
    }
    for parameter, given in refused.items():
        if given:
            raise UserError(f"create_auto_cdc_flow into {target}: {parameter} is not supplied on one machine")
    if str(stored_as_scd_type) not in ("1", "2"):
        raise UserError(f"create_auto_cdc_flow into {target}: stored_as_scd_type is 1 or 2")
    return AutoCdc(
        target=target,
        source=source,
        keys=_names(keys),
        sequence_by=_expression(sequence_by),
        apply_as_deletes=F.lit(False) if apply_as_deletes is None else _expression(apply_as_deletes),
        column_list=None if column_list is None else _names(column_list),
        except_column_list=_names(except_column_list or []),
        stored_as_scd_type=2 if str(stored_as_scd_type) == "2" else 1,
        track_history_column_list=None
        if track_history_column_list is None
        else _names(track_history_column_list),
        track_history_except_column_list=_names(track_history_except_column_list or []),
    )


def _expression(given: str | Column) -> Column:
    return F.expr(given) if isinstance(given, str) else given


def _names(columns: Names) -> list[str]:
    return [column if isinstance(column, str) else column_name(column) for column in columns]
