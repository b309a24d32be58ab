"""One CSV file as rows of text: by column name, nothing guessed, nothing lost (RFC 4180)."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

CORRUPT = "_corrupt_record"
UTF8_MARK = b"\xef\xbb\xbf"
LOST_CHARACTER = "\ufffd"


@dataclass(frozen=True)
class CsvFormat:
    """The characters of the format, and whether the first record names the columns."""

    delimiter: str = ","
    quote: str = '"'
    header: bool = True


def parse_csv(content: bytes, path: str, columns: Sequence[str], layout: CsvFormat) -> list[pa.Array]:
    """One array of strings for each of `columns`, and last the rescued data of each row.

    A column that the file lacks is null. Rescued data is null or a JSON object: the columns that are not in
    `columns`, or under `_corrupt_record` the text of a record with too few or too many fields, of bytes that
    are not UTF-8, or of a file that holds no table; all columns of such a row are null. An empty place is null,
    a quoted empty one is the empty string.
    """
    content = content.removeprefix(UTF8_MARK)
    names = _header(content, columns, layout)
    if isinstance(names, str):
        return corrupt_rows([names], path, len(columns))
    try:
        # Arrow would take an open quote at the end for a closed one.
        balanced = content.count(layout.quote.encode()) % 2 == 0
        good, bad = _quick(content, names, layout) if balanced else _careful(content, names, layout)
    except pa.ArrowInvalid:
        good, bad = _careful(content, names, layout)
    return join_rows(_matched(good, path, columns), corrupt_rows(bad, path, len(columns)))


def _header(content: bytes, columns: Sequence[str], layout: CsvFormat) -> list[str] | str:
    """The names of the file's columns, or what is wrong with the file."""
    if not content.strip():
        return "the file is empty"
    if b"\x00" in content[:4096]:
        return "the file is no text"
    if not layout.header:
        return list(columns)
    first = content[:65536].decode("utf-8", "replace")
    names = [name.strip() for name in next(_reader(io.StringIO(first, newline=""), layout))]
    if len(set(names)) < len(names):
        return f"the header names a column twice: {','.join(names)}"
    if not set(names) & set(columns):
        return f"the header has none of the expected columns: {','.join(names)[:1000]}"
    return names


def _lines_of_header(lines: list[str], layout: CsvFormat) -> int:
    reader = _reader(lines, layout)
    if layout.header:
        next(reader)
    return reader.line_num


def _reader(lines: Iterable[str], layout: CsvFormat, strict: bool = False) -> Any:
    return csv.reader(lines, delimiter=layout.delimiter, quotechar=layout.quote, strict=strict)


def _quick(content: bytes, names: list[str], layout: CsvFormat) -> tuple[dict[str, pa.Array], list[str]]:
    bad: list[str] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        bad.append(row.text or "")
        return "skip"

    table = arrow_csv.read_csv(
        pa.BufferReader(content),
        arrow_csv.ReadOptions(
            use_threads=False,
            block_size=len(content) + 1,
            column_names=names,
            skip_rows_after_names=1 if layout.header else 0,
        ),
        arrow_csv.ParseOptions(
            delimiter=layout.delimiter,
            quote_char=layout.quote,
            newlines_in_values=True,
            invalid_row_handler=skip,
        ),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return {name: table[name].combine_chunks() for name in names}, bad


def _careful(content: bytes, names: list[str], layout: CsvFormat) -> tuple[dict[str, pa.Array], list[str]]:
    good: list[list[str]] = []
    bad: list[str] = []
    lines = list(io.StringIO(content.decode("utf-8", "replace"), newline=""))
    start = _lines_of_header(lines, layout)
    while start < len(lines):
        reader = _reader(islice(lines, start, None), layout, strict=True)
        whole = 0
        try:
            for record in reader:
                whole = reader.line_num
                broken = len(record) != len(names) or any(LOST_CHARACTER in field for field in record)
                if record:
                    (bad.append(layout.delimiter.join(record)) if broken else good.append(record))
            break
        except csv.Error:
            # The line with the stray quote is lost as a row; those behind it are not.
            bad.append(lines[start + whole].rstrip("\r\n"))
            start += whole + 1
    # Python's reader does not tell a quoted empty place from an empty one.
    fields = zip(*good, strict=True) if good else [[] for _ in names]
    return {
        name: pa.array([value or None for value in values], pa.string())
        for name, values in zip(names, fields, strict=True)
    }, bad


def _matched(good: dict[str, pa.Array], path: str, columns: Sequence[str]) -> list[pa.Array]:
    rows = len(next(iter(good.values())))
    unknown = {name: values.to_pylist() for name, values in good.items() if name not in columns}
    rescued = [
        rescued_json({name: values[row] for name, values in unknown.items() if values[row] is not None}, path)
        for row in (range(rows) if unknown else ())
    ]
    known = [good.get(name, pa.nulls(rows, pa.string())) for name in columns]
    return [*known, pa.array(rescued, pa.string()) if unknown else pa.nulls(rows, pa.string())]


def rescued_json(values: dict[str, str], path: str) -> str | None:
    """Rescued data in Auto Loader's form: the values and the file that they stood in; null when none."""
    return json.dumps({**values, "_file_path": path}, ensure_ascii=False) if values else None


def corrupt_rows(texts: list[str], path: str, columns: int) -> list[pa.Array]:
    """A row of nulls for each text, the text in the rescued data."""
    rescued = pa.array([rescued_json({CORRUPT: text}, path) for text in texts], pa.string())
    return [*([pa.nulls(len(texts), pa.string())] * columns), rescued]


def join_rows(first: list[pa.Array], second: list[pa.Array]) -> list[pa.Array]:
    """The rows of both, column by column."""
    if not len(second[-1]):
        return first
    return [pa.concat_arrays(pair) for pair in zip(first, second, strict=True)]
