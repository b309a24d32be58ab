"""The Java that tests on Apache Spark need."""

import pytest

from common.errors import UserError
from local.engine.sessions.java import check_java

SLOW = "LAKEHOUSE_SLOW_TESTS"


def need_java() -> None:
    """Skips the test where Java is missing or too old, and says what to install."""
    try:
        check_java()
    except UserError as error:
        pytest.skip(str(error))
