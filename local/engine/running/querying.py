"""Reads a home's tables by SQL."""

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from common.errors import UserError
from common.home import Home
from local.engine.evaluating.binding import bound_query
from local.engine.evaluating.session import FileRead, PipelineSession, TableRead
from local.engine.running.opening import opened_session
from local.engine.running.rows import Rows, rows_of
from local.engine.running.table_reading import named_table
from local.engine.sessions.errors import spark_message
from local.engine.storage.delta import read_table
from local.engine.storage.log import table_names

NO_TABLE = "{home} holds no table yet: `lakehouse generate`, then `lakehouse run`"


class HomeTables:
    """The tables of a home as a session reads them, each as it is when the query begins."""

    def __init__(self, home: Home, session: PipelineSession) -> None:
        self._home = home
        self._session = session

    def table(self, read: TableRead) -> DataFrame:
        """The rows of a table (see named_table)."""
        alias = read.name.lower().replace("`", "").rpartition(".")[2]
        return read_table(self._session, named_table(self._home, read.name)).alias(alias)

    def files(self, read: FileRead) -> DataFrame:
        """Files are read by pipelines only."""
        raise UserError(f"{read.format} {read.path}: a query reads tables, schema.table")

    def bound(self, query: str) -> str:
        """The query with the names of views in the place of the tables that it reads."""
        return bound_query(query, self, self._session.fields_of)


def query(home: Home, *statements: str) -> list[Rows]:
    """The results of SQL statements on the home's tables, `schema.table`.

    Raises UserError with the engine's message for a wrong statement, and when the home holds no table.
    """
    if not table_names(home.warehouse):
        raise UserError(NO_TABLE.format(home=home.path))
    try:
        with opened_session() as (session, _), session.reading(HomeTables(home, session)):
            return [rows_of(session.sql(statement).toArrow()) for statement in statements]
    except PySparkException as error:
        raise UserError(spark_message(error)) from None
