"""silver.order_items: typed and cleaned, one row for each item of an order."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.silver import ORDER_ITEMS
from pipelines.shared.cleaning import clean_order_items
from pipelines.shared.erasure import skip_change_commits
from pipelines.shared.row_versions import HIDDEN_COLUMNS, latest_delivery, versioned
from pipelines.shared.rules import SILVER_RULES
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="order_items_valid")
@dp.expect_all_or_drop(SILVER_RULES["order_items"].drop)
def order_items_valid() -> DataFrame:
    """The rows of bronze.order_items that keep every drop rule, with what orders them."""
    return versioned(
        clean_order_items(skip_change_commits(spark.readStream).table("bronze.order_items")), ORDER_ITEMS
    )


dp.create_streaming_table(
    name="silver.order_items",
    comment=ORDER_ITEMS.comment,
    schema=ORDER_ITEMS.schema,
    cluster_by=["order_id"],
    table_properties=streaming("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="silver.order_items",
    source="order_items_valid",
    keys=list(ORDER_ITEMS.keys),
    sequence_by=latest_delivery(),
    except_column_list=HIDDEN_COLUMNS,
    stored_as_scd_type=1,
)
