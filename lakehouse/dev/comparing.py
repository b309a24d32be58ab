"""What an update did to a table: its first rows, and which rows were added, removed or changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from deltalake import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from common.home import Home
from lakehouse.difference.pairing import ROW, Pair, paired_rows, surplus_rows
from local.engine.running.opening import opened_session
from local.engine.running.rows import Rows, rows_of
from local.engine.storage.delta import open_table, read_table
from local.engine.storage.log import table_path


@dataclass(frozen=True)
class TableState:
    """A table before an update: its identity and version, both None when it was not there."""

    id: str | None
    version: int | None


def table_state(home: Home, table: str) -> TableState:
    """The table as it is now."""
    found = open_table(table_path(home.warehouse, table))
    return TableState(str(found.metadata().id), found.version()) if found else TableState(None, None)


@dataclass(frozen=True)
class RowChanges:
    """Rows by what became of them; without a key a changed row counts as one removed and one added."""

    added: int
    removed: int
    changed: int

    def __str__(self) -> str:
        return f"{self.added:,} added, {self.removed:,} removed, {self.changed:,} changed"


def first_rows(home: Home, table: str, count: int) -> Rows:
    """The first rows of a table as it is now."""
    with opened_session() as (session, _):
        return rows_of(read_table(session, _opened(home, table)).limit(count).toArrow())


def row_changes(home: Home, table: str, before: TableState, keys: Sequence[str]) -> RowChanges | str:
    """How the table differs from before, or why that cannot be told; without `keys` rows are matched as a whole."""
    if before.version is None:
        return "it is new"
    now = _opened(home, table)
    if str(now.metadata().id) != before.id:
        return "what it was before is gone"
    then = open_table(table_path(home.warehouse, table), before.version)
    assert then
    with opened_session() as (session, _):
        new, old = read_table(session, now), read_table(session, then)
        if new.dtypes != old.dtypes:
            return f"its columns have changed: {', '.join(' '.join(column) for column in old.dtypes)} before"
        columns = [(name, name) for name in new.columns]
        return _by_key(old, new, keys, columns) if keys else RowChanges(*surplus_rows(old, new, columns), 0)


def _opened(home: Home, table: str) -> DeltaTable:
    found = open_table(table_path(home.warehouse, table))
    assert found
    return found


def _by_key(old: DataFrame, new: DataFrame, keys: Sequence[str], columns: Sequence[Pair]) -> RowChanges:
    counts = paired_rows(old, new, keys, columns).select(
        F.count_if(F.expr(f"old.{ROW} is null")).alias("added"),
        F.count_if(F.expr(f"new.{ROW} is null")).alias("removed"),
        F.count_if(F.expr(f"new.{ROW} <> old.{ROW}")).alias("changed"),
    )
    [found] = counts.toArrow().to_pylist()
    return RowChanges(**found)
