"""Tables of text look as rich would draw them; where they are too wide, their widest columns are cut down."""

import io
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakehouse.output.text_table import table_lines

COLUMNS = ["id", "the_name", "c", "amount"]
RIGHT = [False, False, True, True]
WORDS = st.sampled_from(
    ["São", "12,345", "[bold]x[/bold]", "a-word-longer-than-a-column-may-be", "日本", "é", "_"]
)
CELLS = st.lists(WORDS, max_size=6).map(" ".join)


def by_rich(rows: list[tuple[str, ...]], width: int) -> list[str]:
    to = Console(file=io.StringIO(), width=width)
    table = Table(box=None)
    for name, right in zip(COLUMNS, RIGHT, strict=True):
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    to.print(table)
    return [line.rstrip() for line in to.file.getvalue().splitlines()]  # pyright: ignore[reportAttributeAccessIssue]


ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=6)


@given(rows=ROWS)
def test_lines_are_those_of_rich(rows: list[tuple[str, ...]]) -> None:
    header, lines = table_lines(COLUMNS, rows, RIGHT, Console(file=io.StringIO(), width=1_000))
    assert [*header, *lines] == by_rich(rows, 1_000)


@pytest.mark.parametrize("width", [120, 80, 40])
@given(rows=ROWS)
def test_on_a_narrow_terminal_no_line_is_too_long_and_no_sign_is_lost(
    width: int, rows: list[tuple[str, ...]]
) -> None:
    header, lines = table_lines(COLUMNS, rows, RIGHT, Console(width=width))
    assert max(map(cell_len, [*header, *lines])) <= width
    assert signs(lines) == signs(cell for row in rows for cell in row)


def signs(texts: Iterable[str]) -> Counter[str]:
    return Counter("".join("".join(texts).split()))


def test_a_cell_of_two_lines_takes_two() -> None:
    header, lines = table_lines(["a", "b"], [("x\ny", "z")], [False, True], Console(width=80))
    assert (header, lines) == ([" a  b"], [" x  z", " y"])


def test_without_columns_there_are_no_lines() -> None:
    assert table_lines([], [], [], Console(width=80)) == ([], [])
