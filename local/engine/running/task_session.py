"""The `spark` of a job's task on one machine: it reads the tables of a home, and deletes rows of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.errors import NotSupplied
from common.home import Home
from local.engine.evaluating.session import PipelineSession
from local.engine.language.loading.active_session import active
from local.engine.language.sql.cursor import Cursor
from local.engine.language.sql.words import QUERIES
from local.engine.running.querying import HomeTables
from local.engine.running.table_reading import named_table
from local.engine.sessions import sail
from local.engine.sessions.client import ready
from local.engine.storage.delta import folder_of
from local.engine.storage.log import is_streaming
from local.engine.writing.deleting import delete_where

# How errors of the text name it; no file has it.
_STATEMENT = Path("statement")


class TaskSession(PipelineSession):
    """A session on Sail whose `sql` answers queries, `DELETE FROM` a streaming table, `REORG ... APPLY (PURGE)` and
    `USE CATALOG`; NotSupplied for any other statement.
    """

    def __init__(self, home: Home) -> None:
        super().__init__(sail.channel())
        self._home = home
        self.home_tables = HomeTables(home, self, "sail")

    def sql(self, sqlQuery: str, args: Any = None, **kwargs: Any) -> Any:  # noqa: N803 - Spark's names
        """The result of a statement; of DELETE, as on Databricks, `num_affected_rows`."""
        statement = Cursor(sqlQuery, _STATEMENT, 1)
        if any(map(statement.at, QUERIES)):
            return super().sql(sqlQuery, args, **kwargs)
        if args or kwargs:
            raise NotSupplied("parameters of SQL are supplied for queries only on one machine")
        if statement.take("DELETE", "FROM"):
            return self.createDataFrame([(self._delete(statement),)], "num_affected_rows LONG")
        self._pass_over(statement)
        return self.createDataFrame([], "result STRING")

    def _pass_over(self, statement: Cursor) -> None:
        """A statement that changes nothing here; raises for any other."""
        if statement.take("REORG", "TABLE"):
            # Without deletion vectors nothing is left to purge: a deletion writes the other rows anew.
            named_table(self._home, statement.name())
            statement.until(lambda: statement.at("APPLY"))
            statement.need("APPLY", "(", "PURGE", ")")
        elif statement.take("USE", "CATALOG"):
            # One home has one set of tables, whatever the catalog.
            statement.name()
        _end(statement)

    def _delete(self, statement: Cursor) -> int:
        name, condition = statement.name(), "true"
        if statement.take("WHERE"):
            condition = statement.until(lambda: statement.at(";"))
        _end(statement)
        folder = folder_of(named_table(self._home, name))
        if not is_streaming(folder):
            raise NotSupplied(
                f"{name}: rows of a materialized view cannot be deleted, its pipeline makes it anew"
            )
        deleted = delete_where(self, folder, condition)
        return deleted.rows if deleted else 0


def _end(statement: Cursor) -> None:
    """Raises NotSupplied where more than semicolons follows."""
    while statement.take(";"):
        pass
    if not statement.done:
        raise NotSupplied(
            f"{statement.text.strip()[:60]}: a task's SQL on one machine is a query, a deletion (DELETE FROM), "
            "REORG TABLE ... APPLY (PURGE) or USE CATALOG"
        )


@contextmanager
def spark_of_task(home: Home) -> Iterator[None]:
    """In this context `SparkSession.builder.getOrCreate()` gives a session on the tables of a home.

    The caller holds the home's lock.
    """
    session = ready(TaskSession(home))
    with active(session), session.reading(session.home_tables):
        yield
