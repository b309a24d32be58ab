"""Events that empty the target (apply_as_truncates, SCD type 1): a deletion of every key at their sequence."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from local.engine.cdc.change_events import DELETED, SEQUENCE, TRUNCATES, Events
from local.engine.cdc.comparing import column
from local.engine.cdc.hidden import Hidden


def as_deletions(events: Events, hidden: Hidden, session: SparkSession) -> Events:
    """The events, where the last truncation is a deletion of each key that it may concern.

    The hidden table keeps the truncation as a deletion of the null key that is marked TRUNCATES: keys that come later
    are held against it.
    """
    known = hidden.rows(session)
    remembered = known is not None and TRUNCATES in hidden.names
    if events.flow.apply_as_truncates is None and not remembered:
        return events
    every = events.with_truncates()
    own, others = every.rows.where(column(TRUNCATES)), every.rows.where(~column(TRUNCATES))
    comes = not own.isEmpty()
    truncations = own
    keys = others.select(*map(column, events.keys))
    if remembered and known is not None:
        truncations = own.unionByName(known.where(column(TRUNCATES)), allowMissingColumns=True)
    if comes and known is not None:
        keys = keys.unionByName(known.select(*map(column, events.keys)))
    order = [one.desc_nulls_last() for one in events.order()]
    last = truncations.orderBy(*order).limit(1).select(column(SEQUENCE))
    deletions = keys.distinct().crossJoin(last).withColumn(TRUNCATES, F.lit(False))
    if comes:
        empty = [F.lit(None).cast(events.schema[key].dataType).alias(key) for key in events.keys]
        deletions = deletions.unionByName(last.select(*empty, column(SEQUENCE), F.lit(True).alias(TRUNCATES)))
    rows = others.unionByName(deletions.withColumn(DELETED, F.lit(True)), allowMissingColumns=True)
    return every.with_rows(rows)
