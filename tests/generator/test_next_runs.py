"""A further run continues the world: nothing old is touched, everything new fits."""

import itertools
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from common.checkout import REPOSITORY
from generator import facts
from generator.draws import row_numbers
from generator.errors import GeneratorError
from generator.orders import Orders, Window
from generator.run import FACT_TABLES, Run
from generator.spec import DATASETS, ENTITIES, KEYS, Settings
from generator.state import load_world
from tests.generator.worlds import World, small

RUNS = range(5)
PROGRESS = {"created": 0, "approved": 1, "invoiced": 2, "processing": 3, "shipped": 4, "delivered": 5}
FINAL = {"delivered", "canceled", "unavailable"}


def modified(world: World) -> dict[str, int]:
    return {name: (world.folder / name).stat().st_mtime_ns for name in world.files()}


def test_a_run_adds_files_and_touches_none(world: World) -> None:
    world.run(**small())
    contents, times = world.files(), modified(world)
    world.run(**small(dirty=0.1))
    assert {name: content for name, content in world.files().items() if name in contents} == contents
    assert {name: time for name, time in modified(world).items() if name in times} == times
    assert all("run00001" in name for name in set(world.files()) - set(contents))


def test_each_run_places_its_own_orders_after_those_before(long_world: World) -> None:
    placed, seen = [], set()
    for run in RUNS:
        new = [row for row in long_world.rows("orders", run) if row["order_id"] not in seen]
        seen |= {row["order_id"] for row in new}
        placed.append([row["order_purchase_timestamp"] for row in new])
    assert [len(times) for times in placed] == [150] * 5
    assert all(max(before) < min(after) for before, after in itertools.pairwise(placed))


def test_open_orders_move_on_and_finished_ones_stay(long_world: World) -> None:
    history = defaultdict(list)
    for row in long_world.rows("orders"):
        history[row["order_id"]].append(row)
    moved = [rows for rows in history.values() if len(rows) > 1]
    assert len(moved) > 50
    for rows in moved:
        for before, after in itertools.pairwise(rows):
            assert before["order_status"] not in FINAL
            known = {column: value for column, value in before.items() if value and column != "order_status"}
            assert {column: after[column] for column in known} == known
            if after["order_status"] in PROGRESS:
                assert PROGRESS[before["order_status"]] < PROGRESS[after["order_status"]]


def test_nothing_is_told_before_it_happened_or_twice(long_world: World) -> None:
    for run in RUNS:
        clock = ["2019-01-02", "2019-02-01", "2019-03-03", "2019-04-02", "2019-05-02"][run]
        for row in long_world.rows("orders", run):
            assert max(row[column] for column in DATASETS["orders"][3:7]) < clock
        assert all(row["review_answer_timestamp"] < clock for row in long_world.rows("order_reviews", run))
    for dataset in ("order_items", "order_payments", "order_reviews"):
        keys = [tuple(row[column] for column in KEYS[dataset]) for row in long_world.rows(dataset)]
        assert len(set(keys)) == len(keys)


def test_payments_and_reviews_come_in_once_they_are_due(long_world: World) -> None:
    latest = {row["order_id"]: row for row in long_world.rows("orders")}
    paid = {row["order_id"] for row in long_world.rows("order_payments")}
    assert paid == {order for order, row in latest.items() if row["order_approved_at"]}
    reviewed_later = {row["order_id"] for run in RUNS[1:] for row in long_world.rows("order_reviews", run)}
    first_orders = {row["order_id"] for row in long_world.rows("orders", 0)}
    assert reviewed_later & first_orders


def test_in_the_end_everything_that_was_to_happen_has_been_told(long_world: World) -> None:
    """The first orders' lives over all time are what the runs have told piece by piece."""
    world = load_world(long_world.raw, long_world.cdc)
    assert world
    market = Run(world, Settings(), long_world.raw, long_world.cdc).market(0)
    orders, for_ever = Orders(market, row_numbers(0, 150)), Window(0, 2**40)
    told = {row["order_id"]: row for row in long_world.rows("orders")}
    for row in facts.orders(orders, for_ever).to_pylist():
        assert told[row["order_id"]]["order_status"] == row["order_status"]
    for dataset, make in FACT_TABLES.items():
        expected = {row["order_id"] for row in make(orders, for_ever).to_pylist()}
        assert expected == {row["order_id"] for row in long_world.rows(dataset)} & set(orders.ids.to_pylist())


def test_every_foreign_key_resolves_after_each_run(long_world: World) -> None:
    known = {entity: set() for entity in ENTITIES}
    for run in RUNS:
        for entity in ENTITIES:
            known[entity] |= {row[KEYS[entity][0]] for row in long_world.rows(entity, run)}
        assert {row["customer_id"] for row in long_world.rows("orders", run)} <= known["customers"]
        items = long_world.rows("order_items", run)
        assert {row["product_id"] for row in items} <= known["products"]
        assert {row["seller_id"] for row in items} <= known["sellers"]


def test_who_joined_by_an_event_orders_and_who_was_deleted_does_not(long_world: World) -> None:
    joined, gone, seen = set(), set(), set()
    joined_orders = 0
    for run in RUNS:
        rows = [row for row in long_world.rows("orders", run) if row["order_id"] not in seen]
        seen |= {row["order_id"] for row in rows}
        names = {row["customer_id"] for row in rows}
        items = long_world.rows("order_items", run)
        names |= {row["product_id"] for row in items} | {row["seller_id"] for row in items}
        assert not names & gone
        joined_orders += len(names & joined)
        for entity in ENTITIES:
            for event in long_world.events(entity, run):
                key = event[KEYS[entity][0]]
                if event["operation"] == "INSERT" and event["change_timestamp"] > "2018":
                    joined.add(key)
                elif event["operation"] == "DELETE":
                    gone.add(key)
    assert joined_orders > 20


