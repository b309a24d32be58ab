"""ignore_null_updates: a null of an event leaves the value that its key has."""

from collections.abc import Sequence

from pyspark.sql import Column, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType
from pyspark.sql.window import WindowSpec

from local.engine.cdc.change_events import DELETED, Events, resolved_columns
from local.engine.cdc.comparing import column
from local.engine.language.model import CdcFlow


def ignores_nulls(flow: CdcFlow) -> bool:
    """Whether the flow leaves out any nulls."""
    lists = (flow.ignore_null_updates_column_list, flow.ignore_null_updates_except_column_list)
    return flow.ignore_null_updates or any(names is not None for names in lists)


def filled_events(events: Events) -> Events:
    """The events with the values that their key has after each of them; `events` are all of their keys.

    A struct's fields are filled one by one. Values from before a deletion are gone.
    """
    names = _ignoring(events)
    if not names:
        return events
    keys = list(map(column, events.keys))
    order = [one.asc_nulls_first() for one in events.order()]
    deletions = (
        Window.partitionBy(*keys).orderBy(*order).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    lives = events.rows.withColumn("__life", F.sum(column(DELETED).cast("int")).over(deletions))
    so_far = (
        Window.partitionBy(*keys, F.col("__life"))
        .orderBy(*order)
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    values = {name: _last(column(name), events.schema[name].dataType, so_far) for name in names}
    return events.with_rows(lives.withColumns(values).drop("__life"))


def _ignoring(events: Events) -> Sequence[str]:
    flow = events.flow
    if flow.ignore_null_updates_column_list is not None:
        return resolved_columns(flow, events.names, flow.ignore_null_updates_column_list)
    if not ignores_nulls(flow):
        return []
    left_out = {name.lower() for name in flow.ignore_null_updates_except_column_list or ()}
    return [name for name in events.names if name not in events.keys and name.lower() not in left_out]


def _last(value: Column, data_type: DataType, so_far: WindowSpec) -> Column:
    last = F.last(F.when(~column(DELETED), value), ignorenulls=True).over(so_far)
    if not isinstance(data_type, StructType):
        return last
    fields = [_last(value.getField(f.name), f.dataType, so_far).alias(f.name) for f in data_type.fields]
    return F.when(last.isNotNull(), F.struct(*fields))
