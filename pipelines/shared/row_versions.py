"""Which of several rows with one key wins: the one of the latest file."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines.schemas.model import Table

VERSION_COLUMNS = ["_file_modified_at", "_source_file", "_content_hash"]


def versioned(rows: DataFrame, table: Table) -> DataFrame:
    """The columns of `table` and the three VERSION_COLUMNS that order rows of one key."""
    # Nothing else orders two rows of one key in one file, and the result must not depend on chance.
    # Cleaned text is never empty, so an empty text here can only be a null.
    values = [F.coalesce(F.col(name).cast("STRING"), F.lit("")) for name in table.column_names]
    content_hash = F.md5(F.concat_ws("\x1f", *values))
    return rows.withColumn("_content_hash", content_hash).select(*table.column_names, *VERSION_COLUMNS)


def latest_file() -> Column:
    """The order of the versions of a row: when its file was modified, the file's path, the content."""
    return F.struct(*VERSION_COLUMNS)
