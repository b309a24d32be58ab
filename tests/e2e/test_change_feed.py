"""Change events in any order, in any files and some delivered twice, through our cdc pipeline: against replay."""

import json
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.lakehouses import Lakehouse
from tests.local.engine.cdc.replay import Change, current, versions

pytestmark = pytest.mark.e2e

# The key and a tracked column of each entity, with two values of it and one that is missing.
ENTITIES = {
    "customers": ("customer_id", "customer_name", ("Ana", "Rui", None)),
    # A missing category is cleaned to `unknown`: that is a value.
    "products": ("product_id", "product_category_name", ("toys", "books", "unknown")),
    "sellers": ("seller_id", "seller_city", ("Natal", "Recife", None)),
}
KEYS = 120
FILES = 7


def history(chance: random.Random, names: tuple[str | None, ...]) -> list[Change]:
    """Up to nine events a key, of all keys mixed along one sequence; also of keys that are not there (any more)."""
    keys = [f"{number:032x}" for number in range(KEYS) for _ in range(chance.randint(1, 9))]
    chance.shuffle(keys)
    operations = ("INSERT", "UPDATE", "UPDATE", "DELETE")
    return [
        Change(key, sequence, chance.choice(operations), chance.choice(names), chance.randrange(60))
        for sequence, key in enumerate(keys)
    ]


def deliver(chance: random.Random, events: list[dict[str, Any]], folder: Path, name: str = "") -> None:
    """Writes the events in any order into files of any size; every third one twice."""
    arrived = events + chance.sample(events, len(events) // 3)
    chance.shuffle(arrived)
    cuts = [0, *sorted(chance.sample(range(1, len(arrived)), FILES - 1)), len(arrived)]
    folder.mkdir(parents=True, exist_ok=True)
    for start, end in pairwise(cuts):
        lines = [json.dumps(event) + "\n" for event in arrived[start:end]]
        (folder / f"{name}{start}.jsonl").write_text("".join(lines), encoding="utf-8")


def as_event(change: Change, key: str, column: str) -> dict[str, Any]:
    event = {"sequence_number": change.sequence, "operation": change.operation, key: change.key}
    if change.operation == "DELETE":
        return event
    return event | {column: change.name, "change_timestamp": f"2026-01-01T00:00:{change.seen_at:02d}"}


def test_the_tables_are_what_replay_makes_of_the_events(tmp_path: Path) -> None:
    chance = random.Random(20)
    lakehouse = Lakehouse(tmp_path)
    histories = {entity: history(chance, names) for entity, (_, _, names) in ENTITIES.items()}
    for entity, (key, column, _) in ENTITIES.items():
        events = [as_event(change, key, column) for change in histories[entity]]
        deliver(chance, events, lakehouse.home.cdc / entity)
    lakehouse.run("cdc")
    for entity, (key, column, _) in ENTITIES.items():
        now, ever = lakehouse.rows(f"cdc.{entity}"), lakehouse.rows(f"cdc.{entity}_history")
        seen = [(row[key], row[column], row["change_timestamp"].second) for row in now]
        spans = [
            (
                row[key],
                row[column],
                row["change_timestamp"].second,
                row["__START_AT"],
                row["__END_AT"],
            )
            for row in ever
        ]
        assert sorted(seen, key=str) == sorted(current(histories[entity]), key=str)
        assert sorted(spans, key=str) == sorted(versions(histories[entity]), key=str)
        assert 0 < len(seen) < KEYS < len(spans)
    before = lakehouse.contents()
    for entity, (key, column, _) in ENTITIES.items():
        oldest = [as_event(change, key, column) for change in histories[entity][:200]]
        deliver(chance, oldest, lakehouse.home.cdc / entity, "again")
    lakehouse.run("cdc")
    after = lakehouse.contents()
    for entity in ENTITIES:
        # What was delivered again stands among the events twice, and brings nothing back that was deleted.
        assert len(after[f"cdc.{entity}_changes"]) > len(before[f"cdc.{entity}_changes"])
        assert after[f"cdc.{entity}"] == before[f"cdc.{entity}"]
        assert after[f"cdc.{entity}_history"] == before[f"cdc.{entity}_history"]
