"""What stands in a home: its tables, from their Delta logs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
from deltalake import DeltaTable

from common.home import Home
from local.engine.storage.log import table_names, table_path
from local.engine.storage.opened import newest


@dataclass(frozen=True)
class TableFacts:
    """A table's rows, the bytes of its current version, when it was last written (UTC), and its comment."""

    name: str
    rows: int
    size_bytes: int
    updated_at: datetime
    comment: str | None


def describe_tables(home: Home) -> list[TableFacts]:
    """Each table of a home, by name; needs no engine."""
    return [_facts(name, table) for name, table in _tables(home)]


def _tables(home: Home) -> Iterator[tuple[str, DeltaTable]]:
    for name in table_names(home.warehouse):
        table = newest(table_path(home.warehouse, name))
        # It may have been dropped since the names were read.
        if table:
            yield name, table


def _facts(name: str, table: DeltaTable) -> TableFacts:
    files = _files(table)
    [last] = table.history(1)
    return TableFacts(
        name,
        _sum(files, "num_records"),
        _sum(files, "size_bytes"),
        datetime.fromtimestamp(last["timestamp"] / 1000, UTC),
        table.metadata().description,
    )


def row_count(table: DeltaTable) -> int:
    """The rows of a table, from the statistics of its data files."""
    return _sum(_files(table), "num_records")


def _files(table: DeltaTable) -> pa.Table:
    # Not pa.table, which imports pandas.
    return pa.RecordBatchReader.from_stream(table.get_add_actions(flatten=True)).read_all()


def _sum(files: pa.Table, column: str) -> int:
    return sum(files[column].to_pylist()) if column in files.column_names else 0
