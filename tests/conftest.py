from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from local.engine.session import Engine, start_engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The one engine of the whole run: a process has no second."""
    return start_engine(tmp_path_factory.mktemp("lakehouse") / "warehouse")


@pytest.fixture(scope="session")
def spark(engine: Engine) -> SparkSession:
    """A session without tables, for transforms of hand-made frames."""
    return engine.session()


@pytest.fixture
def repository() -> Path:
    return Path(__file__).parents[1]
