"""bronze.order_items: items of orders, exactly as they stood in the raw files."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.bronze import ORDER_ITEMS
from pipelines.shared.erasure import ERASED, NOT_ERASED, with_erasures
from pipelines.shared.rules import BRONZE_RULES
from pipelines.shared.sources import CSV_OPTIONS, csv_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="order_items_delivered")
@dp.expect_all_or_drop(NOT_ERASED)
def order_items_delivered() -> DataFrame:
    """Every row of every new file below the raw path's `order_items` folder, once, but of whom was erased."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**CSV_OPTIONS)
        .schema(csv_schema(ORDER_ITEMS.source_columns))
        .load(f"{spark.conf.get('olist.raw_path')}/order_items")
    )
    return with_erasures(with_lineage(files), ORDER_ITEMS, spark.read.table("privacy.erasures"))


@dp.table(
    name="bronze.order_items",
    comment=ORDER_ITEMS.comment,
    schema=ORDER_ITEMS.schema,
    cluster_by=["order_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(BRONZE_RULES["order_items"].warn)
def order_items() -> DataFrame:
    """The rows that were delivered."""
    return spark.readStream.table("order_items_delivered").drop(ERASED)
