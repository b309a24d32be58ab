"""The trace of the rows of a table that a condition in SQL names."""

from functools import partial
from pathlib import Path

from common.errors import UserError
from common.home import Home
from lakehouse.tracing.trace_tree import TableTrace, Tracing, keys_of, specs_for
from local.engine.running.querying import NO_TABLE
from local.engine.storage.log import table_names
from local.engine.tracing.row_tracing import opened_tracing
from local.engine.tracing.source_rows import SourceRow
from pipelines.lineage import SOURCES


def traced_rows(home: Home, table: str, where: str, limit: int, spec: Path | None = None) -> TableTrace:
    """What is behind the first `limit` rows of a table that meet `where` (of all for an empty one).

    `spec` describes another project's pipeline. UserError for a table that is not there, a condition that is none, and
    where no row meets it.
    """
    _check_written(home, table)
    with opened_tracing(home, partial(specs_for, spec), keys_of) as steps:
        rows, count = steps.rows(table, where, limit)
        if not rows:
            raise UserError(f"no row of {table} meets --where {where}" if where else f"{table} has no row")
        return Tracing(home, steps, limit).trace(table, [SourceRow(row) for row in rows], count)


def _check_written(home: Home, table: str) -> None:
    known = table_names(home.warehouse)
    if table in known:
        return
    if known and table in SOURCES:
        raise UserError(f"{table} has not been written yet: `lakehouse run`")
    if not known:
        raise UserError(NO_TABLE.format(home=home.path))
    raise UserError(f"there is no table {table} in {home.path}; it has: {', '.join(known)}")
