"""silver.order_reviews: typed and cleaned, one row for each review of an order."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.silver import ORDER_REVIEWS
from pipelines.shared.cleaning import clean_order_reviews
from pipelines.shared.erasure import skip_change_commits
from pipelines.shared.row_versions import HIDDEN_COLUMNS, latest_delivery, versioned
from pipelines.shared.rules import SILVER_RULES
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="order_reviews_valid")
@dp.expect_all_or_drop(SILVER_RULES["order_reviews"].drop)
def order_reviews_valid() -> DataFrame:
    """The rows of bronze.order_reviews that keep every drop rule, with what orders them."""
    return versioned(
        clean_order_reviews(skip_change_commits(spark.readStream).table("bronze.order_reviews")),
        ORDER_REVIEWS,
    )


dp.create_streaming_table(
    name="silver.order_reviews",
    comment=ORDER_REVIEWS.comment,
    schema=ORDER_REVIEWS.schema,
    cluster_by=["order_id"],
    table_properties=streaming("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="silver.order_reviews",
    source="order_reviews_valid",
    keys=list(ORDER_REVIEWS.keys),
    sequence_by=latest_delivery(),
    except_column_list=HIDDEN_COLUMNS,
    stored_as_scd_type=1,
)
