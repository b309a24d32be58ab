"""Small frames for the tests, in a table's own schema."""

from typing import Any

from pyspark.sql import DataFrame, SparkSession

from pipelines.schemas.model import Table

# Ids of the tests: 32 hex digits that a reader can tell apart.
A, B, C, D = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)


def frame(spark: SparkSession, table: Table, *rows: dict[str, Any]) -> DataFrame:
    """Rows of `table`, typed by its schema; columns that a row does not name are null."""
    unknown = {name for row in rows for name in row} - set(table.column_names)
    assert not unknown, f"{table.name} has no column {unknown}"
    values = [tuple(row.get(name) for name in table.column_names) for row in rows]
    return spark.createDataFrame(values, table.schema)
