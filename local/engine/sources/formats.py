"""The formats of files, each with the columns that a file has and the rows that it gives."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path

import pyarrow as pa
from pyspark.sql.pandas.types import to_arrow_type
from pyspark.sql.types import (
    BinaryType,
    DataType,
    DateType,
    LongType,
    NullType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from common.errors import UserError
from local.engine.sources.files import FileState
from local.engine.sources.inference import merged_type, object_type, text_type
from local.engine.sources.options import Options
from local.engine.sources.rows import CORRUPT, Wanted, address, batch
from local.engine.sources.texts.csv_files import CsvFile
from local.engine.sources.texts.csv_format import CsvFormat
from local.engine.sources.texts.csv_times import with_times
from local.engine.sources.texts.json_files import JsonFile, records
from local.engine.sources.texts.plain import plain_file
from local.engine.sources.texts.times import Times

# Lines that are held at once.
LINES = 100_000


class Format(ABC):
    """How files of one format are read; `times` says how they write dates and times."""

    # Whether the values reach the engine as text, which casts them there.
    is_text = False
    # Whether inferred columns stand in the order of their names.
    sorts = False
    # The columns of each file, where they are always the same.
    fixed: StructType | None = None

    def __init__(self, options: Options, times: Times, scratch: Path) -> None:
        self.options = options
        self.times = times
        self._scratch = scratch

    def columns(self, file: FileState, infer_types: bool) -> dict[str, DataType]:
        """The columns of a file and their types; unless `infer_types`, those of text files are STRING."""
        raise NotImplementedError

    @abstractmethod
    def batches(self, file: FileState, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        """The rows of a file (see rows.batch). Raises UserError for one that cannot be read."""

    def types(self, wanted: Wanted) -> list[pa.DataType]:
        """The Arrow types of the wanted columns."""
        return [to_arrow_type(field.dataType, timezone="UTC") for field in wanted.fields]

    def plain(self, file: FileState) -> Path:
        """The file, unpacked and in UTF-8."""
        encoding = self.options.text("encoding", self.options.text("charset", "utf-8"))
        return plain_file(Path(file.path), encoding, self._scratch)


class Csv(Format):
    """CSV. `has_schema` says that the pipeline gave one: then Spark finds the columns by their place, and Auto Loader
    by name where there are any; without one Auto Loader takes the first line for names."""

    is_text = True

    def __init__(self, options: Options, times: Times, scratch: Path, has_schema: bool) -> None:
        super().__init__(options, times, scratch)
        self._layout = CsvFormat.of(options, header=options.is_auto_loader and not has_schema)
        by_name = options.is_auto_loader or options.rescued is not None
        self._by_position = has_schema and not (self._layout.header and by_name)

    def columns(self, file: FileState, infer_types: bool) -> dict[str, DataType]:
        """The names of the header or of the places, and types from all rows."""
        source = self._file(file)
        names = source.names()
        kinds: dict[str, DataType] = dict.fromkeys(names, StringType())
        if infer_types and names:
            kinds = dict.fromkeys(names, NullType())
            wanted = Wanted(tuple(StructField(name, StringType()) for name in names), rescues=False)
            for rows in source.batches(wanted, by_position=False):
                for name, values in zip(names, rows.columns, strict=False):
                    kinds[name] = merged_type(kinds[name], text_type(values, self.times))
        return kinds

    def batches(self, file: FileState, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        """The rows as text. Raises UserError for a file of no bytes: a delivery that failed would never be missed."""
        if file.size == 0:
            raise UserError(f"{file.path} is empty (0 bytes): deliver it whole or remove it, then run again")
        for rows in self._file(file).batches(wanted, self._by_position):
            yield with_times(rows, wanted, self._patterns())

    def types(self, wanted: Wanted) -> list[pa.DataType]:
        """Text for each column. Raises UserError for a column of broken records where none is known as broken."""
        if wanted.position(CORRUPT) is not None and not wanted.rescues:
            raise UserError(f"column {CORRUPT} is not filled for CSV here: use the option rescuedDataColumn")
        return [pa.string()] * len(wanted.fields)

    def _patterns(self) -> dict[type[DataType], Times]:
        dates = {DateType: self.times} if self.times.date_pattern else {}
        times = (
            {TimestampType: self.times, TimestampNTZType: self.times} if self.times.timestamp_pattern else {}
        )
        return {**dates, **times}

    def _file(self, file: FileState) -> CsvFile:
        return CsvFile(self.plain(file), file.path, self._layout)


class Json(Format):
    """JSON: a record a line, or with multiLine a file. Its fields are sorted by name, as Spark does."""

    sorts = True

    def columns(self, file: FileState, infer_types: bool) -> dict[str, DataType]:
        """The fields of all records; a batch read has a column for the text of broken ones, too."""
        found: DataType = NullType()
        broken = False
        for text in self._file(file).texts():
            try:
                kinds = [
                    object_type(one, self.options.flag("prefersdecimal", False)) for one in records(text)
                ]
            except (ValueError, RecursionError):
                broken = True
            else:
                found = reduce(merged_type, kinds, found)
        fields = found.fields if isinstance(found, StructType) else []
        as_text = not infer_types or self.options.flag("primitivesasstring", False)
        kinds = {field.name: StringType() if as_text else field.dataType for field in fields}
        is_batch = not self.options.is_auto_loader
        return {**({CORRUPT: StringType()} if broken and is_batch else {}), **kinds}

    def batches(self, file: FileState, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        """The rows, each value of its column's type."""
        return self._file(file).batches(wanted)

    def _file(self, file: FileState) -> JsonFile:
        return JsonFile(self.plain(file), self.options.flag("multiline", False), self.times)


class Text(Format):
    """Text: a row a line, or with wholeText a file."""

    fixed = StructType([StructField("value", StringType())])

    def batches(self, file: FileState, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        """The lines without their ends. Raises UserError for a schema of more than one column."""
        if len(wanted.fields) != 1:
            raise UserError(f"{file.path}: text files have one column of type STRING, not {wanted.names}")
        with self.plain(file).open(encoding="utf-8", errors="replace") as content:
            if self.options.flag("wholetext", False):
                yield _one_column([content.read()])
                return
            lines: list[str] = []
            for line in content:
                lines.append(line.removesuffix("\n"))
                if len(lines) == LINES:
                    yield _one_column(lines)
                    lines = []
            yield _one_column(lines)


class BinaryFile(Format):
    """Whole files as bytes, a row each."""

    fixed = StructType(
        [
            StructField("path", StringType()),
            StructField("modificationTime", TimestampType()),
            StructField("length", LongType()),
            StructField("content", BinaryType()),
        ]
    )

    def batches(self, file: FileState, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        """The file's row."""
        facts = {
            "path": address(file.path),
            "modificationTime": datetime.fromtimestamp(file.modified_ns // 1_000_000 / 1000, UTC),
            "length": file.size,
            "content": Path(file.path).read_bytes(),
        }
        columns = [
            pa.array([facts.get(name)], kind)
            for name, kind in zip(wanted.names, self.types(wanted), strict=True)
        ]
        yield batch(columns, pa.nulls(1, pa.string()))


def _one_column(lines: list[str]) -> pa.RecordBatch:
    return batch([pa.array(lines, pa.string())], pa.nulls(len(lines), pa.string()))
