"""One JSON file as rows of values, each of its column's type; what does not fit is kept beside them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql.pandas.types import to_arrow_type

from local.engine.sources.rows import CORRUPT, UTF8_MARK, Wanted, batch, corrupt
from local.engine.sources.texts.json_values import Number, as_json_text, fitted_value
from local.engine.sources.texts.times import Times

# Half of a surrogate pair is valid JSON and no character.
HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
STRINGS = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
# Records that are held at once.
ROWS = 20_000
# One for all records: to make one takes as long as to read a record.
DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)


@dataclass(frozen=True)
class JsonFile:
    """A plain JSON file in UTF-8: one record a line, or with `multiline` one object or list of objects."""

    file: Path
    multiline: bool
    times: Times

    def batches(self, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        """The rows: a value of its type for each wanted column. A record that is no JSON object is a row of nulls with
        its text kept."""
        types = [to_arrow_type(field.dataType, timezone="UTC") for field in wanted.fields]
        good: list[list[Any]] = []
        bad: list[str] = []
        for text in self.texts():
            try:
                found = records(text)
            except (ValueError, RecursionError):
                bad.append(text.decode("utf-8", "replace").rstrip("\r\n"))
            else:
                line = text.decode().rstrip("\r\n")
                good.extend([_row(record, line, wanted, self.times) for record in found])
            if len(good) + len(bad) >= ROWS:
                yield from _batches(good, bad, wanted, types)
                good, bad = [], []
        yield from _batches(good, bad, wanted, types)

    def texts(self) -> Iterator[bytes]:
        """The lines that are not blank, or the whole file."""
        with self.file.open("rb") as content:
            first = content.read(len(UTF8_MARK))
            content.seek(len(UTF8_MARK) if first == UTF8_MARK else 0)
            if self.multiline:
                whole = content.read()
                yield from [whole] if whole.strip() else []
            else:
                yield from (line for line in content if line.strip())


def records(text: bytes) -> list[dict[str, Any]]:
    """The objects of a line or file; numbers know how they were written. Raises ValueError when there is none."""
    value = _value(text.decode("utf-8"))
    found = value if isinstance(value, list) else [value]
    if HALF_CHARACTER.search(text):
        as_json_text(value).encode()
    if not all(isinstance(record, dict) for record in found):
        raise ValueError
    return found


def _value(text: str) -> Any:
    try:
        return _loaded(text)
    except ValueError:
        if "'" not in text:
            raise
    # Spark takes single quotes, too.
    return _loaded(STRINGS.sub(_in_double_quotes, text))


def _loaded(text: str) -> Any:
    return DECODER.decode(text)


def _in_double_quotes(found: re.Match[str]) -> str:
    inside = found[1]
    return found[0] if inside is None else '"' + inside.replace("\\'", "'").replace('"', '\\"') + '"'


def _row(record: dict[str, Any], text: str, wanted: Wanted, times: Times) -> list[Any]:
    """The record's values, and last its rescued members."""
    row: list[Any] = [None] * len(wanted.fields)
    rescued: dict[str, Any] = {}
    misfit = False
    for name, value in record.items():
        position = wanted.position(name)
        if position is None or row[position] is not None:
            rescue = None if name in wanted.ignored else value
        else:
            row[position], rescue = fitted_value(value, wanted.fields[position].dataType, times)
            misfit = misfit or rescue is not None
        if rescue is not None and wanted.rescues:
            rescued[name] = rescue
    place = wanted.position(CORRUPT) if misfit else None
    if place is not None:
        row[place] = text
    return [*row, as_json_text(rescued)[1:-1] if rescued else None]


def _batches(
    good: list[list[Any]], bad: list[str], wanted: Wanted, types: list[pa.DataType]
) -> Iterator[pa.RecordBatch]:
    if good:
        *columns, rescued = zip(*good, strict=True)
        arrays = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
        yield batch(arrays, pa.array(rescued, pa.string()))
    if bad:
        yield corrupt(bad, wanted, types)
