"""The same world through both engines, and every table of the one compared with the other's by content."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

from common.errors import UserError
from common.home import Home
from generator.engine import generate
from generator.spec import Settings
from lakehouse.difference.pairing import READING_TIME
from lakehouse.main_job import pipelines_of, run_pipelines
from lakehouse.output.lines import Say
from local.engine.sessions.engines import EngineChoice
from local.engine.storage.delta import arrow_table, open_table, schema_of
from local.engine.storage.lock import locked
from local.engine.storage.log import table_names, table_path
from pipelines.schemas import TABLES

ENGINES: tuple[EngineChoice, EngineChoice] = ("sail", "spark")

Row = dict[str, Any]


@dataclass(frozen=True)
class EngineDifference:
    """What differs in a table: for a row its key, and the column with its value on each engine.

    `key` is empty where the whole table differs, `column` where one engine lacks the row or the table.
    """

    table: str
    key: str
    column: str
    sail: str
    spark: str


def compare_worlds(folder: Path, orders: int, dirty: float, say: Say) -> list[EngineDifference]:
    """Runs a clean world, then a dirty delivery on top, on each engine in a home below `folder`; what differs."""
    first, second = (Home(folder / engine) for engine in ENGINES)
    found: list[EngineDifference] = []
    for name, share in (("clean", 0.0), ("dirty", dirty)):
        deliver(first, second, orders, share)
        for engine, home in zip(ENGINES, (first, second), strict=True):
            say(f"{name} on {engine}: {update_home(home, engine):.1f} s")
        found += compare_homes(first, second)
    return found


def update_home(home: Home, engine: EngineChoice) -> float:
    """Runs all pipelines of a home on an engine; the seconds that it took."""
    with locked(home, "lakehouse parity"):
        results = run_pipelines(home, pipelines_of("all", ()), False, (), lambda *_: None, engine)
    return sum(result.seconds for result in results)


def deliver(first: Home, second: Home, orders: int, dirty: float) -> None:
    """The next run of one world in both homes."""
    generate(Settings(orders, None, None, None, 2, dirty, None), first.raw, first.cdc)
    copytree(first.volumes, second.volumes, dirs_exist_ok=True)


def compare_homes(first: Home, second: Home) -> list[EngineDifference]:
    """What differs between the tables of two homes, by table, key and column."""
    names = [set(table_names(home.warehouse)) for home in (first, second)]
    if not names[0] | names[1]:
        raise UserError(f"{first.path} and {second.path} hold no tables")
    missing = [
        EngineDifference(name, "", "", *("there" if name in one else "missing" for one in names))
        for name in sorted(names[0] ^ names[1])
    ]
    keys = {table.name: list(table.keys) for table in TABLES}
    both = sorted(names[0] & names[1])
    return missing + [each for name in both for each in _of_table(name, keys.get(name, []), first, second)]


def _of_table(name: str, key: list[str], first: Home, second: Home) -> list[EngineDifference]:
    types, rows = zip(*(_content(home, name) for home in (first, second)), strict=True)
    if list(types[0].items()) != list(types[1].items()):
        columns = [
            column for column in {**types[0], **types[1]} if types[0].get(column) != types[1].get(column)
        ]
        return [EngineDifference(name, "", c, str(types[0].get(c)), str(types[1].get(c))) for c in columns]
    # Two rows may be equal in every column: each counts.
    counts = [Counter(repr(sorted(row.items())) for row in side) for side in rows]
    alone = [_alone(rows[n], counts[n] - counts[1 - n]) for n in (0, 1)]
    return _of_rows(name, key, *alone)


def _content(home: Home, name: str) -> tuple[dict[str, str], list[Row]]:
    """The columns' types by name, in order, and the rows; paths as they are below the home."""
    table = open_table(table_path(home.warehouse, name))
    assert table
    types = {field.name: field.dataType.simpleString() for field in schema_of(table).fields}
    rows = arrow_table(table)
    kept = rows.drop_columns([column for column in rows.column_names if column in READING_TIME])
    return types, [{c: _without(home, value) for c, value in row.items()} for row in kept.to_pylist()]


def _without(home: Home, value: Any) -> Any:
    return value.replace(str(home.path), "") if isinstance(value, str) else value


def _alone(rows: list[Row], surplus: Counter[str]) -> list[Row]:
    left, found = Counter(surplus), []
    for row in rows:
        text = repr(sorted(row.items()))
        if left[text] > 0:
            left[text] -= 1
            found.append(row)
    return found


def _of_rows(name: str, key: list[str], sail: list[Row], spark: list[Row]) -> list[EngineDifference]:
    """Rows of equal key column by column; the others as missing on one side. A key may name several rows."""
    others: dict[str, list[Row]] = {}
    for row in sorted(spark, key=repr, reverse=True):
        others.setdefault(_key(row, key), []).append(row)
    found: list[EngineDifference] = []
    for row in sorted(sail, key=repr):
        at = _key(row, key)
        if not others.get(at):
            found.append(EngineDifference(name, at, "", "there", "missing"))
            continue
        other = others[at].pop()
        columns = [column for column in row if repr(row[column]) != repr(other[column])]
        found += [EngineDifference(name, at, c, repr(row[c]), repr(other[c])) for c in columns]
    left = [at for at, rows in others.items() for _ in rows]
    return found + [EngineDifference(name, at, "", "missing", "there") for at in left]


def _key(row: Row, key: list[str]) -> str:
    return ", ".join(f"{column}={row[column]}" for column in key or row)
