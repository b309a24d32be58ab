"""distinct, dropDuplicates and drop of a DataFrame, for a pipeline's query functions.

Spark Connect looks up the columns for these when a plan is sent, and finds none: within a pipeline the tables
that a query reads are not there yet. What stands here gives the same rows and waits until the update.
"""

from collections.abc import Callable
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def distinct(rows: DataFrame) -> DataFrame:
    """The rows, each once; no column may be a map."""
    return _first_of_each(rows, [F.col("row")])


def drop_duplicates(rows: DataFrame, subset: list[str] | None = None) -> DataFrame:
    """One row for each combination of the columns of `subset`, of all columns when it is None."""
    return _first_of_each(rows, [F.col(f"row.`{name}`") for name in subset]) if subset else distinct(rows)


def drop(rows: DataFrame, *columns: str | Column) -> DataFrame:
    """All columns but these; unlike Spark's own, a column that is not there is an error."""
    names = [name if isinstance(name, str) else column_name(name) for name in columns]
    return rows.select(F.expr(f"* EXCEPT ({', '.join(f'`{name}`' for name in names)})")) if names else rows


def column_name(column: Column) -> str:
    """The name in a Spark Connect column, which tells it only in its text: Column<'name'>."""
    return str(column).removeprefix("Column<'").removesuffix("'>")


def _first_of_each(rows: DataFrame, keys: list[Any]) -> DataFrame:
    whole = rows.select(F.struct(F.expr("*")).alias("row"))
    groups = [key.alias(f"key{number}") for number, key in enumerate(keys)]
    return whole.groupBy(*groups).agg(F.first("row").alias("row")).select("row.*")


METHODS: dict[str, Callable[..., DataFrame]] = {
    "distinct": distinct,
    "drop": drop,
    "dropDuplicates": drop_duplicates,
    "drop_duplicates": drop_duplicates,
}
