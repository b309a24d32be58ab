"""Each known difference is still one, and what is said to be done about it is done."""

from collections.abc import Callable

import pytest
from pyspark.sql import SparkSession

from local.engine.sessions.errors import NeedsSpark
from local.engine.sessions.known_differences import DIFFERENCES, Difference, Done
from tests.local.engine.sessions.answers import answer, answer_of_sql

pytestmark = pytest.mark.parametrize("known", DIFFERENCES, ids=lambda known: f"{known.function} {known.what}")


def test_sail_by_itself_still_differs(
    known: Difference, bare_sail: SparkSession, apache_spark: SparkSession
) -> None:
    given = (known.expression, known.values)
    assert answer(bare_sail, *given) != answer(apache_spark, *given), (
        "gone: take it out of the table and its rule"
    )


@pytest.mark.parametrize("asked", [answer, answer_of_sql], ids=["column", "sql"])
def test_what_is_said_is_done(
    known: Difference, asked: Callable[..., str], sail: SparkSession, apache_spark: SparkSession
) -> None:
    given = (known.expression, known.values)
    if known.done is Done.SPARK:
        with pytest.raises(NeedsSpark, match="--engine spark"):
            asked(sail, *given)
    elif known.done is Done.AT_A_VALUE:
        assert asked(sail, *given) == "an error"
    else:
        assert (asked(sail, *given) == answer(apache_spark, *given)) is (known.done is Done.REWRITTEN)
