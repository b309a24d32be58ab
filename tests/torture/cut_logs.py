"""Delta logs whose last commit was cut short, as a power cut may leave them."""

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.torture.figure import Figure
from tests.torture.world import World

LOGS = (
    "warehouse/shop.db/lines",
    "warehouse/shop.db/copies",
    "warehouse/shop.db/latest",
    "warehouse/shop.db/__cdc_latest",
    "warehouse/shop.db/__cdc_history",
    "warehouse/shop.db/counted",
    "warehouse/shop.db/delivered",
    "state/sinks/torture/delivered",
    "state/event_log",
)


def cut(folder: Path, seed: int, logs: Sequence[str] = LOGS) -> Figure:
    """Each log is cut between two lines, and to nothing or anywhere; the error's advice must bring all back."""
    world, draws = World(folder, seed), random.Random(seed)
    faults: list[str] = []
    for _ in range(2):
        world.deliver()
        world.run()
    whole = shutil.copytree(world.home.path, folder / "whole")
    world.deliver()
    for log in logs:
        newest = max((whole / log / "_delta_log").glob("*.json")).relative_to(whole)
        content = (whole / newest).read_bytes()
        last_line = len(content.splitlines(keepends=True)[-1])
        for length in (len(content) - last_line, draws.choice((0, draws.randrange(1, len(content))))):
            shutil.rmtree(world.home.warehouse)
            shutil.rmtree(world.home.state)
            shutil.copytree(whole, world.home.path, dirs_exist_ok=True)
            (world.home.path / newest).write_bytes(content[:length])
            faults += [f"{log}, {length} bytes: {each}" for each in _of(world, newest)]
    return Figure(f"{2 * len(logs)} commits cut short, of tables, hidden tables and logs", faults)


def _of(world: World, newest: Path) -> Iterator[str]:
    ended = world.run()
    if f"{world.home.path / newest} is cut short" not in ended.stderr or "Traceback" in ended.stderr:
        yield f"unclear: {ended.stderr.strip()[-300:]}"
    (world.home.path / newest).unlink()
    # A sink is given everything again.
    shutil.rmtree(world.home.warehouse / "shop.db" / "delivered")
    ended = world.run("--full-refresh")
    yield from [ended.stderr] if ended.returncode else []
    yield from world.faults(ended=True)
