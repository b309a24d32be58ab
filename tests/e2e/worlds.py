"""Worlds that have run, each made once for all tests and processes of a session; a test works on a copy."""

import os
import shutil
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.e2e.lakehouses import Lakehouse

# By name: the world that it continues, if any; the orders of its run of the generator, and the share of dirty rows.
WORLDS: dict[str, tuple[str | None, int, float]] = {
    "clean": (None, 60, 0.0),
    "dirty": (None, 150, 0.05),
    "twice": ("dirty", 50, 0.05),
}


class Worlds:
    """The worlds of a session, below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, name: str, home: Path) -> Lakehouse:
        """A copy of a world of WORLDS, after all pipelines ran over its last files."""
        with (self._folder / "lock").open("w") as lock:
            # Another process may be making it.
            flock(lock, LOCK_EX)
            made = self._made(name)
        shutil.copytree(made, home, dirs_exist_ok=True)
        return Lakehouse(home)

    def _made(self, name: str) -> Path:
        target, half = self._folder / name, self._folder / f".{name}"
        if not target.exists():
            before, orders, dirty = WORLDS[name]
            shutil.rmtree(half, ignore_errors=True)
            if before:
                shutil.copytree(self._made(before), half)
            lakehouse = Lakehouse(half)
            lakehouse.generate(orders, dirty)
            lakehouse.run()
            half.rename(target)
        return target


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """The worlds that all of pytest-xdist's processes share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "worlds"
    folder.mkdir(exist_ok=True)
    return Worlds(folder)
