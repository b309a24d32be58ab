"""silver.geolocation: one row for each place, with its mean coordinates and region."""

from pyspark import pipelines as dp
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.silver import GEOLOCATION
from pipelines.shared.cleaning import clean_geolocation
from pipelines.shared.regions import region_of
from pipelines.shared.rules import SILVER_RULES


@dp.temporary_view(name="geolocation_valid")
@dp.expect_all_or_drop(SILVER_RULES["geolocation"].drop)
def geolocation_valid() -> DataFrame:
    """The samples of bronze.geolocation that keep every drop rule, cleaned."""
    return clean_geolocation(spark.read.table("bronze.geolocation"))


@dp.materialized_view(
    name="silver.geolocation",
    comment=GEOLOCATION.comment,
    schema=GEOLOCATION.schema,
    cluster_by=["zip_code_prefix"],
    table_properties={"quality": "silver"},
)
@dp.expect_all(SILVER_RULES["geolocation"].warn)
def geolocation() -> DataFrame:
    """The places of the valid samples."""
    return places(spark.read.table("geolocation_valid"))


def places(samples: DataFrame) -> DataFrame:
    """One row for each zip code, city and state, from their distinct samples.

    Distinct, so that a file that is delivered twice changes neither the mean nor the count.
    """
    distinct = samples.select("zip_code_prefix", "city", "state", "latitude", "longitude").distinct()
    return (
        distinct.groupBy("zip_code_prefix", "city", "state")
        .agg(
            _mean("latitude").alias("latitude"),
            _mean("longitude").alias("longitude"),
            F.count("*").alias("sample_count"),
        )
        .withColumn("region", region_of("state"))
    )


def _mean(coordinate: str) -> Column:
    return F.round(F.avg(coordinate), 6).cast("DOUBLE")
