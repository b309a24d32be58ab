"""bronze.products: products, exactly as they stood in the raw files."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.bronze import PRODUCTS
from pipelines.shared.rules import BRONZE_RULES
from pipelines.shared.sources import CSV_OPTIONS, csv_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.table(
    name="bronze.products",
    comment=PRODUCTS.comment,
    schema=PRODUCTS.schema,
    cluster_by=["product_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(BRONZE_RULES["products"].warn)
def products() -> DataFrame:
    """Every row of every new file below the raw path's `products` folder, once."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**CSV_OPTIONS)
        .schema(csv_schema(PRODUCTS.source_columns))
        .load(f"{spark.conf.get('olist.raw_path')}/products")
    )
    return with_lineage(files)
