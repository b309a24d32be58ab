"""The raw files as plain Python sees them."""

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Values = dict[str, str | None]


@dataclass(frozen=True)
class RawRow:
    """A row of a file, and its delivery's place among all: (run or -1, modified in ms without a run, file name).

    `corrupt` is whether its length is not the header's; then `values` are those that could be read.
    """

    values: Values
    version: tuple[int, int, str]
    corrupt: bool = False


def read_csv(folder: Path) -> list[RawRow]:
    """Every row of every CSV file."""
    rows: list[RawRow] = []
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            for cells in reader:
                if cells:
                    values: Values = dict(zip(header, cells, strict=False))
                    rows.append(RawRow(values, _version(path), len(cells) != len(header)))
    return rows


def read_events(folder: Path) -> list[Values]:
    """Every change event of every JSON lines file; what is no JSON object has no value at all."""
    events: list[Values] = []
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.strip():
                events.append(_event(line))
    return events


def _event(line: str) -> Values:
    try:
        event: Any = json.loads(line, parse_float=str, parse_int=str)
    except json.JSONDecodeError:
        return {}
    if not isinstance(event, dict):
        return {}
    return {str(name): _as_text(value) for name, value in event.items()}


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _version(path: Path) -> tuple[int, int, str]:
    run = re.search(r"_run(\d+)", path.name)
    if run:
        return int(run[1]), 0, path.name
    return -1, path.stat().st_mtime_ns // 1_000_000, path.name
