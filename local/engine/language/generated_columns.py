"""Columns that a table computes from the others of a row (GENERATED ALWAYS AS)."""

from collections.abc import Mapping
from functools import wraps

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from local.engine.language.model import Query


def with_generated(query: Query, expressions: Mapping[str, str]) -> Query:
    """The query with a column more for each expression, by name."""

    @wraps(query)
    def computed() -> DataFrame:
        rows = query()
        for name, expression in expressions.items():
            rows = rows.withColumn(name, F.expr(expression))
        return rows

    return computed
