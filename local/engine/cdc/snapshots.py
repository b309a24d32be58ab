"""AUTO CDC from snapshots: the target becomes what a snapshot says (type 1), with its history (type 2)."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from common.errors import UserError
from local.engine.cdc.change_events import END_AT, START_AT, resolved_columns
from local.engine.cdc.columns import cast_to, target_schema
from local.engine.cdc.comparing import all_equal, column, comparable, matching, prefixed
from local.engine.cdc.hidden import Hidden
from local.engine.cdc.history import tracked_columns
from local.engine.cdc.target import Applied, Replacement, Target
from local.engine.language.model import SnapshotCdcFlow
from local.engine.storage import delta
from local.engine.storage.delta import Commit, Layout

THERE = "__there_"


def latest_version(session: SparkSession, target: Path, state: Path) -> Any:
    """The version of the snapshot that the target shows, as Python has it; None before the first."""
    rows = Hidden.opened(state, delta.open_table(target)).rows(session)
    return next((row[0] for row in rows.collect()), None) if rows is not None else None


def empty_target(
    session: SparkSession, flow: SnapshotCdcFlow, target: Path, state: Path, layout: Layout
) -> None:
    """Takes all rows from the target and forgets what it showed: a refresh for which there is no snapshot."""
    table = delta.open_table(target)
    hidden = Hidden.opened(state, table)
    if table is None or hidden.table is None:
        return
    number = hidden.set(session.createDataFrame([], hidden.schema), hidden.schema)
    schema = delta.schema_of(table)
    place = Target(session, flow.target, target, layout, schema, table)
    place.load(session.createDataFrame([], schema), schema, Commit(), number)


def apply_snapshot(
    session: SparkSession,
    flow: SnapshotCdcFlow,
    snapshot: DataFrame,
    version: Any,
    target: Path,
    state: Path,
    schema: StructType | None,
    layout: Layout,
    commit: Commit,
    *,
    refresh: bool = False,
) -> Applied:
    """Brings the target to a snapshot, in one commit; the hidden table in `state` holds the snapshot's version.

    `version` is of any type that orders: what the flow's function gives, or the update's time for a snapshot by name.
    Versions of type 2 start and end with it. The snapshot is read several times. UserError for a version that is not
    above the one that the target shows, and for a key that the snapshot holds twice.
    """
    table = None if refresh else delta.open_table(target)
    hidden = Hidden.opened(state, table)
    known = hidden.rows(session)
    shown = next((row[0] for row in known.collect()), None) if known is not None else None
    if shown is not None and not version > shown:
        raise UserError(
            f"AUTO CDC into {flow.target}: snapshot {version} follows {shown}: versions must rise"
        )
    keys = resolved_columns(flow, snapshot.columns, flow.keys)
    _refuse_repeated(flow, snapshot, keys)
    shows = session.range(1).select(F.lit(version).alias("version"))
    number = hidden.set(shows, shows.schema)
    place = Target(session, flow.target, target, layout, schema, table)
    rows = snapshot if flow.stored_as_scd_type == 1 else _opened(snapshot, F.lit(version))
    if table is None or shown is None:
        return place.load(rows, rows.schema, commit, number)
    fields = target_schema(flow.target, rows.schema, schema, delta.schema_of(table))
    there = delta.read_files(session, fields, delta.data_files(table))
    difference = _Difference(flow, keys, fields, there, cast_to(rows, rows.schema, fields), F.lit(version))
    return place.apply(difference.change(), commit, number)


def _refuse_repeated(flow: SnapshotCdcFlow, snapshot: DataFrame, keys: Sequence[str]) -> None:
    each = snapshot.groupBy(*map(column, keys)).agg(F.count(F.lit(1)).alias("__rows"))
    for row in each.where("__rows > 1").limit(1).collect():
        shown = ", ".join(f"{key} {row[key]!r}" for key in keys)
        raise UserError(
            f"AUTO CDC into {flow.target}: a snapshot holds {row[-1]} rows of {shown}: one is allowed"
        )


def _opened(snapshot: DataFrame, version: Column) -> DataFrame:
    return snapshot.withColumns({START_AT: version, END_AT: F.when(F.lit(False), version)})


class _Difference:
    """What a snapshot changes: `there` and `rows` (the snapshot, of type 2 as new versions) have the same fields."""

    def __init__(
        self,
        flow: SnapshotCdcFlow,
        keys: list[str],
        schema: StructType,
        there: DataFrame,
        rows: DataFrame,
        version: Column,
    ) -> None:
        self._flow = flow
        self._keys = resolved_columns(flow, schema.names, keys)
        self._values = [field for field in schema.fields if field.name not in (START_AT, END_AT)]
        self._schema = schema
        self._names = schema.names
        self._there = there
        self._rows = rows
        self._version = version

    def change(self) -> Replacement:
        """The rows of keys whose row is new, other or gone."""
        if self._flow.stored_as_scd_type == 1:
            both = self._both(self._there, self._rows)
            gone = both.where(self._differs(self._values)).select(*self._either(self._keys))
            rows = matching(self._rows, gone, self._keys)
            return Replacement(self._keys, self._keys, gone, rows, self._schema)
        now = self._there.where(column(END_AT).isNull())
        both = self._both(now, self._rows).where(self._differs(self._values))
        gone = both.select(*self._either(self._keys))
        closed = matching(self._there.where(column(END_AT).isNotNull()), gone, self._keys)
        rows = closed.unionByName(self._versions(both))
        return Replacement(self._keys, [*self._keys, START_AT], gone, rows, self._schema)

    def _versions(self, both: DataFrame) -> DataFrame:
        """Of keys that changed the version that closes, the one that opens, and the one that takes new values."""
        names = {name.lower() for name in tracked_columns(self._flow, [field.name for field in self._values])}
        opens = self._differs([field for field in self._values if field.name.lower() in names])
        old, new = column("__is_there").isNotNull(), column("__is_new").isNotNull()
        ended = [column(name, THERE).alias(name) for name in self._names if name != END_AT]
        closing = both.where(old & opens).select(*ended, self._version.cast(self._end_type).alias(END_AT))
        opening = both.where(new & opens).select(*map(column, self._names))
        start = column(START_AT, THERE).alias(START_AT)
        kept = [start if name == START_AT else column(name) for name in self._names]
        return closing.unionByName(opening).unionByName(both.where(~opens).select(*kept))

    @property
    def _end_type(self) -> Any:
        return self._rows.schema[END_AT].dataType

    def _both(self, there: DataFrame, rows: DataFrame) -> DataFrame:
        left = prefixed(there, self._names, THERE).withColumn("__is_there", F.lit(True))
        on = all_equal([column(key, THERE) for key in self._keys], [column(key) for key in self._keys])
        return left.join(rows.withColumn("__is_new", F.lit(True)), on, "full_outer")

    def _differs(self, fields: Sequence[StructField]) -> Column:
        alone = [column("__is_there").isNull(), column("__is_new").isNull()]
        pairs = [(comparable(column(f.name), f), comparable(column(f.name, THERE), f)) for f in fields]
        return reduce(or_, [*alone, *[~one.eqNullSafe(other) for one, other in pairs]])

    def _either(self, names: Sequence[str]) -> list[Column]:
        new = column("__is_new").isNotNull()
        return [F.when(new, column(name)).otherwise(column(name, THERE)).alias(name) for name in names]
