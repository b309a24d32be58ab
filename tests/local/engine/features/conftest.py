import pytest

from common.errors import UserError
from local.engine.sessions.engines import EngineName
from local.engine.sessions.java import check_java


@pytest.fixture(params=["sail", "spark"])
def engine(request: pytest.FixtureRequest) -> EngineName:
    """Each engine in turn; Apache Spark where there is Java."""
    if request.param == "spark":
        try:
            check_java()
        except UserError as error:
            pytest.skip(str(error))
    return request.param
