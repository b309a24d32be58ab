"""Reads a home's tables by SQL."""

from collections.abc import Sequence
from difflib import get_close_matches

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from common.errors import UserError
from common.home import Home
from local.engine.evaluating.binding import bound_query
from local.engine.evaluating.evaluating import spark_message
from local.engine.evaluating.session import FileRead, PipelineSession, TableRead
from local.engine.running.opening import opened_session
from local.engine.running.rows import Rows
from local.engine.storage.delta import open_table
from local.engine.storage.delta import read_table as table_rows
from local.engine.storage.log import table_names, table_path

NO_TABLE = "{home} holds no table yet: `lakehouse generate`, then `lakehouse run`"


class HomeTables:
    """The tables of a home as a session reads them, each as it is when the query begins."""

    def __init__(self, home: Home, session: PipelineSession) -> None:
        self._home = home
        self._session = session

    def table(self, read: TableRead) -> DataFrame:
        """The rows of `schema.table` or `catalog.schema.table`; the catalog of a pipeline's own schemas is left out."""
        full = read.name.lower().replace("`", "").split(".")
        named = [".".join(full[-parts:]) for parts in (3, 2) if len(full) >= parts]
        found = (open_table(table_path(self._home.warehouse, name)) for name in named)
        table = next((one for one in found if one), None)
        if table is None:
            raise UserError(no_such_table(read.name, self._home, table_names(self._home.warehouse)))
        return table_rows(self._session, table).alias(full[-1])

    def files(self, read: FileRead) -> DataFrame:
        """Files are read by pipelines only."""
        raise UserError(f"{read.format} {read.path}: a query reads tables, schema.table")

    def bound(self, query: str) -> str:
        """The query with the names of views in the place of the tables that it reads."""
        return bound_query(query, self, self._session.fields_of)


def no_such_table(name: str, home: Home, known: Sequence[str]) -> str:
    """That a home has no table of a name, and which of those that it has are nearest to it."""
    near = get_close_matches(name.lower(), known, n=4, cutoff=0.5)
    others = f"the nearest that it has: {', '.join(near)}" if near else f"it has: {', '.join(known)}"
    return f"there is no table {name} in {home.path}; {others}"


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


def rows_of(table: pa.Table) -> Rows:
    """The rows of an Arrow table."""
    columns = list(table.column_names)
    values = [column.to_pylist() for column in table.columns]
    return Rows(columns, list(zip(*values, strict=True)) if values else [])
