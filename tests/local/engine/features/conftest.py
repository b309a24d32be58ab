import os

import pytest

from local.engine.sessions.engines import EngineName
from tests.java import SLOW, need_java


@pytest.fixture(params=["sail", "spark"])
def engine(request: pytest.FixtureRequest) -> EngineName:
    """Each engine in turn; Apache Spark where there is Java, and time for what is slow there."""
    if request.param == "spark":
        if request.node.get_closest_marker("slow_on_spark") and not os.environ.get(SLOW):
            pytest.skip(f"takes a minute on Apache Spark: {SLOW}=1 runs it")
        need_java()
    return request.param
