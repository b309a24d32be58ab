"""What is wrong with a condition, in words of its own and not of the engine."""

import re
from collections.abc import Sequence

from pyspark.errors import PySparkException

from local.engine.checking.error_meanings import meaning_of

_CAST = re.compile(r"Cannot cast string '(.*)' to value of (\w+) type")
_TYPES = {"Date": "date", "Timestamp": "timestamp", "Boolean": "truth value"}
_MEANINGS = (
    (
        re.compile("AggregateFunction|WindowFunction"),
        "it tells rows by their own values, so it holds no aggregate",
    ),
    (re.compile("non-boolean predicate"), "it is a value, and no condition: compare it with something"),
    (
        re.compile("Cannot coerce|Cannot infer common"),
        "it compares or computes values of types that do not fit",
    ),
)


def wrong_condition(error: PySparkException, table: str, columns: Sequence[str]) -> str:
    """Why the engine refused a condition on a table with these columns."""
    message = meaning_of(error, {table: columns}).text
    if cast := _CAST.search(message):
        kind = next((word for name, word in _TYPES.items() if cast[2].startswith(name)), "number")
        return f"'{cast[1]}' is no {kind}"
    return next((text for sign, text in _MEANINGS if sign.search(message)), message)
