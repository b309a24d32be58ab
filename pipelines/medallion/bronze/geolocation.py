"""bronze.geolocation: coordinates sampled for postal codes, exactly as they stood in the raw files."""

from pyspark import pipelines as dp
from pyspark.sql import DataFrame

from pipelines.schemas.bronze import GEOLOCATION
from pipelines.shared.rules import BRONZE_RULES
from pipelines.shared.sources import CSV_OPTIONS, csv_schema, with_lineage
from pipelines.shared.table_properties import streaming


@dp.table(
    name="bronze.geolocation",
    comment=GEOLOCATION.comment,
    schema=GEOLOCATION.schema,
    cluster_by=["geolocation_zip_code_prefix"],
    table_properties=streaming("bronze", spark.conf.get),
)
@dp.expect_all(BRONZE_RULES["geolocation"].warn)
def geolocation() -> DataFrame:
    """Every row of every new file below the raw path's `geolocation` folder, once."""
    files = (
        spark.readStream.format("cloudFiles")
        .options(**CSV_OPTIONS)
        .schema(csv_schema(GEOLOCATION.source_columns))
        .load(f"{spark.conf.get('olist.raw_path')}/geolocation")
    )
    return with_lineage(files)
