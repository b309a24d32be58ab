"""cdc.products_changes: the change events of products, typed and cleaned."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.cdc import PRODUCTS_CHANGES
from pipelines.schemas.model import RULES_VERSION
from pipelines.shared.cleaning import clean_changes, clean_products
from pipelines.shared.rule_versions import rules_version
from pipelines.shared.rules import CDC_RULES
from pipelines.shared.sources import JSON_OPTIONS, text_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.table(
    name="cdc.products_changes",
    comment=PRODUCTS_CHANGES.comment,
    schema=PRODUCTS_CHANGES.schema,
    cluster_by=["product_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(CDC_RULES["products_changes"].warn)
@dp.expect_all_or_drop(CDC_RULES["products_changes"].drop)
def products_changes() -> DataFrame:
    """Every valid event of every new file below the change events' `products` folder, once."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**JSON_OPTIONS)
        .schema(text_schema(PRODUCTS_CHANGES.source_columns))
        .load(f"{spark.conf.get('olist.cdc_path')}/products")
    )
    cleaned = clean_changes(with_lineage(files), clean_products)
    return cleaned.withColumn(RULES_VERSION.name, F.lit(rules_version("products_changes")))
