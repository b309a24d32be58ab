"""gold.seller_quality: sales, ratings and rank of every seller."""

from pyspark import pipelines as dp
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pipelines.schemas.gold import SELLER_QUALITY
from pipelines.shared.order_status import not_canceled
from pipelines.shared.rules import GOLD_RULES

RANKED_FROM_REVIEWS = 5


@dp.materialized_view(
    name="gold.seller_quality",
    comment=SELLER_QUALITY.comment,
    schema=SELLER_QUALITY.schema,
    cluster_by=["seller_id"],
    table_properties={"quality": "gold"},
)
@dp.expect_all_or_fail(GOLD_RULES["seller_quality"].fail)
def seller_quality() -> DataFrame:
    """Every seller, also one that sold nothing."""
    sold = sold_orders(spark.read.table("silver.order_items"), spark.read.table("silver.orders"))
    return ratings(
        spark.read.table("silver.sellers"), sold, spark.read.table("silver.order_reviews")
    ).withColumn("quality_rank", quality_rank())


def sold_orders(items: DataFrame, orders: DataFrame) -> DataFrame:
    """Each seller's orders that were not canceled, once: seller_id, order_id."""
    return (
        items.join(orders.where(not_canceled()).select("order_id"), "order_id")
        .select("seller_id", "order_id")
        .distinct()
    )


def ratings(sellers: DataFrame, sold: DataFrame, reviews: DataFrame) -> DataFrame:
    """Sales and reviews of each seller; a review counts once for each seller of its order, not each item."""
    by_order = reviews.groupBy("order_id").agg(
        F.count("*").alias("reviews"),
        F.count("review_score").alias("scored"),
        F.sum("review_score").alias("stars"),
        F.count_if(F.col("review_score") == 1).alias("bad_reviews"),
    )
    sales = (
        sold.join(by_order, "order_id", "left")
        .groupBy("seller_id")
        .agg(
            F.count("*").alias("total_sales"),
            F.sum("reviews").alias("total_reviews"),
            F.try_divide(F.sum("stars"), F.sum("scored")).alias("avg_rating"),
            F.sum("bad_reviews").alias("total_bad_reviews"),
        )
    )
    counts = ("total_sales", "total_reviews", "total_bad_reviews")
    return (
        sellers.select("seller_id", "seller_state")
        .join(sales, "seller_id", "left")
        .withColumns({name: F.coalesce(F.col(name), F.lit(0)) for name in counts})
        .select(
            "seller_id", "seller_state", "total_sales", "total_reviews", "avg_rating", "total_bad_reviews"
        )
    )


def quality_rank() -> Column:
    """The dense rank among sellers with 5 reviews or more, best rating first, then most sales; else null."""
    ranked = F.col("total_reviews") >= RANKED_FROM_REVIEWS
    best_first = Window.partitionBy(ranked).orderBy(F.desc("avg_rating"), F.desc("total_sales"))
    return F.when(ranked, F.dense_rank().over(best_first))
