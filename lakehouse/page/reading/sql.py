"""SQL that reads: on an engine that the first query starts, and that ends with the page."""

from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock
from typing import Any

import pyarrow as pa
import sqlglot
from pyspark.errors import PySparkException
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.errors import UserError
from common.home import Home
from local.engine.sessions.engines import EngineName

READS_ONLY = "the page only reads: write one query (SELECT ... or WITH ... SELECT ...)"
AT_MOST = 10_000


@dataclass(frozen=True)
class SqlRows:
    """A query's rows; `is_cut` when there were more."""

    rows: pa.Table
    is_cut: bool


class SqlBox:
    """One query at a time on the tables of a home, as they are when it begins."""

    def __init__(self, home: Home, engine: EngineName = "sail") -> None:
        self._home = home
        self._engine: EngineName = engine
        self._lock = Lock()
        self._opened = ExitStack()
        self._session: Any = None

    def query(self, statement: str, at_most: int = AT_MOST) -> SqlRows:
        """The first rows of a query; UserError with what the engine says of a wrong one, and for what is no query."""
        from local.engine.running.querying import HomeTables
        from local.engine.sessions.errors import spark_message

        check_reads(statement)
        with self._lock:
            session = self._started()
            try:
                with session.reading(HomeTables(self._home, session, self._engine)):
                    rows = session.sql(statement).limit(at_most + 1).toArrow()
            except PySparkException as error:
                raise UserError(spark_message(error)) from None
        return SqlRows(rows.slice(0, at_most), rows.num_rows > at_most)

    def close(self) -> None:
        """Ends the engine's session."""
        with self._lock:
            self._opened.close()
            self._session = None

    def _started(self) -> Any:
        if self._session is None:
            from local.engine.running.opening import opened_session

            self._session, _ = self._opened.enter_context(opened_session(self._engine))
        return self._session


def check_reads(statement: str) -> None:
    """Raises UserError for anything but one query."""
    try:
        parsed = sqlglot.parse(statement, read="databricks")
    except SqlglotError as error:
        raise UserError(f"{READS_ONLY}; this could not be read: {str(error).splitlines()[0]}") from None
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise UserError(READS_ONLY)
