"""What an engine answers to an expression over values."""

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from local.engine.language.sql_queries import for_sail, with_types


def answer(session: SparkSession, expression: str, values: str) -> str:
    """The type and the values of the expression, or that it is an error."""
    try:
        # The values are rows of a session without rules about text.
        return _shown(_rows(session, values).select(F.expr(expression).alias("x")))
    except PySparkException:
        return "an error"


def answer_of_sql(sail: SparkSession, expression: str, values: str) -> str:
    """The same for the expression in a query's text, as Sail is given it by a pipeline's session."""
    _rows(sail, values).createOrReplaceTempView("__values")
    try:
        return _shown(sail.sql(as_sail_takes_it(f"SELECT {expression} AS x FROM __values", sail)))
    except PySparkException:
        return "an error"


def as_sail_takes_it(query: str, sail: SparkSession) -> str:
    """The query as a pipeline's session gives it to Sail."""
    plain = for_sail(query, lambda text: sail.sql(text).columns)
    return with_types(plain, lambda text: sail.sql(text).schema.fields)


def _rows(session: SparkSession, values: str) -> DataFrame:
    return session.sql(f"select * from values {values} as t(a)")


def _shown(frame: DataFrame) -> str:
    return f"{frame.schema['x'].dataType.simpleString()} {[row[0] for row in frame.collect()]}"
