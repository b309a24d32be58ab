"""Reads all rows of one table, which needs no engine."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from pyarrow import parquet

from common.errors import UserError
from common.home import Home
from local.engine.running.rows import Rows
from local.engine.storage.delta import data_files, open_table
from local.engine.storage.log import table_names, table_path

_QUERY = re.compile(r"\s*select\s+\*\s+from\s+(\w+(?:\.\w+){1,2})(?:\s+limit\s+([0-9]+))?\s*", re.IGNORECASE)


def rows_of_one_table(home: Home, statement: str) -> Rows | None:
    """The rows of `select * from schema.table`, with or without `limit n`; None for another statement.

    None, too, in a home without tables. Whatever is to be computed is the engine's, since it answers as Spark does.
    UserError for a table that is not there.
    """
    asked = _QUERY.fullmatch(statement)
    if asked is None or not table_names(home.warehouse):
        return None
    name, limit = asked.groups()
    return _rows(named_table(home, name), None if limit is None else int(limit))


def _rows(table: DeltaTable, limit: int | None) -> Rows:
    """The first rows of a table, or all.

    File by file: Arrow's datasets import pandas, which takes as long as all else of this together.
    """
    schema = pa.schema(table.schema().to_arrow())
    rows: list[tuple[Any, ...]] = []
    for file in data_files(table):
        wanted = None if limit is None else limit - len(rows)
        if wanted == 0:
            break
        read = parquet.ParquetFile(file).read().slice(0, wanted)
        rows += zip(*(_values(read, field) for field in schema), strict=True)
    return Rows(schema.names, rows)


def _values(rows: pa.Table, field: pa.Field) -> list[Any]:
    """A column of a file in the table's type; null where the file is older than the column."""
    if field.name not in rows.column_names:
        return [None] * rows.num_rows
    column = rows[field.name]
    return (column if column.type == field.type else column.cast(field.type)).to_pylist()


def named_table(home: Home, name: str) -> DeltaTable:
    """The table `schema.table` or `catalog.schema.table` of a home.

    The catalog of a pipeline's own schemas is left out. UserError for a table that is not there.
    """
    parts = name.lower().replace("`", "").split(".")
    named = [".".join(parts[-length:]) for length in (3, 2) if len(parts) >= length]
    found = (open_table(table_path(home.warehouse, each)) for each in named)
    table = next((one for one in found if one), None)
    if table is None:
        raise UserError(no_such_table(name, home, table_names(home.warehouse)))
    return table


def no_such_table(name: str, home: Home, known: Sequence[str]) -> str:
    """That a home has no table of a name, and which of those that it has are nearest to it."""
    return f"there is no table {name} in {home.path}; {nearest_tables(name, known)}"


def nearest_tables(name: str, known: Sequence[str]) -> str:
    """The few of the known tables whose names are nearest to one that is not known, as the end of a sentence."""
    # Without any that is like it those are told that are least unlike.
    near = next(filter(None, (get_close_matches(name.lower(), known, 4, cutoff) for cutoff in (0.5, 0))), [])
    return f"the nearest that it has: {', '.join(near)}"
