from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pyspark.sql import SparkSession
from xdist.scheduler import LoadScopeScheduling

from local.engine.sessions import sail as sail_server
from tests.e2e.worlds import worlds

__all__ = ["worlds"]

# The same code passes or fails each time: the examples of a test are always the same, and however long they take.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

# What runs on Apache Spark, of which there is one: in one of pytest-xdist's processes.
ON_SPARK = (
    "tests/e2e/test_parity_of_engines.py",
    "tests/lakehouse/dashboards/test_our_dashboard.py",
    "tests/local/engine/features/",
    "tests/local/engine/sessions/",
    "tests/local/engine/writing/test_stateful.py",
)
# What takes long begins, so that the short ones at the end keep both processes at work.
FIRST = (
    *ON_SPARK,
    "tests/e2e/",
    "tests/torture/",
    "tests/lakehouse/",
    "tests/infra/",
    "tests/local/workspace/",
)
# Folders whose tests share nothing but their file's fixtures.
BY_FILE = ("tests/e2e/", "tests/lakehouse/", "tests/local/engine/")


class InGroups(LoadScopeScheduling):
    """Gives a process a group of tests at a time, in the order of their collection."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(ON_SPARK):
            return "spark"
        if file.startswith("tests/infra/"):
            # Its stacks are synthesized once.
            return "infra"
        return file if file.startswith(BY_FILE) else file.rpartition("/")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> InGroups:
    """In place of pytest-xdist's own groups, which pytest 9.2 does not take."""
    config.option.loadscopereorder = False
    return InGroups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is named first runs first."""

    def place(item: pytest.Item) -> int:
        return next((n for n, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def spark(sail: SparkSession) -> SparkSession:
    """A session without tables, for transforms of hand-made frames."""
    return sail


@pytest.fixture(scope="session")
def sail() -> SparkSession:
    """A session on this process's one Sail server."""
    return sail_server.new_session()


@pytest.fixture
def repository() -> Path:
    return Path(__file__).parents[1]
