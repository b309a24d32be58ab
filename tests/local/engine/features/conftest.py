import os

import pytest

from common.errors import UserError
from local.engine.sessions.engines import EngineName
from local.engine.sessions.java import check_java

SLOW = "LAKEHOUSE_SLOW_TESTS"


@pytest.fixture(params=["sail", "spark"])
def engine(request: pytest.FixtureRequest) -> EngineName:
    """Each engine in turn; Apache Spark where there is Java, and time for what is slow there."""
    if request.param == "spark":
        if request.node.get_closest_marker("slow_on_spark") and not os.environ.get(SLOW):
            pytest.skip(f"takes a minute on Apache Spark: {SLOW}=1 runs it")
        try:
            check_java()
        except UserError as error:
            pytest.skip(str(error))
    return request.param
