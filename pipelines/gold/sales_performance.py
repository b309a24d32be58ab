"""gold.sales_performance: what was sold, where and in which month."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.gold import SALES_PERFORMANCE
from pipelines.shared.columns import MONEY_SUM, UNKNOWN, total
from pipelines.shared.order_status import delivered
from pipelines.shared.rules import GOLD_RULES


@dp.materialized_view(
    name="gold.sales_performance",
    comment=SALES_PERFORMANCE.comment,
    schema=SALES_PERFORMANCE.schema,
    cluster_by=["sales_month"],
    table_properties={"quality": "gold"},
)
@dp.expect_all_or_fail(GOLD_RULES["sales_performance"].fail)
def sales_performance() -> DataFrame:
    """The items of delivered orders."""
    return sales(
        spark.read.table("silver.orders_enriched"),
        spark.read.table("silver.order_items"),
        spark.read.table("silver.products"),
    )


def sales(orders: DataFrame, items: DataFrame, products: DataFrame) -> DataFrame:
    """Orders, items and revenue by category, place and month; an unknown product's items are `unknown`."""
    sold_orders = orders.where(delivered()).select(
        "order_id",
        "customer_state",
        "customer_city",
        F.trunc("order_purchase_timestamp", "month").alias("sales_month"),
    )
    sold = (
        items.join(sold_orders, "order_id")
        .join(products.select("product_id", "product_category_name"), "product_id", "left")
        .withColumn("product_category_name", F.coalesce("product_category_name", F.lit(UNKNOWN)))
    )
    orders_sold, revenue = F.count_distinct("order_id"), total("item_total")
    # Nothing above the aggregate: Databricks may keep it by increments then.
    return sold.groupBy(*SALES_PERFORMANCE.keys).agg(
        orders_sold.alias("total_orders"),
        F.count("*").alias("total_items"),
        revenue.alias("total_revenue"),
        F.round(revenue / orders_sold, 2).try_cast(MONEY_SUM).alias("average_ticket"),
    )
