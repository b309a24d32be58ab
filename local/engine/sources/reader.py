"""One reader of files: `cloudFiles`, `read_files` or a format of Spark, from its options to a DataFrame."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.pandas.types import to_arrow_type
from pyspark.sql.types import StringType, StructField, StructType

from common.errors import UserError
from local.engine.sources.casts import from_text, misfits, rescued
from local.engine.sources.csv_files import CsvFile
from local.engine.sources.csv_format import CsvFormat
from local.engine.sources.files import FileState, base_folder, partition_values
from local.engine.sources.json_files import JsonFile
from local.engine.sources.options import Options
from local.engine.sources.plain import plain_file
from local.engine.sources.rows import RESCUED_MEMBERS, Wanted, column
from local.engine.sources.spool import FACTS, Spool

RESCUED = "_rescued_data"
METADATA = "_metadata"


class FileSource:
    """`spark.readStream.format("cloudFiles")...load(path)`, `read_files(path, ...)` or `spark.read.format(...)`.

    `format` is cloudFiles, read_files or a format such as csv; `path` is local and absolute; `schema` is what the
    pipeline gives. Raises UserError for an option or a format that is not supplied.
    """

    def __init__(self, format: str, path: str, options: Mapping[str, str], schema: StructType | None) -> None:
        self.path = path
        self._options = Options(format, options)
        self._given = schema
        self._base = base_folder(path)
        # Auto Loader takes the first line for the columns' names where it is to find them.
        self._csv = CsvFormat.of(self._options, header=self._options.is_auto_loader and schema is None)
        self._rescued = self._options.rescued or (
            RESCUED if self._options.is_auto_loader and not schema else None
        )

    def schema_for(self, files: Sequence[FileState], remembered: StructType | None) -> StructType:
        """The columns that the rows have. `remembered` is what this gave for the flow before."""
        if self._given is None:
            raise UserError(f"{self.path}: give a schema ({len(files)} files, {remembered})")
        fields = [field for field in self._given.fields if field.name != self._rescued]
        return StructType([*fields, *([StructField(self._rescued, StringType())] if self._rescued else [])])

    def rows(
        self,
        session: SparkSession,
        files: Sequence[FileState],
        schema: StructType,
        scratch: Path,
        with_metadata: bool,
    ) -> DataFrame:
        """These files' rows: the columns of `schema` and, when asked for, `_metadata`.

        Files are parsed into `scratch`, which must stay as long as the rows are read. Raises UserError for a file that
        cannot be read.
        """
        scratch.mkdir(parents=True, exist_ok=True)
        spooled = scratch / "rows.parquet"
        partitions = self._partitions(files)
        fields = [field for field in schema.fields if field.name != self._rescued]
        own = [field for field in fields if field.name not in partitions]
        wanted = Wanted(
            tuple(own), self._rescued is not None, self._options.flag("readercasesensitive", True)
        )
        folders = [field for field in fields if field.name in partitions]
        arrow = pa.schema([*self._types(wanted), (RESCUED_MEMBERS, pa.string())])
        names = [f"p{place}" for place in range(len(folders))]
        with Spool(spooled, arrow, names) as spool:
            for file in files:
                values = partition_values(file.path, self._base)
                texts = {name: values.get(field.name) for name, field in zip(names, folders, strict=True)}
                spool.add(file, texts, self._batches(file, wanted, scratch))
        return self._frame(session, spooled, schema, wanted, folders, with_metadata)

    def _batches(self, file: FileState, wanted: Wanted, scratch: Path) -> Iterator[pa.RecordBatch]:
        encoding = self._options.text("encoding", self._options.text("charset", "utf-8"))
        if self._options.format == "csv":
            if file.size == 0:
                raise UserError(
                    f"{file.path} is empty (0 bytes): deliver it whole or remove it, then run again"
                )
            plain = plain_file(Path(file.path), encoding, scratch)
            by_position = not self._csv.header or not (self._options.is_auto_loader or self._rescued)
            return CsvFile(plain, file.path, self._csv).batches(
                wanted, by_position and self._given is not None
            )
        plain = plain_file(Path(file.path), encoding, scratch)
        return JsonFile(plain, self._options.flag("multiline", False)).batches(wanted)

    def _types(self, wanted: Wanted) -> list[tuple[str, pa.DataType]]:
        if self._options.format == "csv":
            return [(column(place), pa.string()) for place in range(len(wanted.fields))]
        return [
            (column(place), to_arrow_type(field.dataType, timezone="UTC"))
            for place, field in enumerate(wanted.fields)
        ]

    def _partitions(self, files: Sequence[FileState]) -> set[str]:
        return {name for file in files for name in partition_values(file.path, self._base)}

    def _frame(
        self,
        session: SparkSession,
        spooled: Path,
        schema: StructType,
        wanted: Wanted,
        folders: list[StructField],
        with_metadata: bool,
    ) -> DataFrame:
        # The session of a pipeline reads otherwise.
        reader: Any = DataFrameReader(session)  # pyright: ignore[reportArgumentType]
        rows = reader.parquet(str(spooled))
        texts = {field.name: F.col(f"p{place}") for place, field in enumerate(folders)}
        if self._options.format == "csv":
            texts |= {name: F.col(column(place)) for place, name in enumerate(wanted.names)}
            values: dict[str, Column] = {}
        else:
            values = {name: F.col(column(place)) for place, name in enumerate(wanted.names)}
        kinds = {field.name: field.dataType for field in schema.fields}
        values |= {name: from_text(text, kinds[name], name) for name, text in texts.items()}
        typed = [
            (name, text, values[name])
            for name, text in texts.items()
            if not isinstance(kinds[name], StringType)
        ]
        if self._rescued:
            values[self._rescued] = rescued(F.col(RESCUED_MEMBERS), misfits(typed), F.col("path"))
        chosen = [values[field.name].alias(field.name) for field in schema.fields]
        return rows.select(*chosen, *([_metadata()] if with_metadata else []))


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
