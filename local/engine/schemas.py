"""A table whose columns change in a way that Delta cannot alter, as Databricks lets a refresh do."""

from collections.abc import Iterable

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from local.engine.definitions import Definitions
from local.engine.delta_log import latest_version, table_path
from local.home import Home

REFUSED = "TableMaterializationException"


class SchemaChangeError(Exception):
    """Tables that an update writes from the start and that have to be created anew for it."""

    def __init__(self, tables: list[str]) -> None:
        super().__init__(", ".join(tables))
        self.tables = tables


def is_schema_change(error: PySparkException) -> bool:
    """Whether Spark stopped since it could not give a table its new columns."""
    return REFUSED in str(error)


def changed_schemas(
    session: SparkSession, home: Home, definitions: Definitions, tables: Iterable[str]
) -> list[str]:
    """Those of the tables whose columns are not the declared ones, or for which none are declared."""
    existing = [name for name in tables if latest_version(table_path(home.warehouse, name)) is not None]
    return [name for name in existing if _differs(session, home, definitions, name)]


def _differs(session: SparkSession, home: Home, definitions: Definitions, name: str) -> bool:
    declared = definitions.tables()[name].schema
    if declared is None:
        return True
    if isinstance(declared, str):
        declared = session.createDataFrame([], declared).schema
    now = session.read.format("delta").load(str(table_path(home.warehouse, name))).schema
    return _columns(declared) != _columns(now)


def _columns(schema: StructType) -> list[tuple[str, str]]:
    return [(field.name, field.dataType.simpleString()) for field in schema.fields]
