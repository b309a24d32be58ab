"""One reader of files: `cloudFiles`, `read_files` or a format of Spark, from its options to a DataFrame."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from local.engine.sources.avro_files import Avro
from local.engine.sources.columnar_files import Columnar
from local.engine.sources.files import FileState, base_folder, find_files, partition_values
from local.engine.sources.formats import BinaryFile, Csv, Format, Json, Text
from local.engine.sources.frames import Parsed, folder_column
from local.engine.sources.options import READ_FILES, Options
from local.engine.sources.rows import RESCUED_MEMBERS, Wanted, column_name
from local.engine.sources.schemas import Schemas
from local.engine.sources.spool import Spool
from local.engine.sources.texts.patterns import Pattern
from local.engine.sources.texts.times import Times

FORMATS: dict[str, type[Format]] = {
    "csv": Csv,
    "json": Json,
    "parquet": Columnar,
    "orc": Columnar,
    "avro": Avro,
    "text": Text,
    "binaryfile": BinaryFile,
}
ENDINGS = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".orc": "orc",
    ".avro": "avro",
    ".txt": "text",
}


class FileSource:
    """`spark.readStream.format("cloudFiles")...load(path)`, `read_files(path, ...)` or `spark.read.format(...)`.

    `format` is cloudFiles, read_files or a format such as csv; `path` is local and absolute; `schema` is what the
    pipeline gives. Raises UserError for an option or a format that is not supplied.
    """

    def __init__(self, format: str, path: str, options: Mapping[str, str], schema: StructType | None) -> None:
        self.path = path
        if format == READ_FILES and "format" not in {name.lower() for name in options}:
            options = {**options, "format": _format_of(find_files(path, options))}
        self._options = Options(format, options)
        self._given = schema
        self._base = base_folder(path)
        self._schemas = Schemas(self._options, FORMATS[self._options.format].fixed, schema, self._base)

    def schema_for(self, files: Sequence[FileState], remembered: StructType | None) -> StructType:
        """The columns that these files' rows have. `remembered` is what this gave for the flow before.

        Raises UserError when there is nothing to infer from, and for a new column in the mode failOnNewColumns.
        """
        with tempfile.TemporaryDirectory() as scratch:
            return self._schemas.of(files, remembered, self._format(ZoneInfo("UTC"), Path(scratch)))

    def rows(
        self,
        session: SparkSession,
        files: Sequence[FileState],
        schema: StructType,
        scratch: Path,
        with_metadata: bool,
    ) -> DataFrame:
        """These files' rows: the columns of `schema` and, when asked for, `_metadata` as the last.

        Files are parsed into `scratch`, which must stay as long as the rows are read. Raises UserError for a file that
        cannot be read.
        """
        scratch.mkdir(parents=True, exist_ok=True)
        zone = ZoneInfo(str(session.conf.get("spark.sql.session.timeZone") or "UTC"))
        format = self._format(zone, scratch)
        rescued = self._schemas.rescued
        fields = [field for field in schema.fields if field.name != rescued]
        folders = [
            name for name in self._schemas.partitions(files) if name in {field.name for field in fields}
        ]
        own = tuple(field for field in fields if field.name not in folders)
        sensitive = self._options.flag("readercasesensitive", True)
        wanted = Wanted(own, rescued is not None, sensitive, frozenset(folders))
        columns = [(column_name(place), kind) for place, kind in enumerate(format.types(wanted))]
        names = [folder_column(place) for place in range(len(folders))]
        spooled = scratch / "rows.parquet"
        with Spool(spooled, pa.schema([*columns, (RESCUED_MEMBERS, pa.string())]), names) as spool:
            for file in files:
                values = partition_values(file.path, self._base)
                spool.add(file, [values.get(name) for name in folders], format.batches(file, wanted))
        parsed = Parsed(spooled, wanted.names, folders, format.is_text)
        return parsed.frame(session, schema, rescued, with_metadata)

    def _format(self, zone: ZoneInfo, scratch: Path) -> Format:
        patterns = [(name, self._options.text(name.lower())) for name in ("dateFormat", "timestampFormat")]
        times = Times(zone, *(Pattern(name, text) if text else None for name, text in patterns))
        if self._options.format == "csv":
            return Csv(self._options, times, scratch, self._given is not None)
        return FORMATS[self._options.format](self._options, times, scratch)


def _format_of(files: Sequence[FileState]) -> str:
    """The format of the first file by its ending, which read_files need not be told; empty for none that is known."""
    endings = [ending.lower() for ending in Path(files[0].path).suffixes] if files else []
    return next((ENDINGS[ending] for ending in reversed(endings) if ending in ENDINGS), "")
