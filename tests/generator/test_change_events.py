"""Any history of change events: every event changes something that is there, and the replay is the live table."""

import itertools
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.draws import row_numbers
from generator.events import LiveTable, change_batches, snapshot
from generator.places import all_places
from generator.spec import DATASETS, ENTITIES, KEYS, change_day, clock

Record = dict[str, Any]

entities = st.sampled_from(ENTITIES)
seeds = st.integers(0, 2**32)


def history(entity: str, seed: int, size: int, batches: list[int]) -> tuple[LiveTable, list[list[Record]]]:
    """The events of several runs, and the live table after them."""
    live = LiveTable(entity)
    runs = [snapshot(live, seed, 0, live.grow(size), size, 0).to_pylist()]
    for run, count in enumerate(batches):
        tables = change_batches(live, seed, run, count)
        runs.append([event for table in tables for event in table.to_pylist()])
    return live, runs


def values(entity: str, record: Record) -> Record:
    return {column: record[column] for column in DATASETS[entity]}


@settings(max_examples=40)
@given(entities, seeds, st.integers(1, 30), st.lists(st.integers(0, 4), max_size=3))
def test_replaying_the_events_gives_the_live_records(
    entity: str, seed: int, size: int, batches: list[int]
) -> None:
    live, runs = history(entity, seed, size, batches)
    key, replayed, dead = KEYS[entity][0], {}, set()
    for event in (event for events in runs for event in events):
        name = event[key]
        assert name not in dead
        if event["operation"] == "INSERT":
            assert name not in replayed
            replayed[name] = values(entity, event)
        elif event["operation"] == "UPDATE":
            assert replayed[name] != values(entity, event)
            replayed[name] = values(entity, event)
        else:
            del replayed[name]
            dead.add(name)
            assert [event[column] for column in DATASETS[entity][1:]] == [None] * (len(DATASETS[entity]) - 1)
    rows = row_numbers(0, live.rows)
    records = live.records(seed, rows[[row not in live.deleted for row in rows.tolist()]]).to_pylist()
    assert replayed == {record[key]: values(entity, record) for record in records}
    assert replayed


@settings(max_examples=40)
@given(entities, seeds, st.integers(1, 30), st.lists(st.integers(0, 4), max_size=3))
def test_sequence_and_time_only_go_forward(entity: str, seed: int, size: int, batches: list[int]) -> None:
    _, runs = history(entity, seed, size, batches)
    events = [event for run in runs for event in run]
    assert [event["sequence_number"] for event in events] == list(range(1, len(events) + 1))
    times = [event["change_timestamp"].timestamp() for event in events]
    assert all(before < after for before, after in itertools.pairwise(times))


@settings(max_examples=20)
@given(entities, seeds, st.integers(1, 12))
def test_changes_fall_on_the_last_day_of_their_window(entity: str, seed: int, batches: int) -> None:
    live = LiveTable(entity)
    live.grow(10)
    for table in change_batches(live, seed, 2, batches):
        assert table.num_rows == 50
        micros = table["change_timestamp"].cast(pa.int64()).to_pylist()
        assert change_day(2) * 1_000_000 <= micros[0]
        assert micros[-1] < clock(2) * 1_000_000


def test_the_mix_of_operations_is_about_60_30_10() -> None:
    _, runs = history("customers", 7, 500, [60])
    operations = [event["operation"] for event in runs[1]]
    shares = [operations.count(name) / len(operations) for name in ("UPDATE", "INSERT", "DELETE")]
    assert all(abs(share - wanted) < 0.04 for share, wanted in zip(shares, (0.6, 0.3, 0.1), strict=True))


@pytest.mark.parametrize(("entity", "prefix"), [("customers", "customer"), ("sellers", "seller")])
def test_every_address_is_one_real_place(entity: str, prefix: str) -> None:
    """Zip code, city and state change together."""
    known = all_places()
    real = set(
        zip(*(column.to_pylist() for column in (known.zip_code_prefix, known.city, known.state)), strict=True)
    )
    _, runs = history(entity, 3, 50, [6])
    for event in runs[1]:
        address = tuple(event[f"{prefix}_{part}"] for part in ("zip_code_prefix", "city", "state"))
        assert address in real or event["operation"] == "DELETE"


def test_a_customers_change_keeps_what_it_does_not_change() -> None:
    """An update moves the customer to one real place; name and person stay, an e-mail is in the same name."""
    _, runs = history("customers", 7, 20, [8])
    latest: dict[object, Record] = {}
    moved = kept_mail = 0
    for event in (event for events in runs for event in events):
        before = latest.get(event["customer_id"])
        latest[event["customer_id"]] = event
        if event["operation"] == "UPDATE":
            assert before
            assert event["customer_name"] == before["customer_name"]
            assert event["customer_unique_id"] == before["customer_unique_id"]
            local_part = str(event["customer_email"]).split("@")[0]
            assert local_part == str(before["customer_email"]).split("@")[0]
            if event["customer_email"] == before["customer_email"]:
                kept_mail += 1
            if event["customer_zip_code_prefix"] != before["customer_zip_code_prefix"]:
                moved += 1
    updates = sum(event["operation"] == "UPDATE" for event in runs[1])
    assert moved == updates
    assert 0.6 < kept_mail / updates < 0.8
