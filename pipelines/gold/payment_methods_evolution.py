"""gold.payment_methods_evolution: how people pay, week by week."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.gold import PAYMENT_METHODS_EVOLUTION
from pipelines.shared.columns import total
from pipelines.shared.rules import GOLD_RULES


@dp.materialized_view(
    name="gold.payment_methods_evolution",
    comment=PAYMENT_METHODS_EVOLUTION.comment,
    schema=PAYMENT_METHODS_EVOLUTION.schema,
    cluster_by=["reference_week"],
    table_properties={"quality": "gold"},
)
@dp.expect_all_or_fail(GOLD_RULES["payment_methods_evolution"].fail)
def payment_methods_evolution() -> DataFrame:
    """The payments whose order exists, whatever its status."""
    return payments_by_week(spark.read.table("silver.order_payments"), spark.read.table("silver.orders"))


def payments_by_week(payments: DataFrame, orders: DataFrame) -> DataFrame:
    """Payments, orders, amount and instalments by means of payment and week of purchase."""
    week = F.to_date(F.date_trunc("week", "order_purchase_timestamp"))
    weeks = orders.select("order_id", week.alias("reference_week"))
    return (
        payments.join(weeks, "order_id")
        .groupBy("payment_type", "reference_week")
        .agg(
            F.count("*").alias("usage_count"),
            F.count_distinct("order_id").alias("total_orders"),
            total("payment_value").alias("total_amount"),
            F.avg("payment_installments").alias("avg_installments"),
        )
    )
