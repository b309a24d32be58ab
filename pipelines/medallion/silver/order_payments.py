"""silver.order_payments: typed and cleaned, one row for each payment of an order."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.silver import ORDER_PAYMENTS
from pipelines.shared.cleaning import clean_order_payments
from pipelines.shared.erasure import skip_change_commits
from pipelines.shared.row_versions import HIDDEN_COLUMNS, latest_delivery, versioned
from pipelines.shared.rules import SILVER_RULES
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="order_payments_valid")
@dp.expect_all_or_drop(SILVER_RULES["order_payments"].drop)
def order_payments_valid() -> DataFrame:
    """The rows of bronze.order_payments that keep every drop rule, with what orders them."""
    return versioned(
        clean_order_payments(skip_change_commits(spark.readStream).table("bronze.order_payments")),
        ORDER_PAYMENTS,
    )


dp.create_streaming_table(
    name="silver.order_payments",
    comment=ORDER_PAYMENTS.comment,
    schema=ORDER_PAYMENTS.schema,
    cluster_by=["order_id"],
    table_properties=streaming("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="silver.order_payments",
    source="order_payments_valid",
    keys=list(ORDER_PAYMENTS.keys),
    sequence_by=latest_delivery(),
    except_column_list=HIDDEN_COLUMNS,
    stored_as_scd_type=1,
)
