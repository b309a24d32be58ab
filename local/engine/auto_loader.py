"""Auto Loader (the source `cloudFiles`), which open-source Spark lacks, for CSV and JSON files.

Spark's own text source finds each new file exactly once and gives `_metadata`; a Python function on Arrow data
splits a file into rows. Spark's CSV source would match columns by position and knows no rescued data.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, AtomicType, DataType, StringType, StructField, StructType

from common.errors import UserError
from local.engine.csv_files import CsvFormat, parse_csv
from local.engine.fingerprint import is_hidden
from local.engine.json_files import parse_json

SOURCE = "cloudFiles"
RESCUED = "_rescued_data"
# What is read as documented; each other option is refused by its name.
READ_OPTIONS = {
    "cloudfiles.format", "cloudfiles.maxfilespertrigger", "cloudfiles.schemahints", "cloudfiles.schemalocation",
    "header", "multiline", "quote", "escape", "sep", "delimiter", "rescueddatacolumn", "pathglobfilter",
}  # fmt: skip
# Options with one value that holds here.
ONLY_VALUES = {
    "cloudfiles.includeexistingfiles": "true",
    "cloudfiles.infercolumntypes": "false",
    "cloudfiles.usenotifications": "false",
    "encoding": "utf-8",
    "charset": "utf-8",
    "mode": "permissive",
    "recursivefilelookup": "true",
}
EVOLUTION = {"rescue", "none", "addnewcolumns"}

Parser = Callable[[bytes, str], list[pa.Array]]


def read_files(
    reader: Any, path: str, schema: StructType | None, load: Callable[..., DataFrame]
) -> DataFrame:
    """The rows of the files below `path`: the columns of `schema`, then the rescued data.

    `reader` is Spark's own reader with the options that the pipeline gave it, `load` its own `load`. Without a
    schema each column of the files' headers is a STRING, as Auto Loader infers it. Raises UserError for a folder
    that is not there, and for an option that is not supplied.
    """
    options = {name.lower(): str(value) for name, value in reader._options.items()}
    _check_options(options)
    if not Path(path).is_dir():
        raise UserError(f"{path} is not there: Auto Loader reads the files of a folder")
    if options["cloudfiles.format"] == "csv":
        _refuse_empty_files(Path(path), options.get("pathglobfilter", "*"))
    wanted = schema or _inferred(Path(path), options)
    rescued = options.get("rescueddatacolumn", "" if schema else RESCUED)
    texts = [field.name for field in wanted.fields if field.name != rescued]
    files = _text_files(reader, path, options, load)
    rows = files.select(F.explode(_rows(_parser(options, texts), texts)).alias("record")).select("record.*")
    return _typed(rows, wanted, rescued)


def _check_options(options: dict[str, str]) -> None:
    for name, value in options.items():
        evolution = name == "cloudfiles.schemaevolutionmode" and value.lower() in EVOLUTION
        only = ONLY_VALUES.get(name) == value.lower()
        if name not in READ_OPTIONS and not evolution and not only:
            raise UserError(f"Auto Loader: the option {name} = {value} is not supplied on one machine")
    if options.get("cloudfiles.format") not in ("csv", "json"):
        raise UserError(
            f"Auto Loader: cloudFiles.format {options.get('cloudfiles.format')} is not supplied: csv, json"
        )
    if options.get("escape", '"') != options.get("quote", '"'):
        raise UserError(
            "Auto Loader: escape must be the quote itself (a quote inside quotes is doubled, RFC 4180)"
        )


def _refuse_empty_files(folder: Path, names: str) -> None:
    """Spark passes over a file of no bytes without a word, and a delivery that failed would never be missed."""
    for file in sorted(folder.rglob(names)):
        if not is_hidden(file, folder) and file.is_file() and file.stat().st_size == 0:
            raise UserError(f"{file} is empty (0 bytes): deliver it whole or remove it, then run again")


def _text_files(reader: Any, path: str, options: dict[str, str], load: Callable[..., DataFrame]) -> DataFrame:
    text = (
        type(reader)(reader._client)
        .format("text")
        .option("wholetext", "true")
        .option("recursiveFileLookup", "true")
    )
    if "pathglobfilter" in options:
        text.option("pathGlobFilter", options["pathglobfilter"])
    if "cloudfiles.maxfilespertrigger" in options:
        text.option("maxFilesPerTrigger", options["cloudfiles.maxfilespertrigger"])
    return load(text, path)


def _parser(options: dict[str, str], columns: list[str]) -> Parser:
    if options["cloudfiles.format"] == "json":
        multiline = options.get("multiline", "false").lower() == "true"
        return lambda content, path: parse_json(content, path, columns, multiline)
    layout = CsvFormat(
        delimiter=options.get("sep", options.get("delimiter", ",")),
        quote=options.get("quote", '"'),
        header=options.get("header", "false").lower() == "true",
    )
    return lambda content, path: parse_csv(content, path, columns, layout)


def _rows(parse: Parser, columns: list[str]) -> Column:
    """The rows of each file as an array of structs; the last field holds the rescued data."""
    fields = [*columns, RESCUED]

    def parsed(contents: pa.Array, paths: pa.Array) -> pa.Array:
        # Bytes that are not UTF-8 reach the parser as they are.
        raw = contents.cast(pa.binary() if pa.types.is_string(contents.type) else pa.large_binary())
        files = [parse(content.as_py(), path.as_py()) for content, path in zip(raw, paths, strict=True)]
        structs = [pa.StructArray.from_arrays(arrays, fields) for arrays in files]
        offsets = [0]
        for rows in structs:
            offsets.append(offsets[-1] + len(rows))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.concat_arrays(structs))

    record = StructType([StructField(name, StringType()) for name in fields])
    return F.arrow_udf(parsed, ArrayType(record))(F.col("value"), F.col("_metadata.file_path"))  # pyright: ignore


def _typed(rows: DataFrame, schema: StructType, rescued: str) -> DataFrame:
    """The text of each column as its type; what does not fit is null and stands in the rescued data."""
    typed = [
        field
        for field in schema.fields
        if field.name != rescued and not isinstance(field.dataType, StringType)
    ]
    kept = [_cast(field).alias(field.name) for field in schema.fields if field.name != rescued]
    if not rescued:
        return rows.select(*kept)
    misfits = [
        F.when(F.col(f.name).isNotNull() & _cast(f).isNull(), F.col(f.name)).alias(f.name) for f in typed
    ]
    misfit = F.to_json(F.struct(*misfits)) if misfits else F.lit(None)
    found = F.coalesce(
        F.col(RESCUED), F.when(misfit != "{}", misfit) if misfits else F.lit(None).cast("string")
    )
    return rows.select(*kept, found.alias(rescued))


def _cast(field: StructField) -> Column:
    column = F.col(field.name)
    if isinstance(field.dataType, StringType):
        return column
    return (
        column.try_cast(field.dataType)
        if isinstance(field.dataType, AtomicType)
        else _nested(column, field.dataType)
    )


def _nested(column: Column, kind: DataType) -> Column:
    return F.from_json(column, kind)  # pyright: ignore


def _inferred(folder: Path, options: dict[str, str]) -> StructType:
    if options["cloudfiles.format"] != "csv" or "cloudfiles.schemahints" in options:
        raise UserError(
            f"Auto Loader on {folder}: give a schema (.schema(...)); only CSV headers are inferred here"
        )
    files = sorted(f for f in folder.rglob("*") if f.is_file() and not f.name.startswith((".", "_")))
    names = dict.fromkeys(name for file in files for name in _names(file, options.get("sep", ",")))
    if not names:
        raise UserError(f"Auto Loader on {folder}: there is no file to infer the columns from; give a schema")
    return StructType([StructField(name, StringType()) for name in names])


def _names(file: Path, delimiter: str) -> Iterable[str]:
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return next(csv.reader(lines, delimiter=delimiter), [])
