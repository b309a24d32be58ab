"""bronze.customers: customers, exactly as they stood in the raw files."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.bronze import CUSTOMERS
from pipelines.shared.erasure import ERASED, NOT_ERASED, with_erasures
from pipelines.shared.rules import BRONZE_RULES
from pipelines.shared.sources import CSV_OPTIONS, csv_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.temporary_view(name="customers_delivered")
@dp.expect_all_or_drop(NOT_ERASED)
def customers_delivered() -> DataFrame:
    """Every row of every new file below the raw path's `customers` folder, once, but of whom was erased."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**CSV_OPTIONS)
        .schema(csv_schema(CUSTOMERS.source_columns))
        .load(f"{spark.conf.get('olist.raw_path')}/customers")
    )
    return with_erasures(with_lineage(files), CUSTOMERS, spark.read.table("privacy.erasures"))


@dp.table(
    name="bronze.customers",
    comment=CUSTOMERS.comment,
    schema=CUSTOMERS.schema,
    cluster_by=["customer_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(BRONZE_RULES["customers"].warn)
def customers() -> DataFrame:
    """The rows that were delivered."""
    return spark.readStream.table("customers_delivered").drop(ERASED)
