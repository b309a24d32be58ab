"""What the generator's manifest says of each injected row, and what became of that row in a lakehouse.

Rows are known by their file and what they say, so an entry is looked for as the very row that it names, and a
row that was caught without an entry is found, too.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from generator.spec import DATASETS, ENTITIES
from local.engine.running.querying import query
from pipelines.schemas import TABLES
from pipelines.shared.rules import BY_SCHEMA
from tests.e2e.lakehouses import Lakehouse
from tests.oracle.silver import CLEAN

KEYS = {table.name: table.keys for table in TABLES}
RULES = {
    f"{layer}.{name}": rules
    for layer in ("bronze", "silver", "cdc")
    for name, rules in BY_SCHEMA[layer].items()
}


class Caught(NamedTuple):
    """A row with what caught it: `table`, the row's `file` and content, the names of the table's `rules`."""

    table: str
    file: str
    row: str
    rules: frozenset[str]


def entries(lakehouse: Lakehouse) -> list[dict[str, Any]]:
    """The injected rows of all runs; those of a file that was delivered again stand there twice."""
    manifests = sorted(lakehouse.home.raw.glob("_generator/manifest_*.jsonl"))
    lines = [json.loads(line) for path in manifests for line in path.read_text("utf-8").splitlines()]
    rows = [line for line in lines if line["kind"] != "file_again"]
    again = [line["file"] for line in lines if line["kind"] == "file_again"]
    return rows + [
        row | {"file": file} for file in again for row in rows if row["file"] == file.replace("_again", "")
    ]


def to_be_caught(injected: list[dict[str, Any]], action: str) -> Counter[Caught]:
    """What the entries say of the tables of bronze and of quarantine: by rules that `warn` or `drop`."""
    return Counter(
        Caught(table, entry["file"], _told(entry), names)
        for entry in injected
        for table, names in _rules_by_table(entry, action).items()
        if action == "drop" or table.startswith("bronze.")
    )


def in_quarantine(lakehouse: Lakehouse) -> Counter[Caught]:
    """Every row of quarantine."""
    return Counter(
        Caught(
            row["dataset"],
            _file(row),
            _stored(json.loads(row["record"])),
            frozenset(row["failed_expectations"]),
        )
        for row in lakehouse.rows("utils.quarantine")
    )


def warned_of_in_bronze(lakehouse: Lakehouse) -> Counter[Caught]:
    """Every row of bronze that lacks a key, has something rescued or is not whole."""
    found: Counter[Caught] = Counter()
    for dataset, columns in DATASETS.items():
        table = f"bronze.{dataset}"
        for row in lakehouse.rows(table):
            broken = {f"{key}_present" for key in KEYS[table] if row[key] is None}
            broken |= {"nothing_rescued"} if row["_rescued_data"] else set()
            broken |= {"well_formed"} if row["_corrupt_record"] else set()
            if broken:
                source = {name: row[name] for name in (*columns, "_rescued_data", "_corrupt_record")}
                found[Caught(table, _file(row), _stored(source), frozenset(broken))] += 1
    return found


def kept_with_a_warning(injected: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    """What the entries say of rows that silver or cdc keeps: (table.rule, key)."""
    return {
        (f"{table}.{name}", *_key(table, _clean(entry)))
        for entry in injected
        for table, names in _rules_by_table(entry, "warn").items()
        if not table.startswith("bronze.")
        for name in names
    }


def warned_of(lakehouse: Lakehouse) -> set[tuple[str, ...]]:
    """Every row of silver and cdc that breaks a warning: (table.rule, key)."""
    watched = [name for name, rules in RULES.items() if rules.warn and not name.startswith("bronze.")]
    return {
        (f"{table}.{name}", *_key(table, row))
        for table in watched
        for name, predicate in RULES[table].warn.items()
        for row in query(lakehouse.home, f"select * from {table} where NOT ({predicate})")[0].as_dicts()
    }


def _rules_by_table(entry: dict[str, Any], action: str) -> dict[str, frozenset[str]]:
    split = [name.rsplit(".", 1) for name in entry["caught_by"]]
    tables = dict.fromkeys(table for table, _ in split)
    named = {
        table: frozenset(
            rule for other, rule in split if other == table and rule in getattr(RULES[table], action)
        )
        for table in tables
    }
    return {table: names for table, names in named.items() if names}


def _values(entry: dict[str, Any]) -> dict[str, str | None]:
    """The record's values by column, those that could be read of a line that is not whole; none of broken JSON."""
    if not entry["file"].endswith(".csv"):
        try:
            return {k: None if v is None else str(v) for k, v in json.loads(entry["record"]).items()}
        except json.JSONDecodeError:
            return {}
    columns = DATASETS[entry["dataset"]]
    extra = ("unexpected_column",) if entry["kind"] == "unknown_column" else ()
    cells = next(_cells(entry["record"]))
    return {name: cell or None for name, cell in zip((*columns, *extra), cells, strict=False)}


def _clean(entry: dict[str, Any]) -> dict[str, Any]:
    values = _values(entry)
    return {**values, **CLEAN[entry["dataset"].removesuffix("_changes")](values)}


def _key(table: str, row: dict[str, Any]) -> Iterator[str]:
    """The key as text; an event's copy has the sequence number of the good one, so its entity's key, too."""
    entity = table.removeprefix("cdc.").removesuffix("_changes")
    more = KEYS[f"silver.{entity}"] if entity in ENTITIES and table.startswith("cdc.") else ()
    return (str(row[name]) for name in (*KEYS[table], *more))


def _file(row: dict[str, Any]) -> str:
    path = Path(row["_source_file"])
    return f"{path.parent.name}/{path.name}"


def _told(entry: dict[str, Any]) -> str:
    """What an injected row says, as _text gives it."""
    malformed = f"{entry['dataset']}.well_formed" in {name.partition(".")[2] for name in entry["caught_by"]}
    return _text({} if malformed else _values(entry), entry["record"])


def _stored(row: dict[str, str | None]) -> str:
    """What a stored row says, as _text gives it: the values, what was rescued among them."""
    rescued = json.loads(row.pop("_rescued_data") or "{}")
    rescued.pop("_file_path", None)
    line = rescued.pop("_corrupt_record", None)
    assert row.pop("_corrupt_record", line) == line
    return _text({} if line else row | rescued, line or "")


def _text(values: dict[str, str | None], line: str) -> str:
    """A row's values, or the malformed line cell by cell: quotes are the format's, not the row's."""
    present = {name: value for name, value in values.items() if value is not None}
    return json.dumps(present, sort_keys=True) if values else str(list(_cells(line)))


def _cells(line: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(line, newline=""))
