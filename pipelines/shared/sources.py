"""How raw files are read: the options of Auto Loader, the schema it is given, the lineage of each row."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

# A schema of its own makes Auto Loader match columns by name and rescue what is not in it.
RESCUE = {"rescuedDataColumn": "_rescued_data"}
CORRUPT_RECORD = "_corrupt_record"

CSV_OPTIONS = {
    "cloudFiles.format": "csv",
    "header": "true",
    # RFC 4180: a review may hold line breaks, and a quote inside quotes is doubled.
    "multiLine": "true",
    "quote": '"',
    "escape": '"',
    # Spark keeps what it could read of a row with too few or too many fields: only this column tells it apart.
    "columnNameOfCorruptRecord": CORRUPT_RECORD,
    **RESCUE,
}

JSON_OPTIONS = {"cloudFiles.format": "json", **RESCUE}


def text_schema(columns: list[str]) -> StructType:
    """Every column as STRING, so that nothing is lost or changed while reading."""
    return StructType([StructField(column, StringType()) for column in columns])


def csv_schema(columns: list[str]) -> StructType:
    """text_schema, and the column that holds the line of a row that is not whole."""
    return text_schema([*columns, CORRUPT_RECORD])


def with_lineage(files: DataFrame) -> DataFrame:
    """Adds `_source_file`, `_file_modified_at` and `_ingested_at` to rows read from files."""
    return files.withColumns(
        {
            "_source_file": F.col("_metadata.file_path"),
            "_file_modified_at": F.col("_metadata.file_modification_time"),
            "_ingested_at": F.current_timestamp(),
        }
    )
