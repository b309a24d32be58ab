"""silver.orders: typed and cleaned, one row for each order."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.silver import ORDERS
from pipelines.shared.cleaning import clean_orders
from pipelines.shared.erasure import skip_change_commits
from pipelines.shared.row_versions import HIDDEN_COLUMNS, latest_delivery, versioned
from pipelines.shared.rules import SILVER_RULES
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="orders_valid")
@dp.expect_all(SILVER_RULES["orders"].warn)
@dp.expect_all_or_drop(SILVER_RULES["orders"].drop)
def orders_valid() -> DataFrame:
    """The rows of bronze.orders that keep every drop rule, with what orders them."""
    return versioned(clean_orders(skip_change_commits(spark.readStream).table("bronze.orders")), ORDERS)


dp.create_streaming_table(
    name="silver.orders",
    comment=ORDERS.comment,
    schema=ORDERS.schema,
    cluster_by=["order_id"],
    table_properties=streaming("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="silver.orders",
    source="orders_valid",
    keys=list(ORDERS.keys),
    sequence_by=latest_delivery(),
    except_column_list=HIDDEN_COLUMNS,
    stored_as_scd_type=1,
)
