"""Parsed rows as a DataFrame of the wanted columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyarrow import parquet
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StringType, StructType

from local.engine.sources.casts import from_text, misfits, rescued_data
from local.engine.sources.rows import RESCUED_MEMBERS, column_name
from local.engine.sources.spool import FACTS

METADATA = "_metadata"


@dataclass(frozen=True)
class Parsed:
    """Rows that a Spool wrote: the columns that the files gave (as text, which is still to be cast, if `is_text`), and
    those of their folders, each by name in the order in which they were written."""

    file: Path
    own: Sequence[str]
    folders: Sequence[str]
    is_text: bool

    def frame(
        self, session: SparkSession, schema: StructType, rescued_column: str | None, with_metadata: bool
    ) -> DataFrame:
        """The columns of `schema`, the rescued data among them, and at last, when asked for, `_metadata`."""
        kinds = {field.name: field.dataType for field in schema.fields}
        own = {name: F.col(column_name(place)) for place, name in enumerate(self.own)}
        texts = {name: F.col(folder_column(place)) for place, name in enumerate(self.folders)}
        texts |= own if self.is_text else {}
        values = own | {name: from_text(text, kinds[name], name) for name, text in texts.items()}
        if rescued_column:
            cast = [
                (name, text, values[name])
                for name, text in texts.items()
                if not isinstance(kinds[name], StringType)
            ]
            values[rescued_column] = rescued_data(F.col(RESCUED_MEMBERS), misfits(cast), F.col("path"))
        chosen = [values[field.name].alias(field.name) for field in schema.fields]
        # The session of a pipeline reads otherwise.
        reader: Any = DataFrameReader(session)  # pyright: ignore[reportArgumentType]
        # Without a schema the engine would open the file at each look at the plan.
        rows = reader.schema(from_arrow_schema(parquet.read_schema(self.file))).parquet(str(self.file))
        return rows.select(*chosen, *([_metadata()] if with_metadata else []))


def folder_column(position: int) -> str:
    """The name of a folder's column on its way to the engine."""
    return f"p{position}"


def _metadata() -> Column:
    path, name, size, modified = (F.col(fact) for fact in FACTS.names)
    return F.struct(
        path.alias("file_path"),
        name.alias("file_name"),
        size.alias("file_size"),
        F.lit(0).cast("bigint").alias("file_block_start"),
        size.alias("file_block_length"),
        modified.alias("file_modification_time"),
    ).alias(METADATA)
