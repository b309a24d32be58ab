"""AUTO CDC as a batch query over all events, as one would write it by hand."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from local.engine.language.model import CdcFlow


def target_rows(flow: CdcFlow, events: DataFrame) -> DataFrame:
    """The rows of the flow's target, given all its events."""
    deletes = F.lit(False) if flow.apply_as_deletes is None else _column(flow.apply_as_deletes)
    untracked = [*flow.except_column_list, *flow.track_history_except_column_list]
    ordered = events.select(
        F.struct(*_all_but(events, flow.except_column_list)).alias("row"),
        F.struct(*[F.col(key) for key in flow.keys]).alias("key"),
        F.struct(*_all_but(events, untracked)).alias("tracked"),
        _column(flow.sequence_by).alias("sequence"),
        F.coalesce(deletes, F.lit(False)).alias("deleted"),
    )
    return _latest(ordered) if flow.stored_as_scd_type == 1 else _versions(ordered)


def _column(given: str | Column) -> Column:
    return F.expr(given) if isinstance(given, str) else given


def _all_but(events: DataFrame, left_out: Sequence[str]) -> list[Column]:
    return [F.col(name) for name in events.columns if name not in left_out]


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
