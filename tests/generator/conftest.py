from pathlib import Path

import pytest

from tests.generator.worlds import World, small


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder without a world."""
    return World(tmp_path)


@pytest.fixture(scope="session")
def default_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world of `lakehouse generate` without options, after one run. Not to be written to."""
    made = World(tmp_path_factory.mktemp("default"))
    made.run()
    return made


@pytest.fixture(scope="session")
def long_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small world after five runs. Not to be written to."""
    made = World(tmp_path_factory.mktemp("long"))
    for _ in range(5):
        made.run(**small())
    return made
