"""One row is no rows; numbers that follow each other are one range."""

from decimal import Decimal
from typing import Any

import pytest

from common.counting import are_numbers, counted, ranges


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (2000, ("row",), "2,000 rows"),
        (1, ("key has", "keys have"), "1 key has"),
        (2, ("key has", "keys have"), "2 keys have"),
    ],
)
def test_a_count_has_the_noun_of_its_number(number: int, words: tuple[str, ...], said: str) -> None:
    assert counted(number, *words) == said


@pytest.mark.parametrize(
    ("numbers", "said"), [([], ""), ([3], "3"), ([2, 1], "1-2"), ([7, 1, 2, 3, 9, 10], "1-3, 7, 9-10")]
)
def test_numbers_in_ranges(numbers: list[int], said: str) -> None:
    assert ranges(numbers) == said


@pytest.mark.parametrize(
    ("values", "numbers"),
    [([None, Decimal("1.5")], True), ([0.5], True), ([None], False), ([True], False), (["1"], False)],
)
def test_values_are_numbers(values: list[Any], numbers: bool) -> None:
    assert are_numbers(values) is numbers
