"""One JSON file as rows of text, each value as it stands."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from local.engine.csv_files import UTF8_MARK, corrupt_rows, join_rows, rescued_json


def parse_json(content: bytes, path: str, columns: Sequence[str], multiline: bool) -> list[pa.Array]:
    """One array of strings for each of `columns`, and last the rescued data of each record.

    One record a line, or with `multiline` one object or list of objects a file. Numbers keep their digits,
    objects and lists stand as JSON. A line that is no JSON object is a row of nulls with its text rescued.
    """
    content = content.removeprefix(UTF8_MARK)
    texts = [content] if multiline else [line for line in content.splitlines() if line.strip()]
    good: list[list[str | None]] = []
    bad: list[str] = []
    for text in texts:
        try:
            good.extend([_row(record, path, columns) for record in _records(text)])
        except (ValueError, RecursionError):
            bad.append(text.decode("utf-8", "replace"))
    by_column = zip(*good, strict=True) if good else [[] for _ in range(len(columns) + 1)]
    arrays = [pa.array(list(values), pa.string()) for values in by_column]
    return join_rows(arrays, corrupt_rows(bad, path, len(columns)))


def _row(record: dict[str, Any], path: str, columns: Sequence[str]) -> list[str | None]:
    """The record's values as text, and last its rescued data. Raises ValueError for text that is none."""
    unknown = {k: str(_text(v)) for k, v in record.items() if k not in columns and v is not None}
    row = [*(_text(record.get(name)) for name in columns), rescued_json(unknown, path)]
    for value in filter(None, row):
        # Half of a surrogate pair is valid JSON and no character.
        value.encode()
    return row


def _records(text: bytes) -> list[dict[str, Any]]:
    value = json.loads(text.decode("utf-8"), parse_float=_Written)
    records = value if isinstance(value, list) else [value]
    if not all(isinstance(record, dict) for record in records):
        raise ValueError
    return records


class _Written(float):
    """A number that knows how it was written: 1.50 is not 1.5."""

    text: str

    def __new__(cls, text: str) -> "_Written":
        number = super().__new__(cls, text)
        number.text = text
        return number


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, _Written):
        return value.text
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
