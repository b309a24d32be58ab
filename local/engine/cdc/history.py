"""The versions of keys (SCD type 2), and what nulls mean, out of all events of these keys."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType
from pyspark.sql.window import WindowSpec

from local.engine.cdc.change_events import DELETED, END_AT, SEQUENCE, START_AT, Events, resolved_columns
from local.engine.cdc.comparing import all_equal, column, comparable, order_fields
from local.engine.language.model import CdcFlow, SnapshotCdcFlow

PARTITIONS = 16


def versions(events: Events) -> DataFrame:
    """Every version of the keys, from the first event that it shows (START_AT) up to the next version or deletion.

    As Spark's own: an event that changes no tracked column opens no version, and the open one takes its values. Each
    event stands once among `events`.
    """
    keys, order = [column(key) for key in events.keys], _order(events)
    marked = events.rows.withColumn("__opens", _opens(events, keys, order))
    continued = all_equal([F.lead(key).over(order) for key in keys], keys)
    closes = ~continued | F.coalesce(F.lead("__opens").over(order), F.lit(True))
    sequence = column(SEQUENCE)
    next_sequence = F.when(continued, F.lead(sequence).over(order))
    ends = marked.withColumns({"__closes": closes, END_AT: next_sequence}).where("__opens or __closes")
    # Before an event that closes a version and does not open it now stands the one that did.
    starts = F.when(F.col("__opens"), sequence).otherwise(F.lag(sequence).over(order))
    shown = ends.withColumn(START_AT, starts).where(F.col("__closes") & ~column(DELETED))
    return shown.select(*map(column, [*events.names, START_AT, END_AT]))


def schema_of_versions(events: Events) -> StructType:
    """The columns of `versions`."""
    times = [StructField(name, events.sequence_type) for name in (START_AT, END_AT)]
    return StructType([*events.fields, *times])


def _opens(events: Events, keys: Sequence[Column], order: WindowSpec) -> Column:
    before, deleted = F.lag(column(DELETED)).over(order), column(DELETED)
    first = before.isNull() | ~all_equal([F.lag(key).over(order) for key in keys], keys)
    changes = F.lit(False)
    for name in tracked_columns(events.flow, events.names):
        value = comparable(column(name), events.schema[name])
        changes = changes | ~value.eqNullSafe(F.lag(value).over(order))
    return first | (before != deleted) | (~deleted & changes)


def tracked_columns(flow: CdcFlow | SnapshotCdcFlow, names: Sequence[str]) -> Sequence[str]:
    """Which of the target's columns open a version when they change; UserError for one that the target lacks.

    A column may be left out of the history and of the target, too: a real workspace takes such flows.
    """
    if flow.track_history_column_list is not None:
        return resolved_columns(flow, names, flow.track_history_column_list)
    left_out = {name.lower() for name in flow.track_history_except_column_list}
    return [name for name in names if name.lower() not in left_out]


def _order(events: Events) -> WindowSpec:
    """Events by key and sequence, in a few partitions: an engine takes long over one for each key."""
    keys = [one for key in events.keys for one in order_fields(column(key), events.schema[key].dataType)]
    bucket = F.pmod(F.hash(*map(column, events.keys)), F.lit(PARTITIONS))
    return Window.partitionBy(bucket).orderBy(*[one.asc_nulls_first() for one in [*keys, *events.order()]])
