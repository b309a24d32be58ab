"""Puts what the engine knows in the place of the tables that a query names."""

from itertools import pairwise
from uuid import uuid4

from pyspark.sql import DataFrame

from local.engine.evaluating.session import FileRead, Sources, TableRead
from local.engine.language.schemas import struct_of
from local.engine.language.sql.blocks import QueryText
from local.engine.language.sql_queries import FieldsOf, Reference, bind, for_sail, references, with_types
from local.engine.sessions.engines import EngineName
from local.engine.sessions.errors import NeedsSpark


def bound_query(query: str, sources: Sources, fields_of: FieldsOf, *, for_engine: EngineName) -> str:
    """The query with a temporary view for each table, view or file source that it reads, as the engine takes it.

    `fields_of` gives the columns of a query that names such views. Raises NeedsSpark for what Sail would answer
    otherwise.
    """
    if for_engine == "sail":
        check_recursion(query)
    views: list[str] = []
    for reference in references(query):
        frame = _rows(reference, sources)
        view = f"__read_{uuid4().hex}"
        frame.createOrReplaceTempView(view)
        views.append(view)
    plain = for_sail(
        bind(query, views) if views else query, lambda text: [one.name for one in fields_of(text)]
    )
    return plain if for_engine == "spark" else with_types(plain, fields_of)


def check_recursion(query: str) -> None:
    """Raises NeedsSpark for WITH RECURSIVE, whose own name Sail takes for a table's."""
    if ("WITH", "RECURSIVE") in pairwise(QueryText(query).keys):
        raise NeedsSpark("WITH RECURSIVE", "Sail does not know it")


def _rows(reference: Reference, sources: Sources) -> DataFrame:
    files = reference.files
    if files is None:
        return sources.table(TableRead(reference.name, reference.is_stream, reference.options))
    schema = struct_of(files.schema) if files.schema else None
    return sources.files(FileRead(files.format, files.path, files.options, schema, reference.is_stream))
