"""Which of several rows with one key wins: the one of the latest delivery, by what the delivery says of itself."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.model import Table
from pipelines.shared.sources import CORRUPT_RECORD

VERSION_COLUMNS = ["_run", "_arrived_at", "_file_name", "_content_hash"]
# What a valid row has beside the columns of its table: the rules look at the first, the others order its versions.
HIDDEN_COLUMNS = [CORRUPT_RECORD, *VERSION_COLUMNS]

# orders_run00012.csv, orders_run00012_late.csv
_RUN = r"(?:^|[_.-])run[_-]?([0-9]+)[^/]*$"
_BEFORE_EVERY_RUN = -1


def versioned(rows: DataFrame, table: Table) -> DataFrame:
    """The columns of `table` and the HIDDEN_COLUMNS."""
    # Nothing else orders two rows of one key in one file, and the result must not depend on chance.
    # Cleaned text is never empty, so an empty text here can only be a null.
    values = [F.coalesce(F.col(name).cast("STRING"), F.lit("")) for name in table.column_names]
    content_hash = F.md5(F.concat_ws("\x1f", *values))
    return (
        with_delivery(rows)
        .withColumn("_content_hash", content_hash)
        .select(*table.column_names, *HIDDEN_COLUMNS)
    )


def with_delivery(rows: DataFrame) -> DataFrame:
    """Adds `_run`, `_arrived_at` and `_file_name`, which order the files of a dataset.

    A file is ordered by the run in its name: a copy, a restored or a rewritten file has another time in storage, and
    often another folder, but the same name. Only files without a run are ordered by the time that bronze read.
    """
    file_name = F.regexp_extract("_source_file", "[^/]*$", 0)
    run = F.regexp_extract(file_name, _RUN, 1).try_cast("BIGINT")
    arrived = F.when(run.isNull(), F.col("_file_modified_at"))
    return rows.withColumns(
        {
            "_run": F.coalesce(run, F.lit(_BEFORE_EVERY_RUN)),
            "_arrived_at": F.coalesce(arrived, F.timestamp_seconds(F.lit(0))),
            "_file_name": file_name,
        }
    )


def latest_delivery() -> Column:
    """The order of the versions of a row: run, arrival where there is no run, the file's name, the content."""
    return F.struct(*VERSION_COLUMNS)
