"""gold.publication: how old gold is."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.gold import PUBLICATION
from pipelines.shared.rules import GOLD_RULES


@dp.materialized_view(
    name="gold.publication",
    comment=PUBLICATION.comment,
    schema=PUBLICATION.schema,
    table_properties={"quality": "gold"},
)
@dp.expect_all_or_fail(GOLD_RULES["publication"].fail)
def publication() -> DataFrame:
    """One row."""
    return published(spark.read.table("utils.verdict"), spark.read.table("silver.orders"))


def published(verdict: DataFrame, orders: DataFrame) -> DataFrame:
    """Until when the rows behind gold were read, and the latest purchase among them."""
    read = verdict.agg(F.max("read_until").alias("read_until"))
    return read.crossJoin(orders.agg(F.max("order_purchase_timestamp").alias("latest_purchase")))
