"""Functions over many values (parity.json), on Sail and on Apache Spark: the same types and the same values."""

import json
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from tests.local.engine.sessions.answers import as_sail_takes_it

CASES = json.loads(Path(__file__).with_name("parity.json").read_text(encoding="utf-8"))
Case = dict[str, str | list[str]]


@pytest.fixture(scope="module", params=CASES, ids=range(len(CASES)))
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


@pytest.fixture(scope="module")
def theirs(case: Case, apache_spark: SparkSession) -> dict[str, str]:
    """What Apache Spark answers, asked once of each case."""
    return _answers(apache_spark, case)


def test_both_engines_answer_alike(case: Case, sail: SparkSession, theirs: dict[str, str]) -> None:
    ours = _answers(sail, case)
    assert {text: ours[text] for text in ours if ours[text] != theirs[text]} == {}


def test_sql_is_answered_alike(case: Case, sail: SparkSession, theirs: dict[str, str]) -> None:
    chosen = ", ".join(f"{text} AS x{at}" for at, text in enumerate(case["expressions"]))
    query = f"SELECT {chosen} FROM {case['values']}"
    ours = _by_text(sail.sql(as_sail_takes_it(query, sail)), case)
    assert {text: ours[text] for text in ours if ours[text] != theirs[text]} == {}


def _answers(session: SparkSession, case: Case) -> dict[str, str]:
    """The type and the values of each expression."""
    columns = [F.expr(text).alias(f"x{at}") for at, text in enumerate(case["expressions"])]
    return _by_text(session.sql(f"select * from {case['values']}").select(*columns), case)


def _by_text(frame: DataFrame, case: Case) -> dict[str, str]:
    answers = zip(*frame.collect(), strict=True)
    return {
        text: f"{field.dataType.simpleString()} {values}"
        for text, field, values in zip(case["expressions"], frame.schema, answers, strict=True)
    }
