"""What an engine answers to an expression over values."""

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def answer(session: SparkSession, expression: str, values: str) -> str:
    """The type and the values of the expression, or that it is an error."""
    try:
        # The values are rows of a session without rules about text.
        frame = session.sql(f"select * from values {values} as t(a)").select(F.expr(expression).alias("x"))
        return f"{frame.schema['x'].dataType.simpleString()} {[row[0] for row in frame.collect()]}"
    except PySparkException:
        return "an error"
