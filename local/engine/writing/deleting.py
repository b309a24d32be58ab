"""Deletes rows of a table outside of an update, as DELETE does on Databricks: a commit that streams may pass over."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, StructType

from common.errors import NotSupplied
from local.engine.cdc.change_events import DELETED, END_AT, SEQUENCE, START_AT, TRUNCATES
from local.engine.cdc.hidden import SHOWN, Hidden, restore
from local.engine.storage import delta
from local.engine.storage.log import cdc_state_of

Predicate = Callable[[Sequence[str]], str | None]
"""From the names of columns to the SQL that is true for rows that go; None where no row of such a table does."""

Mark = Callable[[DataFrame, Sequence[str]], DataFrame | None]
"""Adds _GOES, true for rows that go, to rows with these columns; None where no row of such a table does."""

_GOES = "__goes"
# What a hidden table has beside columns of its target.
_MARKS = {SEQUENCE, DELETED, TRUNCATES}


@dataclass(frozen=True)
class Deleted:
    """How many rows of a table are gone, and of its hidden table of AUTO CDC; versions up to `last_with` have them."""

    rows: int
    hidden_rows: int
    last_with: int


def delete_rows(session: SparkSession, folder: Path, predicate: Predicate, cause: str) -> Deleted | None:
    """Deletes rows of the table in a folder and of the hidden table beside it; None where there is no table.

    `cause` is what the commits, and so the next update, say of who did it.
    """
    table = delta.open_table(folder)
    if table is None:
        return None

    def mark(rows: DataFrame, columns: Sequence[str]) -> DataFrame | None:
        goes = predicate(columns)
        return rows.withColumn(_GOES, F.expr(goes)) if goes else None

    return _deleted(session, folder, table, (mark, mark), cause)


def delete_where(session: SparkSession, folder: Path, condition: str) -> Deleted | None:
    """Deletes the rows for which a SQL condition is true, as `DELETE FROM ... WHERE` does; None where is no table.

    Raises PySparkException for a condition that the table's columns do not meet. What AUTO CDC remembers goes by the
    condition, too, or with the key of a row that goes where it remembers nothing but keys; NotSupplied where neither
    tells (a condition on when a version of a history began or ended).
    """
    table = delta.open_table(folder)
    if table is None:
        return None

    def mark(rows: DataFrame, _: Sequence[str]) -> DataFrame:
        # A null is not true.
        return rows.withColumn(_GOES, F.expr(f"coalesce(({condition}), false)"))

    marked = mark(delta.read_table(session, table), ())
    # Asked for here, so that a wrong condition fails before anything is deleted.
    names = marked.columns

    def mark_hidden(rows: DataFrame, columns: Sequence[str]) -> DataFrame:
        if _resolves(by_condition := mark(rows, columns)):
            return by_condition
        keys = [name for name in columns if name not in _MARKS]
        if START_AT in names:
            raise NotSupplied(
                f"{folder.name}: name rows to delete by other columns than {START_AT} and {END_AT}"
            )
        # Not filtered by: Sail cannot filter by every function.
        gone = marked.groupBy(*keys).agg(F.max(F.col(_GOES).cast("INT")).alias(_GOES))
        return rows.join(gone, keys, "left").withColumn(_GOES, F.coalesce(F.col(_GOES) == 1, F.lit(False)))

    return _deleted(session, folder, table, (mark, mark_hidden), "a DELETE")


def _resolves(rows: DataFrame) -> bool:
    try:
        return bool(rows.schema)
    except AnalysisException:
        return False


def _deleted(
    session: SparkSession, folder: Path, table: DeltaTable, marks: tuple[Mark, Mark], cause: str
) -> Deleted:
    """A target of AUTO CDC names the version of its hidden table: that is committed first, and counts from the target's
    commit on.
    """
    mark, mark_hidden = marks
    last_with = table.version()
    state = cdc_state_of(folder)
    hidden = Hidden.opened(state, table).table
    hidden_rows, shown = 0, {}
    if hidden is not None:
        restore(state, hidden.version())
        hidden_rows = _delete(session, state, hidden, mark_hidden, delta.Commit(cause=cause))
        shown = {SHOWN: DeltaTable(state).version()} if hidden_rows else {}
    rows = _delete(session, folder, table, mark, delta.Commit(shown, cause=cause))
    return Deleted(rows, hidden_rows, last_with)


def _delete(session: SparkSession, folder: Path, table: DeltaTable, mark: Mark, commit: delta.Commit) -> int:
    schema = delta.schema_of(table)
    rows, affected, kept = 0, [], []
    for file in delta.data_files(table):
        marked = mark(delta.read_files(session, schema, [file]), schema.names)
        if marked is None:
            break
        [[gone]] = marked.agg(F.sum(F.col(_GOES).cast("INT"))).collect()
        if gone:
            rows += gone
            affected.append(file)
            kept += _without(session, marked, schema, folder)
    if affected or commit.transactions:
        delta.replace(folder, affected, kept, schema, commit)
    return rows


def _without(
    session: SparkSession, marked: DataFrame, schema: StructType, folder: Path
) -> list[delta.DataFile]:
    """The other rows, as files. Written once with the mark: Sail cannot filter by every function."""
    scratch = folder / "_deleting"
    scratch.mkdir(exist_ok=True)
    try:
        files = [file.path for file in delta.stage(marked, scratch)]
        with_mark = StructType([*schema.fields]).add(_GOES, BooleanType())
        rows = delta.read_files(session, with_mark, files)
        return delta.stage(rows.where(~F.col(_GOES)).drop(_GOES), folder)
    finally:
        shutil.rmtree(scratch)
