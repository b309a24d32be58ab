"""Each known difference is still one, and what is said to be done about it is done."""

from collections.abc import Callable

import pytest
from pyspark.sql import SparkSession

from local.engine.sessions.errors import NeedsSpark
from local.engine.sessions.known_differences import DIFFERENCES, Difference, Done
from tests.local.engine.sessions.answers import answer, answer_of_sql


@pytest.fixture(scope="module", params=DIFFERENCES, ids=lambda known: f"{known.function} {known.what}")
def known(request: pytest.FixtureRequest) -> Difference:
    return request.param


@pytest.fixture(scope="module")
def answer_of_spark(known: Difference, apache_spark: SparkSession) -> str:
    """Asked once of each difference."""
    return answer(apache_spark, known.expression, known.values)


def test_sail_by_itself_still_differs(
    known: Difference, bare_sail: SparkSession, answer_of_spark: str
) -> None:
    assert answer(bare_sail, known.expression, known.values) != answer_of_spark, (
        "gone: take it out of the table and its rule"
    )


@pytest.mark.parametrize("asked", [answer, answer_of_sql], ids=["column", "sql"])
def test_what_is_said_is_done(
    known: Difference, asked: Callable[..., str], sail: SparkSession, answer_of_spark: str
) -> None:
    given = (known.expression, known.values)
    if known.done is Done.SPARK:
        with pytest.raises(NeedsSpark, match="--engine spark"):
            asked(sail, *given)
    elif known.done is Done.AT_A_VALUE:
        assert asked(sail, *given) == "an error"
    else:
        assert (asked(sail, *given) == answer_of_spark) is (known.done is Done.REWRITTEN)
