"""Same seed, same bytes: whatever the order of tables, the size of chunks, or the tables beside."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest

from generator import run as run_module
from generator.columns import timestamps
from generator.orders import Orders, Window
from generator.run import FACT_TABLES, Run
from generator.spec import DATASETS, Settings
from generator.state import World as State
from tests.generator.worlds import World, small

# Of the files whose values need no name from Faker. A change here is a change of every world there is.
PINNED = "14c794eefaf970408199f037f18f84a9ce9fae324cb4a7f8131e496f369960ed"


def test_two_worlds_of_one_seed_are_the_same_to_the_byte(tmp_path: Path) -> None:
    first, second = World(tmp_path / "first"), World(tmp_path / "second")
    for made in (first, second):
        made.run(**small())
        made.run(**small(dirty=0.2))
    assert first.files() == second.files()


def test_another_seed_makes_another_world(tmp_path: Path) -> None:
    first, second = World(tmp_path / "first"), World(tmp_path / "second")
    first.run(**small(seed=1))
    second.run(**small(seed=2))
    same = [name for name, content in first.files().items() if second.files()[name] == content]
    assert same == []


def test_a_world_is_the_same_on_every_machine(world: World) -> None:
    world.run(**small())
    digest = hashlib.sha256()
    for name, content in world.files().items():
        if "customers" not in name and "order_reviews" not in name:
            digest.update(name.encode() + content)
    assert digest.hexdigest() == PINNED


def tables_only(folder: Path, tables: dict[str, run_module.FactTable]) -> dict[str, bytes]:
    settings = Settings(**small(), seed=42)
    made = World(folder)
    list(Run(State.new(42), settings, made.raw, made.cdc, tables).write())
    return made.files()


def test_the_order_of_tables_changes_nothing(tmp_path: Path) -> None:
    backwards = dict(reversed(FACT_TABLES.items()))
    assert tables_only(tmp_path / "a", FACT_TABLES) == tables_only(tmp_path / "b", backwards)


def test_a_new_table_changes_no_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pickups(chunk: Orders, window: Window) -> pa.Table:
        chosen = chunk.subset(chunk.draws.below("picked up", chunk.rows, 2) == 1)
        return pa.table({"order_id": chosen.ids, "picked_up_at": timestamps(chosen.purchase)})

    old = tables_only(tmp_path / "old", FACT_TABLES)
    monkeypatch.setitem(DATASETS, "pickups", ("order_id", "picked_up_at"))
    new = tables_only(tmp_path / "new", {"pickups": pickups, **FACT_TABLES})
    [added] = set(new) - set(old)
    assert new.pop(added).count(b"\n") > 50
    assert new == old


@pytest.mark.parametrize("size", [7, 1000])
def test_the_size_of_chunks_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    whole = World(tmp_path / "whole")
    pieces = World(tmp_path / "pieces")
    for _ in range(2):
        whole.run(**small())
    monkeypatch.setattr(run_module, "CHUNK_ORDERS", size)
    monkeypatch.setattr(run_module, "CHUNK_RECORDS", size)
    for _ in range(2):
        pieces.run(**small())
    assert pieces.files() == whole.files()


def test_a_large_run_writes_several_files_of_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = World(tmp_path / "whole")
    whole.run(**small())
    monkeypatch.setattr(run_module, "CHUNK_ORDERS", 10)
    monkeypatch.setattr(run_module, "ROWS_PER_FILE", 20)
    parts = World(tmp_path / "parts")
    parts.run(**small())
    [orders] = [text for name, text in whole.files().items() if "/orders_run" in name]
    files = [text for name, text in sorted(parts.files().items()) if "/orders_run" in name]
    header = orders.splitlines()[0]
    assert len(files) == -(-(len(orders.splitlines()) - 1) // 20)
    assert all(text.splitlines()[0] == header for text in files)
    assert [line for text in files for line in text.splitlines()[1:]] == orders.splitlines()[1:]


def test_work_and_memory_grow_with_the_orders_and_not_with_the_worlds_age(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No chunk is larger than the limit, and a run looks only at the orders of the last few."""
    seen: list[int] = []
    orders_table = FACT_TABLES["orders"]

    def counted(chunk: Orders, window: Window) -> pa.Table:
        seen.append(chunk.rows.size)
        return orders_table(chunk, window)

    monkeypatch.setattr(run_module, "CHUNK_ORDERS", 40)
    monkeypatch.setitem(FACT_TABLES, "orders", counted)
    work = []
    for _ in range(8):
        seen.clear()
        world.run(**small(orders=200))
        assert max(seen) <= 40
        work.append(sum(seen))
    assert work[0] == 200
    assert max(work[3:]) <= 600
