"""What an update did to a table: its first rows, and which rows were added, removed or changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from local.engine.delta_log import latest_version, table_path
from local.engine.delta_state import table_state
from local.engine.query import Rows, rows_of
from local.home import Home


@dataclass(frozen=True)
class State:
    """A table before an update: its version (None when it was not there) and its log's folder on the disk."""

    version: int | None
    log: int


def state_of(home: Home, table: str) -> State:
    """The table as it is now."""
    path = table_path(home.warehouse, table)
    log = path / "_delta_log"
    return State(latest_version(path), log.stat().st_ino if log.exists() else 0)


@dataclass(frozen=True)
class Difference:
    """Rows by what became of them; without a key a changed row counts as one removed and one added."""

    added: int
    removed: int
    changed: int

    def __str__(self) -> str:
        return f"{self.added:,} added, {self.removed:,} removed, {self.changed:,} changed"


def first_rows(session: SparkSession, home: Home, table: str, count: int) -> Rows:
    """The first rows of a table as it is now."""
    return rows_of(_read(session, home, table).limit(count).toArrow())


def difference(
    session: SparkSession, home: Home, table: str, before: State, keys: Sequence[str]
) -> Difference | str:
    """How the table differs from before, or why that cannot be told; without `keys` rows are matched as a whole."""
    now = state_of(home, table)
    if before.version is None:
        return "it is new"
    if now.log != before.log:
        return "its columns have changed"
    new, old = _read(session, home, table), _read(session, home, table, before.version)
    if new.columns != old.columns:
        return f"its columns have changed: {', '.join(old.columns)} before"
    compared = _by_key(new, old, keys) if keys else _by_row(new, old)
    [counts] = compared.toArrow().to_pylist()
    return Difference(**{name: count or 0 for name, count in counts.items()})


def _read(session: SparkSession, home: Home, table: str, version: int | None = None) -> DataFrame:
    """The table's rows, now or at a version."""
    folder = table_path(home.warehouse, table)
    state = table_state(folder, version)
    if state.is_plain and state.files:
        # To plan a read of its log costs Delta a second; of these tables the data files say it all.
        columns = StructType.fromJson(json.loads(state.metadata["schemaString"]))
        return session.read.schema(columns).parquet(*map(str, state.files))
    reader = session.read.format("delta")
    if version is not None:
        reader = reader.option("versionAsOf", version)
    return reader.load(str(folder))


def _by_key(new: DataFrame, old: DataFrame, keys: Sequence[str]) -> DataFrame:
    key, row = F.struct(*keys).alias("key"), F.xxhash64("*").alias("row")
    pairs = (
        new.select(key, row)
        .alias("new")
        .join(old.select(key, row).alias("old"), F.expr("new.key <=> old.key"), "full")
    )
    return pairs.select(
        F.count_if(F.expr("old.row is null")).alias("added"),
        F.count_if(F.expr("new.row is null")).alias("removed"),
        F.count_if(F.expr("new.row <> old.row")).alias("changed"),
    )


def _by_row(new: DataFrame, old: DataFrame) -> DataFrame:
    row = F.xxhash64("*").alias("row")
    both = new.select(row, F.lit(1).alias("one")).union(old.select(row, F.lit(-1).alias("one")))
    surplus = both.groupBy("row").agg(F.sum("one").alias("surplus"))
    return surplus.select(
        F.sum(F.greatest("surplus", F.lit(0))).alias("added"),
        F.sum(F.greatest(-F.col("surplus"), F.lit(0))).alias("removed"),
        F.lit(0).alias("changed"),
    )
