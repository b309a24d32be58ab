"""silver.products: typed and cleaned, one row for each product."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.silver import PRODUCTS
from pipelines.shared.cleaning import clean_products
from pipelines.shared.erasure import skip_change_commits
from pipelines.shared.row_versions import HIDDEN_COLUMNS, latest_delivery, versioned
from pipelines.shared.rules import SILVER_RULES
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="products_valid")
@dp.expect_all(SILVER_RULES["products"].warn)
@dp.expect_all_or_drop(SILVER_RULES["products"].drop)
def products_valid() -> DataFrame:
    """The rows of bronze.products that keep every drop rule, with what orders them."""
    return versioned(clean_products(skip_change_commits(spark.readStream).table("bronze.products")), PRODUCTS)


dp.create_streaming_table(
    name="silver.products",
    comment=PRODUCTS.comment,
    schema=PRODUCTS.schema,
    cluster_by=["product_id"],
    table_properties=streaming("silver", spark.conf.get),
)

dp.create_auto_cdc_flow(
    target="silver.products",
    source="products_valid",
    keys=list(PRODUCTS.keys),
    sequence_by=latest_delivery(),
    except_column_list=HIDDEN_COLUMNS,
    stored_as_scd_type=1,
)
