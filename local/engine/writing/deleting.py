"""Deletes rows of a table outside of an update, as DELETE does on Databricks: a commit that streams may pass over."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, StructType

from local.engine.cdc.hidden import SHOWN, Hidden, restore
from local.engine.storage import delta
from local.engine.storage.log import cdc_state_of

Predicate = Callable[[Sequence[str]], str | None]
"""From the names of columns to the SQL that is true for rows that go; None where no row of such a table does."""

_GOES = "__goes"


@dataclass(frozen=True)
class Deleted:
    """How many rows of a table are gone, and of its hidden table of AUTO CDC; versions up to `last_with` have them."""

    rows: int
    hidden_rows: int
    last_with: int


def delete_rows(session: SparkSession, folder: Path, predicate: Predicate) -> Deleted | None:
    """Deletes rows of the table in a folder and of the hidden table beside it; None where there is no table.

    A target of AUTO CDC names the version of its hidden table: that is committed first, and counts from the target's
    commit on.
    """
    table = delta.open_table(folder)
    if table is None:
        return None
    last_with = table.version()
    state = cdc_state_of(folder)
    hidden = Hidden.opened(state, table).table
    hidden_rows, shown = 0, {}
    if hidden is not None:
        restore(state, hidden.version())
        hidden_rows = _delete(session, state, hidden, predicate, {})
        shown = {SHOWN: DeltaTable(state).version()} if hidden_rows else {}
    return Deleted(_delete(session, folder, table, predicate, shown), hidden_rows, last_with)


def _delete(
    session: SparkSession, folder: Path, table: DeltaTable, predicate: Predicate, transactions: dict[str, int]
) -> int:
    schema = delta.schema_of(table)
    goes = predicate(schema.names)
    rows, affected, kept = 0, [], []
    for file in delta.data_files(table) if goes else ():
        marked = delta.read_files(session, schema, [file]).withColumn(_GOES, F.expr(goes or ""))
        [[gone]] = marked.agg(F.sum(F.col(_GOES).cast("INT"))).collect()
        if gone:
            rows += gone
            affected.append(file)
            kept += _without(session, marked, schema, folder)
    if affected or transactions:
        delta.replace(folder, affected, kept, schema, delta.Commit(transactions))
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
