"""bronze.order_payments: payments of orders, exactly as they stood in the raw files."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.bronze import ORDER_PAYMENTS
from pipelines.shared.erasure import ERASED, NOT_ERASED, with_erasures
from pipelines.shared.rules import BRONZE_RULES
from pipelines.shared.sources import CSV_OPTIONS, csv_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="order_payments_delivered")
@dp.expect_all_or_drop(NOT_ERASED)
def order_payments_delivered() -> DataFrame:
    """Every row of every new file below the raw path's `order_payments` folder, once, but of whom was erased."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**CSV_OPTIONS)
        .schema(csv_schema(ORDER_PAYMENTS.source_columns))
        .load(f"{spark.conf.get('olist.raw_path')}/order_payments")
    )
    return with_erasures(with_lineage(files), ORDER_PAYMENTS, spark.read.table("privacy.erasures"))


@dp.table(
    name="bronze.order_payments",
    comment=ORDER_PAYMENTS.comment,
    schema=ORDER_PAYMENTS.schema,
    cluster_by=["order_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(BRONZE_RULES["order_payments"].warn)
def order_payments() -> DataFrame:
    """The rows that were delivered."""
    return spark.readStream.table("order_payments_delivered").drop(ERASED)
