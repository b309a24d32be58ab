"""One JSON file as rows of text, each value as it stands."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from local.engine.csv_files import corrupt_rows, join_rows, rescued_json


def parse_json(content: bytes, path: str, columns: Sequence[str], multiline: bool) -> list[pa.Array]:
    """One array of strings for each of `columns`, and last the rescued data of each record.

    One record a line, or with `multiline` one object or list of objects a file. Numbers keep their digits,
    objects and lists stand as JSON. A line that is no JSON object is a row of nulls with its text rescued.
    """
    texts = [content] if multiline else [line for line in content.splitlines() if line.strip()]
    good: list[dict[str, Any]] = []
    bad: list[str] = []
    for text in texts:
        try:
            good.extend(_records(text))
        except ValueError:
            bad.append(text.decode("utf-8", "replace"))
    known = [pa.array([_text(record.get(name)) for record in good], pa.string()) for name in columns]
    rescued = [
        rescued_json(
            {k: str(_text(v)) for k, v in record.items() if k not in columns and v is not None}, path
        )
        for record in good
    ]
    return join_rows([*known, pa.array(rescued, pa.string())], corrupt_rows(bad, path, len(columns)))


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
