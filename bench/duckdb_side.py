"""The third side: DuckDB computes silver and gold from the same raw files, in memory, by the SQL in `bench/sql`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from common.home import Home
from local.engine.storage import delta
from local.engine.storage.log import table_path
from pipelines.schemas import gold, silver
from pipelines.schemas.model import Column, Table

SQL = Path(__file__).with_name("sql")
STEPS = ("cleaning", "silver", "gold")
# How old gold is does not follow from the raw files.
COMPUTED_TABLES = (*silver.TABLES, *(table for table in gold.TABLES if table is not gold.PUBLICATION))
# An average may differ in the last bit where an engine adds in another order.
PLACES = 6

Checksums = dict[str, str]
"""For each table of silver and gold how many rows it has, and a checksum of their values."""


@contextmanager
def duckdb_tables(raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that holds the tables of silver and gold, from the raw files below `raw`."""
    with duckdb.connect() as database:
        database.execute("SET VARIABLE raw = ?", [str(raw)])
        for step in STEPS:
            database.execute((SQL / f"{step}.sql").read_text(encoding="utf-8"))
        yield database


def checksums(database: duckdb.DuckDBPyConnection) -> Checksums:
    """Of the tables in the database."""
    return {table.name: _checksum(database.table(table.name), table) for table in COMPUTED_TABLES}


def written_checksums(home: Home) -> Checksums:
    """Of the tables that an update wrote below `home`."""
    with duckdb.connect() as database:
        return {table.name: _checksum(_written(database, home, table), table) for table in COMPUTED_TABLES}


def _written(database: duckdb.DuckDBPyConnection, home: Home, table: Table) -> duckdb.DuckDBPyRelation:
    written = delta.open_table(table_path(home.warehouse, table.name))
    assert written
    return database.read_parquet(written.file_uris())


def _checksum(rows: duckdb.DuckDBPyRelation, table: Table) -> str:
    values = ", ".join(map(_comparable, table.columns))
    found = rows.aggregate(f"count(*), sum(hash({values}))").fetchone()
    assert found
    return f"{found[0]} rows, checksum {found[1]}"


def _comparable(column: Column) -> str:
    """The column's values, spelled as both sides spell them: microseconds, the declared decimals, 6 places."""
    if column.type == "DOUBLE":
        return f"round({column.name}, {PLACES})"
    return f"epoch_us({column.name})" if column.type == "TIMESTAMP" else f"{column.name}::{column.type}"
