"""bronze.sellers: sellers, exactly as they stood in the raw files."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.bronze import SELLERS
from pipelines.shared.rules import BRONZE_RULES
from pipelines.shared.sources import CSV_OPTIONS, csv_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.table(
    name="bronze.sellers",
    comment=SELLERS.comment,
    schema=SELLERS.schema,
    cluster_by=["seller_id"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(BRONZE_RULES["sellers"].warn)
def sellers() -> DataFrame:
    """Every row of every new file below the raw path's `sellers` folder, once."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**CSV_OPTIONS)
        .schema(csv_schema(SELLERS.source_columns))
        .load(f"{spark.conf.get('olist.raw_path')}/sellers")
    )
    return with_lineage(files)
