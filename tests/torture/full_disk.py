"""A disk that fills up at some moment of an update, and one on which files may not grow."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.torture.figure import Figure
from tests.torture.world import Ended, World

# From too little for anything to enough for all of it.
BYTES_LEFT = tuple(4096 * pages for pages in (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32))
LARGEST_FILES = (0, 100, 300, 600, 900, 1200, 1600, 2400, 4000, 8000, 16000)


def fill(folder: Path, bytes_left: Sequence[int] = BYTES_LEFT) -> Figure:
    """Updates on a disk of 4 MiB, each with as much room as said; then one with room."""
    with _small_disk(folder / "disk") as disk:
        if disk is None:
            return Figure("a disk that fills up: not tried, since this user may mount none", [])
        world, filler = World(disk, 5), folder / "disk" / "filler"
        faults: list[str] = []
        for left in bytes_left:
            filler.unlink(missing_ok=True)
            world.deliver(200)
            filler.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - left)))
            faults += _of(world, world.run())
        filler.unlink()
        faults += _goes_on(world)
    return Figure(f"{len(bytes_left)} updates on a disk that fills up, at as many moments", faults)


def limit(folder: Path, largest: Sequence[int] = LARGEST_FILES) -> Figure:
    """Updates that may write no file of more bytes than said; then one that may."""
    world = World(folder, 6)
    faults: list[str] = []
    for size in largest:
        world.deliver(200)
        faults += _of(world, world.run(biggest_file=size))
    return Figure(f"{len(largest)} updates with a limit on the size of files", [*faults, *_goes_on(world)])


def _of(world: World, ended: Ended) -> Iterator[str]:
    told = ended.stderr.strip()
    if ended.returncode and not (told.startswith(f"error: no room is left to write: {world.home.path}")):
        yield f"unclear: {told[-300:]}"
    yield from world.faults(ended=not ended.returncode)


def _goes_on(world: World) -> list[str]:
    ended = world.run()
    return [*([ended.stderr] if ended.returncode else []), *world.faults(ended=True)]


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
