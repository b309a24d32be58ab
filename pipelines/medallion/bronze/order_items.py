"""bronze.order_items: items of orders, exactly as they stood in the raw files."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.bronze import ORDER_ITEMS
from pipelines.shared.rules import BRONZE_RULES
from pipelines.shared.sources import CSV_OPTIONS, csv_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.table(
    name="bronze.order_items",
    comment=ORDER_ITEMS.comment,
    schema=ORDER_ITEMS.schema,
    cluster_by=["order_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(BRONZE_RULES["order_items"].warn)
def order_items() -> DataFrame:
    """Every row of every new file below the raw path's `order_items` folder, once."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**CSV_OPTIONS)
        .schema(csv_schema(ORDER_ITEMS.source_columns))
        .load(f"{spark.conf.get('olist.raw_path')}/order_items")
    )
    return with_lineage(files)
