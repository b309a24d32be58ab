"""What differs between the rows of a dataset and those that a test expects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql.types import DataType

from lakehouse.unit_tests.cells import equal, values_of
from lakehouse.unit_tests.files import UnitTest

Values = dict[str, Any]


@dataclass(frozen=True)
class Actual:
    """What a dataset gives: its columns' types by name, and its rows."""

    kinds: Mapping[str, DataType]
    rows: list[Values]


@dataclass(frozen=True)
class TableDiff:
    """What differs, in the `columns` that the test lists.

    `changed` maps the number of an expected row to the row that came in its place, `missing` are numbers of expected
    rows that did not come, `unexpected` rows that did; `expected` are all the expected ones.
    """

    columns: list[str]
    expected: list[Values]
    changed: Mapping[int, Values]
    missing: list[int]
    unexpected: list[Values]


def table_diff(test: UnitTest, actual: Actual, keys: Sequence[str]) -> TableDiff | None:
    """None when the rows are those expected, in any order and each as often; only listed columns are looked at.

    Rows that differ are paired by `keys` where the test lists them all, else by likeness. Raises UserError with file
    and line for a column that the dataset lacks and a value that is none of its type.
    """
    expected = [values_of(test.spot, row, actual.kinds, "the dataset", "gives") for row in test.expect.rows]
    listed = dict.fromkeys(column for row in expected for column in row)
    columns = [column for column in actual.kinds if column in listed] or list(actual.kinds)
    rest = list(actual.rows)
    # A row that lists more columns has fewer rows that it fits.
    order = sorted(range(len(expected)), key=lambda number: -len(expected[number]))
    left = [number for number in order if not _taken(expected[number], rest)]
    changed: dict[int, Values] = {}
    for number in sorted(left):
        found = _nearest(expected[number], rest, keys)
        if found is not None:
            changed[number] = rest.pop(found)
    missing = [number for number in sorted(left) if number not in changed]
    if not changed and not missing and not rest:
        return None
    return TableDiff(columns, expected, changed, missing, rest)


def _taken(expected: Values, rest: list[Values]) -> bool:
    """Takes a row that is as expected out of the rest, if there is one."""
    for number, row in enumerate(rest):
        if all(equal(row[column], value) for column, value in expected.items()):
            del rest[number]
            return True
    return False


def _nearest(expected: Values, rest: Sequence[Values], keys: Sequence[str]) -> int | None:
    """Which of the rest is the expected row with other values: of equal key, else alike in half of the columns."""
    if keys and all(key in expected for key in keys):
        same = (n for n, row in enumerate(rest) if all(equal(row[key], expected[key]) for key in keys))
        return next(same, None)
    likeness = [sum(equal(row[c], value) for c, value in expected.items()) for row in rest]
    best = max(range(len(rest)), key=likeness.__getitem__, default=None)
    return best if best is not None and likeness[best] and 2 * likeness[best] >= len(expected) else None
