"""Which lines of a raw file hold a row."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from common.home import Home

Fields = Mapping[str, str | None]


def raw_file(home: Home, source_file: str) -> Path:
    """The file that `_source_file` names; below this home's volumes where the home was moved since."""
    path = Path(unquote(source_file.removeprefix("file:")))
    below = path.as_posix().rpartition("/volumes/")[2]
    return path if path.exists() else home.volumes / below


def lines_of(file: Path, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[list[int]]:
    """For each row the lines at which records of it begin, from 1; none where there is no such record.

    A row is found by all of its values; one of JSON lines by its `keys` where it has any, without regard to case and
    blanks, since change events are cleaned when they are read. Files of other kinds have no lines.
    """
    if file.is_file() and file.suffix == ".csv":
        found = _by_values(_csv_records(file), list(rows[0]), _text)
        return [found[tuple(map(_text, row.values()))] for row in rows]
    if file.is_file() and file.suffix in {".json", ".jsonl"}:
        names = keys or list(rows[0])
        found = _by_values(_json_records(file), names, _cleaned_text)
        return [found[tuple(_cleaned_text(row[name]) for name in names)] for row in rows]
    return [[] for _ in rows]


def _by_values(
    records: Iterator[tuple[int, Fields]], names: Sequence[str], text: Callable[[Any], str | None]
) -> dict[tuple[str | None, ...], list[int]]:
    found: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
    for line, fields in records:
        found[tuple(text(fields.get(name)) for name in names)].append(line)
    return found


def _csv_records(file: Path) -> Iterator[tuple[int, Fields]]:
    """A record may hold line breaks: it begins after the last line of the one before."""
    with file.open(encoding="utf-8", errors="replace", newline="") as text:
        reader = csv.reader(text)
        header = next(reader, [])
        before = reader.line_num
        for values in reader:
            yield before + 1, dict(zip(header, values, strict=False))
            before = reader.line_num


def _json_records(file: Path) -> Iterator[tuple[int, Fields]]:
    with file.open(encoding="utf-8", errors="replace") as text:
        for number, line in enumerate(text, start=1):
            try:
                fields = json.loads(line)
            except ValueError:
                continue
            if isinstance(fields, dict):
                yield number, fields


def _text(value: Any) -> str | None:
    """As bronze keeps it: an empty value is none."""
    return None if value is None or value == "" else str(value)


def _cleaned_text(value: Any) -> str | None:
    return _text(None if value is None else str(value).strip().lower())
