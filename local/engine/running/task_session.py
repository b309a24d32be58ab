"""The `spark` of a job's task on one machine: it reads the tables of a home, and deletes rows of them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.errors import NotSupplied
from common.home import Home
from local.engine.evaluating.session import PipelineSession
from local.engine.language.loading.active_session import active
from local.engine.running.querying import HomeTables
from local.engine.running.table_reading import named_table
from local.engine.sessions import sail
from local.engine.sessions.client import ready
from local.engine.storage.delta import folder_of
from local.engine.storage.log import is_streaming
from local.engine.writing.deleting import delete_where

_NAME = r"(?P<table>[\w.`]+)"
_DELETE = re.compile(
    rf"\s*DELETE\s+FROM\s+{_NAME}(?:\s+WHERE\s(?P<where>.+?))?[\s;]*", re.IGNORECASE | re.DOTALL
)
_PURGE = re.compile(
    rf"\s*REORG\s+TABLE\s+{_NAME}\s.*APPLY\s*\(\s*PURGE\s*\)[\s;]*", re.IGNORECASE | re.DOTALL
)
_CATALOG = re.compile(r"\s*USE\s+CATALOG\s+[\w`]+[\s;]*", re.IGNORECASE)
_QUERY = re.compile(r"[\s(]*(SELECT|WITH|VALUES|FROM)\b", re.IGNORECASE)


class TaskSession(PipelineSession):
    """A session on Sail whose `sql` answers queries, `DELETE FROM` a streaming table, `REORG ... APPLY (PURGE)` and
    `USE CATALOG`; NotSupplied for any other statement.
    """

    def __init__(self, home: Home) -> None:
        super().__init__(sail.channel())
        self._home = home
        self.home_tables = HomeTables(home, self)

    def sql(self, sqlQuery: str, args: Any = None, **kwargs: Any) -> Any:  # noqa: N803 - Spark's names
        """The result of a statement; of DELETE, as on Databricks, `num_affected_rows`."""
        if _QUERY.match(sqlQuery):
            return super().sql(sqlQuery, args, **kwargs)
        if args or kwargs:
            raise NotSupplied("parameters of SQL are supplied for queries only on one machine")
        if found := _DELETE.fullmatch(sqlQuery):
            rows = self._delete(found["table"], found["where"] or "true")
            return self.createDataFrame([(rows,)], "num_affected_rows LONG")
        if found := _PURGE.fullmatch(sqlQuery):
            # Without deletion vectors nothing is left to purge: a deletion writes the other rows anew.
            named_table(self._home, found["table"])
        elif not _CATALOG.fullmatch(sqlQuery):
            raise NotSupplied(
                f"{sqlQuery.strip()[:60]}: a task's SQL on one machine is a query, DELETE FROM, "
                "REORG TABLE ... APPLY (PURGE) or USE CATALOG"
            )
        # One home has one set of tables, whatever the catalog.
        return self.createDataFrame([], "result STRING")

    def _delete(self, name: str, condition: str) -> int:
        folder = folder_of(named_table(self._home, name))
        if not is_streaming(folder):
            raise NotSupplied(
                f"{name}: rows of a materialized view cannot be deleted, its pipeline makes it anew"
            )
        deleted = delete_where(self, folder, condition)
        return deleted.rows if deleted else 0


@contextmanager
def spark_of_task(home: Home) -> Iterator[None]:
    """In this context `SparkSession.builder.getOrCreate()` gives a session on the tables of a home.

    The caller holds the home's lock.
    """
    session = ready(TaskSession(home))
    with active(session), session.reading(session.home_tables):
        yield
