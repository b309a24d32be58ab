"""The trace of the rows of a table that a condition in SQL names."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from common.errors import UserError
from common.home import Home
from lakehouse.tracing.conditions import check_condition
from lakehouse.tracing.trace_tree import TableTrace, Tracing, keys_of, specs_for
from local.engine.checking.error_meanings import missing_column
from local.engine.running.querying import NO_TABLE
from local.engine.running.table_reading import no_such_table
from local.engine.storage.log import table_names
from local.engine.tracing.row_tracing import opened_tracing
from local.engine.tracing.source_rows import SourceRow
from pipelines.lineage import SOURCES


def traced_rows(
    home: Home,
    table: str,
    where: str,
    limit: int,
    spec: Path | None = None,
    *,
    column: str = "",
    on_table: Callable[[str], None] = lambda _: None,
) -> TableTrace:
    """What is behind the first `limit` rows of a table that meet `where` (of all for an empty one).

    `column` narrows it to what that column is made of, `spec` describes another project's pipeline, and `on_table`
    hears which table is asked about. UserError for a table or column that is not there, a condition that is none, and
    where no row meets it.
    """
    _check_written(home, table)
    with opened_tracing(home, partial(specs_for, spec), keys_of) as steps:
        try:
            rows, count = steps.rows(table, where, limit)
        except UserError:
            check_condition(where)
            raise
        if not rows:
            raise UserError(
                f"no row of {table} meets the condition {where}" if where else f"{table} has no row"
            )
        asked = _column(table, column, [*rows[0]]) if column else ""
        sources = [SourceRow(row) for row in rows]
        return Tracing(home, steps, limit, on_table).trace(table, sources, count, asked)


def _column(table: str, name: str, columns: Sequence[str]) -> str:
    """The column as the table spells it."""
    found = [one for one in columns if one.lower() == name.lower()]
    if not found:
        raise UserError(missing_column(name, {table: columns}))
    return found[0]


def _check_written(home: Home, table: str) -> None:
    known = table_names(home.warehouse)
    if table in known:
        return
    if known and table in SOURCES:
        raise UserError(f"{table} has not been written yet: `lakehouse run`")
    if not known:
        raise UserError(NO_TABLE.format(home=home.path))
    raise UserError(no_such_table(table, home, known))
