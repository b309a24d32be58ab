"""gold.customer_segment_counts: the segments of gold.customer_segments without the persons."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.gold import CUSTOMER_SEGMENT_COUNTS
from pipelines.shared.columns import total
from pipelines.shared.rules import GOLD_RULES


@dp.materialized_view(
    name="gold.customer_segment_counts",
    comment=CUSTOMER_SEGMENT_COUNTS.comment,
    schema=CUSTOMER_SEGMENT_COUNTS.schema,
    table_properties={"quality": "gold"},
)
@dp.expect_all_or_fail(GOLD_RULES["customer_segment_counts"].fail)
def customer_segment_counts() -> DataFrame:
    """The segments that have persons."""
    return segment_counts(spark.read.table("gold.customer_segments"))


def segment_counts(persons: DataFrame) -> DataFrame:
    """Persons, their mean recency and orders, and what they spent, by segment."""
    return persons.groupBy("segment").agg(
        F.count("*").alias("persons"),
        F.avg("recency_days").alias("avg_recency_days"),
        F.avg("frequency").alias("avg_frequency"),
        total("monetary_value").alias("total_monetary_value"),
    )
