"""Two updates that begin at once."""

from pathlib import Path

from tests.torture.figure import Figure
from tests.torture.world import World


def race(folder: Path, times: int) -> Figure:
    """So many pairs of updates at once, a new file before each: one of a pair may be refused, none may harm."""
    world, faults, refused = World(folder, 8), list[str](), 0
    for _ in range(times):
        world.deliver()
        with world.start() as first, world.start() as second:
            told = [run.communicate()[1].strip() for run in (first, second)]
        codes = [first.returncode, second.returncode]
        refused += sum(codes)
        faults += [text for text in told if text and "is in use: process" not in text]
        faults += [f"neither ran: {told}"] if all(codes) else []
        faults += world.faults(ended=True)
    return Figure(f"{times} pairs of updates at once; {refused} were refused", faults)
