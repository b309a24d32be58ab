"""Reads tables from their data files: to plan a read of a table, Delta reads its log by several Spark jobs."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.types import StructType

from common.home import Home
from local.engine.definitions import Definitions
from local.engine.delta_log import commit_files, table_path
from local.engine.delta_state import table_state
from local.engine.lakeflow import replaced
from local.engine.reads import unnoted

# Of more files Spark would make a job to list them.
MOST_FILES = 32

_by_the_log: ContextVar[bool] = ContextVar("by_the_log", default=False)


def read_files(session: SparkSession, folder: Path, version: int | None = None) -> DataFrame | None:
    """The rows of the table in a folder, now or at a version; None when its data files do not say it all."""
    state = table_state(folder, version)
    if not state.is_plain or not 0 < len(state.files) <= MOST_FILES:
        return None
    columns = StructType.fromJson(json.loads(state.metadata["schemaString"]))
    return session.read.schema(columns).parquet(*map(str, state.files))


@contextmanager
def reading_files(home: Home, definitions: Definitions, written: Collection[str]) -> Iterator[None]:
    """In this context `spark.read.table` reads the data files of a table that is not among those `written`."""
    if not definitions.followed():
        yield
        return
    native = DataFrameReader.table

    def table(reader: Any, name: str, *arguments: Any, **options: Any) -> Any:
        frame = native(reader, name, *arguments, **options)
        full = definitions.full_name(name)
        folder = table_path(home.warehouse, full)
        if _by_the_log.get() or reader._options or full in written or not commit_files(folder):
            return frame
        with unnoted():
            rows = read_files(reader._client, folder)
        return frame if rows is None else rows.alias(full.split(".")[1])

    with replaced(DataFrameReader, "table", table):
        yield


@contextmanager
def reading_logs() -> Iterator[None]:
    """In this context tables are read as Delta does, also within `reading_files`."""
    token = _by_the_log.set(True)
    try:
        yield
    finally:
        _by_the_log.reset(token)
