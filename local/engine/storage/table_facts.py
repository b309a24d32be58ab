"""What stands in a home: its tables, from their Delta logs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from deltalake import DeltaTable

from common.home import Home
from local.engine.storage.log import table_names, table_path
from local.engine.storage.opened import newest

if TYPE_CHECKING:
    from arro3.core import Table


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
    files = table.get_add_actions(flatten=True)
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
    return _sum(table.get_add_actions(flatten=True), "num_records")


def _sum(files: "Table", column: str) -> int:
    """The sum of a column of facts of files, as delta-rs gives them: pyarrow takes as long to import as all else."""
    return sum(files.column(column).to_pylist()) if column in files.column_names else 0
