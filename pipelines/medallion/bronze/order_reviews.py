"""bronze.order_reviews: reviews of orders, exactly as they stood in the raw files."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.bronze import ORDER_REVIEWS
from pipelines.shared.erasure import ERASED, NOT_ERASED, with_erasures
from pipelines.shared.rules import BRONZE_RULES
from pipelines.shared.sources import CSV_OPTIONS, csv_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="order_reviews_delivered")
@dp.expect_all_or_drop(NOT_ERASED)
def order_reviews_delivered() -> DataFrame:
    """Every row of every new file below the raw path's `order_reviews` folder, once, but of whom was erased."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**CSV_OPTIONS)
        .schema(csv_schema(ORDER_REVIEWS.source_columns))
        .load(f"{spark.conf.get('olist.raw_path')}/order_reviews")
    )
    return with_erasures(with_lineage(files), ORDER_REVIEWS, spark.read.table("privacy.erasures"))


@dp.table(
    name="bronze.order_reviews",
    comment=ORDER_REVIEWS.comment,
    schema=ORDER_REVIEWS.schema,
    cluster_by=["order_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(BRONZE_RULES["order_reviews"].warn)
def order_reviews() -> DataFrame:
    """The rows that were delivered."""
    return spark.readStream.table("order_reviews_delivered").drop(ERASED)
