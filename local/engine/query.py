"""Reads a home's tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.errors import PySparkException
from pyspark.logger import PySparkLogger

from common.errors import UserError
from common.home import Home
from local.engine import journal
from local.engine.catalog import readable, reading
from local.engine.events import spark_message
from local.engine.session import start_engine
from local.engine.storage.lock import is_locked

UNDER_WAY = " (an update is under way: a table that it writes for the first time is missing until then)"


@dataclass(frozen=True)
class Rows:
    """The result of a query: column names and rows of Python values."""

    columns: list[str]
    rows: Sequence[tuple[Any, ...]]

    def as_dicts(self) -> list[dict[str, Any]]:
        """A mapping a row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def query(home: Home, *statements: str) -> list[Rows]:
    """The results of SQL statements on the home's tables, `schema.table`.

    While an update is under way, what it has not written yet is read as it was before. Raises UserError with Spark's
    message for a wrong statement, and when the home holds no table.
    """
    if not readable(home):
        raise UserError(f"{home.path} holds no table yet: `lakehouse generate`, then `lakehouse run`")
    engine = start_engine(home.warehouse)
    session = engine.session()
    if journal.unfinished(home) and not is_locked(home):
        journal.restore(home, engine.pid)
    # pyspark would log a wrong statement as JSON with its own stack, besides the message that the user is told.
    PySparkLogger.getLogger("SQLQueryContextLogger").disabled = True
    try:
        # Asked again: an update may have begun or ended while Spark started.
        with reading(session, home, readable(home)):
            return [rows_of(session.sql(statement).toArrow()) for statement in statements]
    except PySparkException as error:
        raise UserError(spark_message(error) + (UNDER_WAY if journal.unfinished(home) else "")) from None


def rows_of(table: Any) -> Rows:
    """The rows of an Arrow table."""
    columns = list(table.column_names)
    values = [column.to_pylist() for column in table.columns]
    return Rows(columns, list(zip(*values, strict=True)) if values else [])
