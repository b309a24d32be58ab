"""The versions of keys (SCD type 2), and what nulls mean, out of all events of these keys."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from local.engine.cdc.comparing import column, comparable
from local.engine.cdc.events import DELETED, END_AT, SEQUENCE, START_AT, Events, resolved


def versions(events: Events) -> DataFrame:
    """Every version of the keys, from the first event that it shows (START_AT) up to the next version or deletion.

    As Spark's own: an event that changes no tracked column opens no version, and the open one takes its values. Each
    event stands once among `events`.
    """
    by_key = _by_key(events)
    deleted = column(DELETED)
    before = F.lag(deleted).over(by_key)
    changes = F.lit(False)
    for name in tracked(events):
        value = comparable(column(name), events.schema[name])
        changes = changes | ~value.eqNullSafe(F.lag(value).over(by_key))
    opens = before.isNull() | (before != deleted) | (~deleted & changes)
    marked = events.rows.withColumn("__opens", opens)
    sequence = column(SEQUENCE)
    shown = marked.withColumns(
        {
            START_AT: F.last(F.when(F.col("__opens"), sequence), ignorenulls=True).over(_so_far(by_key)),
            END_AT: F.lead(sequence).over(by_key),
            "__closed": F.coalesce(F.lead("__opens").over(by_key), F.lit(True)),
        }
    )
    return shown.where(F.col("__closed") & ~deleted).select(*map(column, [*events.names, START_AT, END_AT]))


def tracked(events: Events) -> Sequence[str]:
    """The columns of which a change opens a version; UserError for one that is not the target's."""
    flow = events.flow
    if flow.track_history_column_list is not None:
        return resolved(flow, events.names, flow.track_history_column_list)
    left_out = {name.lower() for name in flow.track_history_except_column_list}
    return [name for name in events.names if name.lower() not in left_out]


def _by_key(events: Events) -> WindowSpec:
    order = [one.asc_nulls_first() for one in events.order()]
    return Window.partitionBy(*map(column, events.keys)).orderBy(*order)


def _so_far(window: WindowSpec) -> WindowSpec:
    return window.rowsBetween(Window.unboundedPreceding, Window.currentRow)
