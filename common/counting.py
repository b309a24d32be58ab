"""Counts and numbers as a sentence says them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any


def counted(number: int, one: str, many: str = "") -> str:
    """`1 row`, `2,000 rows`; `many` is the plural where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def is_number(value: Any) -> bool:
    """Whether a value counts or measures; a truth does neither."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def are_numbers(values: Iterable[Any]) -> bool:
    """Whether values of one type are numbers, told by the first that is there."""
    return is_number(next((value for value in values if value is not None), None))


def ranges(numbers: Iterable[int]) -> str:
    """Whole numbers in their order, those that follow each other as one: `1-4, 7`."""
    runs: list[tuple[int, int]] = []
    for one in sorted(numbers):
        first, _ = runs.pop() if runs and runs[-1][1] == one - 1 else (one, one)
        runs.append((first, one))
    return ", ".join(f"{first}-{last}" if first < last else f"{first}" for first, last in runs)
