"""gold.logistics_efficiency: how fast and how punctually each state is served."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.gold import LOGISTICS_EFFICIENCY
from pipelines.shared.order_status import delivered
from pipelines.shared.rules import GOLD_RULES


@dp.materialized_view(
    name="gold.logistics_efficiency",
    comment=LOGISTICS_EFFICIENCY.comment,
    schema=LOGISTICS_EFFICIENCY.schema,
    cluster_by=["customer_state"],
    table_properties={"quality": "gold"},
)
@dp.expect_all_or_fail(GOLD_RULES["logistics_efficiency"].fail)
def logistics_efficiency() -> DataFrame:
    """The delivered orders."""
    return deliveries(spark.read.table("silver.orders_enriched"))


def deliveries(orders: DataFrame) -> DataFrame:
    """Delivery days and delays by state; an order without an estimate is neither late nor on time."""
    late = F.count_if(F.col("delivery_delay_days") > 0)
    estimated = F.count("delivery_delay_days")
    return (
        orders.where(delivered() & F.col("order_delivered_customer_date").isNotNull())
        .groupBy("customer_state")
        .agg(
            F.count("*").alias("total_deliveries"),
            F.avg("delivery_days").alias("avg_delivery_days"),
            F.avg("delivery_delay_days").alias("avg_delay_days"),
            late.alias("delayed_deliveries"),
            F.try_divide(100 * late, estimated).alias("percentage_delayed"),
        )
    )
