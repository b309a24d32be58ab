"""gold.customer_segments: every person by recency, frequency and spending (RFM)."""

from datetime import date

from pyspark import pipelines as dp
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pipelines.catalog import AS_OF_DATE
from pipelines.schemas.gold import CUSTOMER_SEGMENTS
from pipelines.shared.columns import MONEY_SUM
from pipelines.shared.order_status import not_canceled
from pipelines.shared.rules import GOLD_RULES


@dp.materialized_view(
    name="gold.customer_segments",
    comment=CUSTOMER_SEGMENTS.comment,
    schema=CUSTOMER_SEGMENTS.schema,
    cluster_by=["customer_unique_id"],
    table_properties={"quality": "gold"},
)
@dp.expect_all_or_fail(GOLD_RULES["customer_segments"].fail)
def customer_segments() -> DataFrame:
    """The persons behind the orders that were not canceled."""
    orders = spark.read.table("silver.orders_enriched")
    as_of = as_of_date(orders, spark.conf.get(AS_OF_DATE, ""))
    return segments(spending(orders, spark.read.table("silver.customers")), as_of)


def as_of_date(orders: DataFrame, configured: str | None) -> DataFrame:
    """One row with the DATE `as_of`: the configured one (YYYY-MM-DD), else that of the latest purchase."""
    if not configured:
        return orders.agg(F.to_date(F.max("order_purchase_timestamp")).alias("as_of"))
    try:
        as_of = date.fromisoformat(configured)
    except ValueError:
        message = f"{AS_OF_DATE} is {configured!r}: write a date as YYYY-MM-DD, or nothing"
        raise ValueError(message) from None
    # One row whatever the orders are: an aggregate, and one that no engine takes for a constant.
    return orders.agg(F.coalesce(F.max(F.lit(as_of)), F.lit(as_of)).alias("as_of"))


def spending(orders: DataFrame, customers: DataFrame) -> DataFrame:
    """last_purchase, frequency and monetary_value of each person; orders without a customer have none."""
    persons = customers.select("customer_id", "customer_unique_id")
    return (
        orders.where(not_canceled())
        .join(persons, "customer_id")
        .groupBy("customer_unique_id")
        .agg(
            F.max("order_purchase_timestamp").alias("last_purchase"),
            F.count("*").alias("frequency"),
            F.sum("total_payment_value").try_cast(MONEY_SUM).alias("monetary_value"),
        )
    )


def segments(persons: DataFrame, as_of: DataFrame) -> DataFrame:
    """Each person's recency in days before the one row of `as_of`, three scores and the segment."""
    recency = F.datediff(F.col("as_of"), F.col("last_purchase"))
    scored = (
        persons.crossJoin(as_of)
        .withColumn("recency_days", recency)
        .withColumns(
            {
                "recency_score": score(F.col("recency_days").desc()),
                "frequency_score": score(F.col("frequency").asc()),
                "monetary_score": score(F.col("monetary_value").asc()),
            }
        )
    )
    return scored.withColumn("segment", segment()).select(*CUSTOMER_SEGMENTS.column_names)


def score(worst_first: Column) -> Column:
    """1 to 5 by the percent rank of `worst_first` over all persons; ties share the lower score."""
    rank = F.percent_rank().over(Window.orderBy(worst_first))
    return F.least(F.lit(5), 1 + F.floor(5 * rank)).cast("INT")


def segment() -> Column:
    """The first segment whose scores fit."""
    recency, frequency, monetary = (
        F.col("recency_score"),
        F.col("frequency_score"),
        F.col("monetary_score"),
    )
    return (
        F.when((recency >= 4) & (frequency >= 4) & (monetary >= 4), "champions")
        # Before loyalty: real Olist's frequency scores are 1 or 5, and who bought twice long ago is at risk.
        .when((recency <= 2) & (frequency >= 3), "at_risk")
        .when(frequency >= 4, "loyal")
        .when((recency >= 4) & (frequency <= 2), "recent")
        .when(recency == 1, "lost")
        .otherwise("regular")
    )
