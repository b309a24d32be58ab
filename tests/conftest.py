from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from xdist.scheduler import LoadScopeScheduling

from local.engine.sessions import sail as sail_server

# What runs on the one engine, and so in one of pytest-xdist's processes.
ON_THE_ENGINE = (
    "tests/bench/",
    "tests/e2e/",
    "tests/local/engine/",
    "tests/lakehouse/test_cli.py",
    "tests/lakehouse/dev/",
    "tests/pipelines/",
)


class ByEngine(LoadScopeScheduling):
    """Gives the tests on the engine to one process, and the others to the other, a folder at a time."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(ON_THE_ENGINE):
            return "engine"
        return file.rpartition("/")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByEngine:
    """In place of pytest-xdist's own groups, which pytest 9.2 does not take."""
    return ByEngine(config, log)


@pytest.fixture(scope="session")
def spark(sail: SparkSession) -> SparkSession:
    """A session without tables, for transforms of hand-made frames."""
    return sail


@pytest.fixture(scope="session")
def sail() -> SparkSession:
    """A session on the one Sail server of the whole run."""
    return sail_server.new_session()


@pytest.fixture
def repository() -> Path:
    return Path(__file__).parents[1]
