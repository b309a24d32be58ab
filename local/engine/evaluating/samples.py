"""Tables of the catalog `samples`, which every Databricks workspace has: made up here when a pipeline asks for one."""

import shutil
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from local.engine.evaluating.session import PipelineSession
from local.engine.storage import delta

TRIPS = "samples.nyctaxi.trips"
# As many as there are: https://docs.databricks.com/aws/en/discover/databricks-datasets
TRIP_COUNT = 21_932
FIRST_SECOND = 1_451_606_400  # 2016-01-01
SECONDS = 60 * 24 * 3600


def sample_table(session: PipelineSession, name: str, folder: Path) -> DeltaTable | None:
    """The sample table of this name, written to `folder`; None for any other name. Each time with the same rows."""
    if name != TRIPS:
        return None
    scratch = folder.with_name(f".{folder.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    trips = _trips(session)
    schema = trips.schema
    files = delta.stage(trips, scratch)
    delta.create_table(
        scratch, schema, delta.Layout("Made up: taxi trips in the columns of Databricks' sample.")
    )
    delta.append(scratch, files, schema, delta.Commit())
    scratch.rename(folder)
    return delta.open_table(folder)


def sample_schema(session: PipelineSession, name: str) -> StructType | None:
    """The columns of the sample table of this name; None for any other name."""
    return _trips(session).schema if name == TRIPS else None


def _trips(session: PipelineSession) -> DataFrame:
    """Trips of the first two months of 2016; times, miles, dollars and zips spread by a row's number."""
    number = F.col("id")
    start = FIRST_SECOND + number * 7919 % SECONDS
    miles = (number * 37 % 180 + 4) / 10.0
    return session.range(TRIP_COUNT).select(
        F.timestamp_seconds(start).alias("tpep_pickup_datetime"),
        F.timestamp_seconds(start + 120 + number * 37 % 180 * 18).alias("tpep_dropoff_datetime"),
        miles.cast("double").alias("trip_distance"),
        F.floor(miles * 5 + 5).cast("double").alias("fare_amount"),
        (number * 13 % 120 + 10_001).cast("int").alias("pickup_zip"),
        (number * 29 % 120 + 10_001).cast("int").alias("dropoff_zip"),
    )
