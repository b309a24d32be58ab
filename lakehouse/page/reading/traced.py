"""A trace as the page shows it, made by the command in a process of its own: it loads the pipelines' code."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import Home
from common.sql_text import equals, quoted
from lakehouse.page.reading.column_facts import ColumnFacts
from lakehouse.page.reading.rows import RowsPage
from lakehouse.tracing.conditions import check_condition

WrittenTrace = dict[str, Any]
"""What `lakehouse trace --format json` writes of a table."""


@dataclass(frozen=True)
class CellOrigins:
    """Where the values of some rows come from: `wheres` names each row of `table` by a condition in SQL.

    `columns` has for each shown column the one of the table that a trace narrows to; empty for the whole row. Of a
    dashboard's `widget`, `fields` has the field of its query that each shown column is.
    """

    table: str
    wheres: Sequence[str]
    columns: Sequence[str]
    widget: str = ""
    fields: Sequence[str] = ()


def cell_origins(table: str, page: RowsPage, columns: Sequence[ColumnFacts]) -> CellOrigins | None:
    """Where the values of a table's rows come from, of a key's column the whole row; None for a table without a key."""
    names = [name for name, _ in page.columns]
    keys = [column.name for column in columns if column.is_key and column.name in names]
    if not keys:
        return None
    wheres = [where_of(names, row, keys) for row in page.rows]
    return CellOrigins(table, wheres, ["" if name in keys else name for name in names])


def trace_of(home: Home, table: str, where: str, column: str, limit: int) -> WrittenTrace:
    """The trace of rows of a table, or of one column of theirs; UserError with what the command says.

    `where` names the rows by a condition in SQL; the first ones where it is empty.
    """
    check_condition(where)
    options = [
        f"--where={where}",
        f"--column={column}",
        f"--limit={limit}",
        "--format=json",
        f"--home={home.path}",
    ]
    command = [sys.executable, "-m", "lakehouse", "trace", *options, "--", table]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(done.stderr.strip().removeprefix("error: ") or "it cannot be told")
    return json.loads(done.stdout)


def with_those_behind(table: WrittenTrace, above: str = "") -> Iterator[tuple[WrittenTrace, str]]:
    """A traced table and all behind it, each with the name of the one whose rows it is behind."""
    yield table, above
    for one in table["behind"]:
        yield from with_those_behind(one, table["table"])


def where_of(columns: Sequence[str], row: Sequence[Any], keys: Sequence[str]) -> str:
    """The condition in SQL that names a row by its key; empty where the table has none."""
    values = dict(zip(columns, row, strict=True))
    return " and ".join(equals(_name(key), values[key]) for key in keys if key in values)


def _name(column: str) -> str:
    return column if column.isidentifier() else quoted(column)
