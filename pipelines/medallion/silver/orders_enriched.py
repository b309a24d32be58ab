"""silver.orders_enriched: each order with its customer's place and the sums of what belongs to it."""

from pyspark import pipelines as dp
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.silver import ORDERS_ENRICHED
from pipelines.shared.columns import MONEY_SUM, UNKNOWN, total
from pipelines.shared.regions import region_of
from pipelines.shared.rules import SILVER_RULES


@dp.materialized_view(
    name="silver.orders_enriched",
    comment=ORDERS_ENRICHED.comment,
    schema=ORDERS_ENRICHED.schema,
    cluster_by=["order_id"],
    table_properties={"quality": "silver"},
)
@dp.expect_all(SILVER_RULES["orders_enriched"].warn)
def orders_enriched() -> DataFrame:
    """Every order of silver.orders, once."""
    located = with_place(
        spark.read.table("silver.orders"),
        spark.read.table("silver.customers"),
        spark.read.table("silver.geolocation"),
    )
    return with_totals(
        located,
        spark.read.table("silver.order_items"),
        spark.read.table("silver.order_payments"),
        spark.read.table("silver.order_reviews"),
    )


def with_place(orders: DataFrame, customers: DataFrame, geolocation: DataFrame) -> DataFrame:
    """Orders with the place, coordinates and region of their customer; `unknown` without a customer."""
    place = [F.col("customer_zip_code_prefix"), F.col("customer_city"), F.col("customer_state")]
    coordinates = geolocation.select(
        F.col("zip_code_prefix").alias("customer_zip_code_prefix"),
        F.col("city").alias("customer_city"),
        F.col("state").alias("customer_state"),
        F.col("latitude").alias("customer_latitude"),
        F.col("longitude").alias("customer_longitude"),
    )
    names = ["customer_zip_code_prefix", "customer_city", "customer_state"]
    located = orders.join(customers.select("customer_id", *place), "customer_id", "left")
    return (
        located.join(coordinates, names, "left")
        .withColumns({name: F.coalesce(F.col(name), F.lit(UNKNOWN)) for name in names})
        .withColumn("region", region_of("customer_state"))
    )


def with_totals(orders: DataFrame, items: DataFrame, payments: DataFrame, reviews: DataFrame) -> DataFrame:
    """Orders with the totals of their items, payments and reviews; zero or false where there are none."""
    joined = (
        orders.join(_item_totals(items), "order_id", "left")
        .join(_payment_totals(payments), "order_id", "left")
        .join(_review_totals(reviews), "order_id", "left")
    )
    defaults = {
        "total_items": F.lit(0),
        "items_value": F.lit(0).cast(MONEY_SUM),
        "freight_value": F.lit(0).cast(MONEY_SUM),
        "total_payments": F.lit(0),
        "total_payment_value": F.lit(0).cast(MONEY_SUM),
        "used_credit_card": F.lit(False),
        "has_review_comment": F.lit(False),
    }
    filled = {name: F.coalesce(F.col(name), default) for name, default in defaults.items()}
    delivered = "order_delivered_customer_date"
    days = {
        "delivery_days": _days("order_purchase_timestamp", delivered),
        "delivery_delay_days": _days("order_estimated_delivery_date", delivered),
    }
    return joined.withColumns(filled | days).select(*ORDERS_ENRICHED.column_names)


def _item_totals(items: DataFrame) -> DataFrame:
    return items.groupBy("order_id").agg(
        F.count("*").alias("total_items"),
        total("price").alias("items_value"),
        total("freight_value").alias("freight_value"),
    )


def _payment_totals(payments: DataFrame) -> DataFrame:
    return payments.groupBy("order_id").agg(
        F.count("*").alias("total_payments"),
        total("payment_value").alias("total_payment_value"),
        F.max("is_credit_card").alias("used_credit_card"),
    )


def _review_totals(reviews: DataFrame) -> DataFrame:
    return reviews.groupBy("order_id").agg(
        F.avg("review_score").alias("avg_review_score"),
        F.max("has_comment").alias("has_review_comment"),
        F.min("review_creation_timestamp").alias("first_review_timestamp"),
    )


def _days(start: str, end: str) -> Column:
    return F.datediff(F.col(end), F.col(start))
