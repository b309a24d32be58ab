"""Puts what the engine knows in the place of the tables that a query names."""

from collections.abc import Callable
from uuid import uuid4

from pyspark.sql import DataFrame

from local.engine.evaluating.session import FileRead, Sources, TableRead
from local.engine.language.schemas import struct_of
from local.engine.language.sql_queries import Reference, bind, for_sail, references


def bound(query: str, sources: Sources, columns_of: Callable[[str], list[str]]) -> str:
    """The query with a temporary view for each table, view or file source that it reads, as Sail takes it.

    `columns_of` gives the names of the columns of a query that names such views.
    """
    views: list[str] = []
    for reference in references(query):
        frame = _rows(reference, sources)
        view = f"__read_{uuid4().hex}"
        frame.createOrReplaceTempView(view)
        views.append(view)
    return for_sail(bind(query, views) if views else query, columns_of)


def _rows(reference: Reference, sources: Sources) -> DataFrame:
    files = reference.files
    if files is None:
        return sources.table(TableRead(reference.name, reference.is_stream, reference.options))
    schema = struct_of(files.schema) if files.schema else None
    return sources.files(FileRead(files.format, files.path, files.options, schema, reference.is_stream))
