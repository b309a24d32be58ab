"""Reads a home's tables by SQL."""

from itertools import pairwise

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from common.errors import UserError
from common.home import Home
from local.engine.evaluating.binding import bound_query
from local.engine.evaluating.session import FileRead, PipelineSession, TableRead
from local.engine.language.sql.supplied import current_names
from local.engine.language.sql.words import words
from local.engine.running.opening import opened_session
from local.engine.running.rows import Rows, rows_of
from local.engine.running.table_reading import named_table
from local.engine.sessions.engines import EngineName
from local.engine.sessions.errors import need_behind, spark_message
from local.engine.storage.delta import read_table
from local.engine.storage.log import table_names

_STATEMENTS = ("SHOW", "DESCRIBE", "DESC", "USE", "SET", "CREATE")
NO_TABLE = "{home} holds no table yet: `lakehouse generate`, then `lakehouse run`"


class HomeTables:
    """The tables of a home as a session reads them, each as it is when the query begins."""

    def __init__(self, home: Home, session: PipelineSession, engine: EngineName) -> None:
        self._home = home
        self._session = session
        self._engine: EngineName = engine

    def table(self, read: TableRead) -> DataFrame:
        """The rows of a table (see named_table)."""
        alias = read.name.lower().replace("`", "").rpartition(".")[2]
        return read_table(self._session, named_table(self._home, read.name)).alias(alias)

    def files(self, read: FileRead) -> DataFrame:
        """Files are read by pipelines only."""
        raise UserError(f"{read.format} {read.path}: a query reads tables, schema.table")

    def has_table(self, name: str) -> bool:
        """Whether there is a table or view of this name."""
        return name in table_names(self._home.warehouse)

    def bound(self, query: str) -> str:
        """The query with the names of views in the place of the tables that it reads."""
        _check_calls(query)
        return bound_query(query, self, self._session.fields_of, for_engine=self._engine)


def query(home: Home, *statements: str, engine: EngineName = "sail") -> list[Rows]:
    """The results of queries on the home's tables, `schema.table`.

    Raises UserError with the engine's message for a wrong one, for what is no query, and when the home holds no table;
    NeedsSpark for what Sail lacks.
    """
    for statement in statements:
        _must_be_query(statement)
    if not table_names(home.warehouse):
        raise UserError(NO_TABLE.format(home=home.path))
    try:
        with opened_session(engine) as (session, _), session.reading(HomeTables(home, session, engine)):
            return [rows_of(session.sql(statement).toArrow()) for statement in statements]
    except PySparkException as error:
        raise need_behind(error) or UserError(spark_message(error)) from None


def _check_calls(query: str) -> None:
    found = words(query)
    named = {one.text.lower() for one, after in pairwise(found) if not one.is_quoted and after.is_("(")}
    for name in sorted(named & {*current_names("", "")}):
        raise UserError(f"{name}(): a home has no current catalog or schema, pipelines have")


def _must_be_query(statement: str) -> None:
    """An engine knows nothing of the home's catalog: what it says of tables, and what it is to make, is of no home."""
    first = next((word.text.upper() for word in words(statement)), "")
    if not first:
        raise UserError("the query is empty: SELECT ... FROM schema.table")
    if first in _STATEMENTS:
        raise UserError(
            f"{first} is no query: `lakehouse tables` lists the tables, `lakehouse sql` reads their rows"
        )