@pytest.mark.parametrize("entity", ENTITIES)
def test_changed_records_come_as_raw_rows_in_the_next_run(long_world: World, entity: str) -> None:
    key = KEYS[entity][0]
    live: dict[str, dict] = {}
    for run in RUNS:
        if run:
            changed = {event[key] for event in long_world.events(entity, run - 1)}
            expected = [
                {column: str(live[name][column]) for column in DATASETS[entity]}
                for name in changed & set(live)
            ]
            rows = long_world.rows(entity, run)
            assert sorted(map(str, rows)) == sorted(
                map(str, expected if run > 1 else rows_changed(long_world, entity, live))
            )
        for event in long_world.events(entity, run):
            if event["operation"] == "DELETE":
                del live[event[key]]
            else:
                live[event[key]] = event


def rows_changed(world: World, entity: str, live: dict[str, dict]) -> list[dict]:
    """Run 0 also has the snapshot among its events; only its batches count as changes."""
    events = [event for event in world.events(entity, 0) if event["change_timestamp"] > "2018"]
    keys = {event[KEYS[entity][0]] for event in events} & set(live)
    return [{column: str(live[name][column]) for column in DATASETS[entity]} for name in keys]


def test_one_increasing_sequence_an_entity_over_the_worlds_life(long_world: World) -> None:
    for entity in ENTITIES:
        events = long_world.events(entity)
        assert [event["sequence_number"] for event in events] == list(range(1, len(events) + 1))
        times = [event["change_timestamp"] for event in events]
        assert times == sorted(set(times))
        assert times[-1] < "2019-05-02"


def test_a_larger_size_adds_records_with_a_snapshot_of_their_own(world: World) -> None:
    world.run(**small())
    world.run(**small(customers=80, change_batches=0))
    inserted = [event["customer_id"] for event in world.events("customers", 1)]
    assert len(inserted) == 20
    assert set(inserted) <= {row["customer_id"] for row in world.rows("customers", 1)}
    assert set(inserted) & {row["customer_id"] for row in world.rows("orders", 1)}


def test_sizes_left_out_keep_what_the_world_has(world: World) -> None:
    world.run(**small())
    world.run(orders=10, change_batches=0)
    world.run(orders=10)
    assert [world.rows(entity, 2) for entity in ENTITIES] == [[], [], []]


def test_a_smaller_size_is_refused(world: World) -> None:
    world.run(**small())
    before = world.files()
    with pytest.raises(GeneratorError, match="--sellers 5: the world has 12 already"):
        world.run(**small(sellers=5))
    assert world.files() == before


KILLED = """
import os, sys
from pathlib import Path
from generator.engine import generate
from generator.spec import Settings
from generator.writer import NewFile
left = int(sys.argv[3])
finish = NewFile.__exit__
def finish_or_die(self, *failure):
    global left
    if not left:
        self._stream.flush()
        os._exit(9)
    left -= 1
    finish(self, *failure)
NewFile.__exit__ = finish_or_die
generate(Settings(orders=150, customers=60, products=30, sellers=12, dirty=0.1), Path(sys.argv[1]), Path(sys.argv[2]))
"""


def killed(world: World, after_files: int) -> None:
    program = [sys.executable, "-c", KILLED, str(world.raw), str(world.cdc), str(after_files)]
    assert subprocess.run(program, check=False, cwd=REPOSITORY).returncode == 9


@pytest.mark.parametrize("after_files", [0, 14])
def test_a_killed_run_is_simply_run_again(tmp_path: Path, after_files: int) -> None:
    whole, broken = World(tmp_path / "whole"), World(tmp_path / "broken")
    for made in (whole, broken):
        made.run(**small())
    whole.run(**small(dirty=0.1))
    killed(broken, after_files)
    left_alone = modified(broken)
    [report] = broken.run(**small(dirty=0.1))
    assert report.resumed
    assert broken.files() == whole.files()
    assert {name: time for name, time in modified(broken).items() if name in left_alone} == left_alone
    assert state(broken) == state(whole)


def test_a_killed_run_is_finished_with_its_own_settings_before_another_begins(tmp_path: Path) -> None:
    whole, broken = World(tmp_path / "whole"), World(tmp_path / "broken")
    whole.run(**small(dirty=0.1))
    whole.run(**small(orders=10))
    killed(broken, 5)
    assert [report.resumed for report in broken.run(**small(orders=10))] == [True, False]
    assert broken.files() == whole.files()


def test_a_strange_file_under_a_name_of_the_run_is_an_error_and_stays(world: World) -> None:
    world.run(**small())
    strange = world.raw / "orders" / "orders_run00001.csv"
    strange.write_text("mine")
    with pytest.raises(GeneratorError, match=r"orders_run00001\.csv is there already"):
        world.run(**small())
    assert strange.read_text() == "mine"
    strange.unlink()
    [report] = world.run(**small())
    assert report.resumed


def state(world: World) -> bytes:
    return (world.raw / "_generator" / "state.json").read_bytes()
