"""One row is no rows."""

import pytest

from common.counting import counted


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
