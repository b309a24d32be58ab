"""SIGKILL at random moments, with files arriving before and while the update runs."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

from tests.torture.figure import Figure
from tests.torture.world import World


def kill(folder: Path, times: int, seed: int) -> Figure:
    """So many updates are killed, the first of them on an empty home; then one runs to its end."""
    world, moments = World(folder, seed), random.Random(seed)
    world.deliver()
    whole = _seconds_of_an_update(folder / "measured")
    faults = [fault for _ in range(times) for fault in _killed(world, moments, whole)]
    done = world.run()
    faults += [done.stderr.strip()] if done.returncode else []
    faults += world.faults(ended=True)
    return Figure(f"{times} SIGKILLs at random moments of updates, files arriving between", faults)


def _seconds_of_an_update(folder: Path) -> float:
    folder.mkdir()
    world = World(folder, 0)
    world.deliver()
    began = time.monotonic()
    world.run()
    return time.monotonic() - began


def _killed(world: World, moments: random.Random, whole: float) -> Iterator[str]:
    moment = moments.uniform(0, whole)
    with world.start() as run:
        time.sleep(moment / 2)
        world.deliver()
        time.sleep(moment / 2)
        run.kill()
        said = run.communicate()[1].strip()
    yield from [said] if said else []
    yield from world.faults(ended=False)
