"""Functions over many values (parity.json), on Sail and on Apache Spark: the same types and the same values."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

CASES = json.loads(Path(__file__).with_name("parity.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_both_engines_answer_alike(
    case: dict[str, str | list[str]], sail: SparkSession, apache_spark: SparkSession
) -> None:
    ours, theirs = (_answers(session, case) for session in (sail, apache_spark))
    assert {text: ours[text] for text in ours if ours[text] != theirs[text]} == {}


def _answers(session: SparkSession, case: dict[str, str | list[str]]) -> dict[str, str]:
    """The type and the values of each expression."""
    columns = [F.expr(text).alias(f"x{at}") for at, text in enumerate(case["expressions"])]
    frame = session.sql(f"select * from {case['values']}").select(*columns)
    answers = zip(*frame.collect(), strict=True)
    return {
        text: f"{field.dataType.simpleString()} {values}"
        for text, field, values in zip(case["expressions"], frame.schema, answers, strict=True)
    }
