"""What an update did to a table: its first rows, and which rows were added, removed or changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from common.home import Home
from local.engine.data_files import read_files
from local.engine.delta_log import latest_version, table_path
from local.engine.journal import folder_aside
from local.engine.query import Rows, rows_of


@dataclass(frozen=True)
class State:
    """A table before an update: its version (None when it was not there) and its log's folder on the disk."""

    version: int | None
    log: int


def state_of(home: Home, table: str) -> State:
    """The table as it is now."""
    path = table_path(home.warehouse, table)
    return State(latest_version(path), _log_of(path))


def _log_of(folder: Path) -> int:
    log = folder / "_delta_log"
    return log.stat().st_ino if log.exists() else 0


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
    return rows_of(_read(session, table_path(home.warehouse, table)).limit(count).toArrow())


def difference(
    session: SparkSession, home: Home, table: str, before: State, keys: Sequence[str]
) -> Difference | str:
    """How the table differs from before, or why that cannot be told; without `keys` rows are matched as a whole."""
    if before.version is None:
        return "it is new"
    current, aside = table_path(home.warehouse, table), folder_aside(home, table)
    then = next((folder for folder in (current, aside) if _log_of(folder) == before.log), None)
    if then is None:
        return "what it was before is gone"
    new, old = _read(session, current), _read(session, then, before.version)
    if new.dtypes != old.dtypes:
        return f"its columns have changed: {', '.join(' '.join(column) for column in old.dtypes)} before"
    compared = _by_key(new, old, keys) if keys else _by_row(new, old)
    [counts] = compared.toArrow().to_pylist()
    return Difference(**{name: count or 0 for name, count in counts.items()})


def _read(session: SparkSession, folder: Path, version: int | None = None) -> DataFrame:
    """The rows of the table in a folder, now or at a version."""
    rows = read_files(session, folder, version)
    if rows is not None:
        return rows
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
