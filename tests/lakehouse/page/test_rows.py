"""Rows are sorted, filtered and paged as a query would, and read from the files alone."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from common.errors import UserError
from lakehouse.page.drawing.words import cell
from lakehouse.page.reading.profile import profile
from lakehouse.page.reading.rows import Order, rows_page


@pytest.fixture
def table(tmp_path: Path) -> DeltaTable:
    """Two files of four and three rows."""
    rows = pa.table(
        {
            "id": pa.array([1, 2, 3, 4, 5, 6, 7], pa.int64()),
            "word": ["b", "A", None, "ab", "%", "b", "<script>"],
            "price": pa.array([Decimal("1.50"), None, *[Decimal(n) for n in range(5)]], pa.decimal128(12, 2)),
            "day": [date(2026, 1, n) for n in range(1, 8)],
            "at": pa.array(
                [datetime(2026, 1, 1, n, tzinfo=UTC) for n in range(7)], pa.timestamp("us", "UTC")
            ),
            "tags": [["x"], [], None, ["y", "z"], [], [], []],
            "yes": [True, False, None, True, True, False, False],
        }
    )
    write_deltalake(tmp_path / "t", rows.slice(0, 4))
    write_deltalake(tmp_path / "t", rows.slice(4), mode="append")
    return DeltaTable(tmp_path / "t")


def ids(table: DeltaTable, filters: dict[str, str], order: Order | None = None, start: int = 0) -> list[int]:
    return [row[0] for row in rows_page(table, filters, order, start, 3).rows]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"word": "b"}, {1, 4, 6}),
        ({"word": "= b"}, {1, 6}),
        ({"word": "%"}, {5}),
        ({"word": "< C"}, {2, 5, 7}),
        ({"word": "script>"}, {7}),
        ({"word": "null"}, {3}),
        ({"price": ">= 2", "id": "< 7"}, {5, 6}),
        ({"price": "null"}, {2}),
        ({"day": "= 2026-01-03"}, {3}),
        ({"at": "> 2026-01-01 04:30:00"}, {6, 7}),
        ({"tags": "y"}, {4}),
        ({"yes": "true"}, {1, 4, 5}),
        ({"id": "!= 1", "word": "not null", "yes": "false"}, {2, 6, 7}),
    ],
)
def test_filters(table: DeltaTable, filters: dict[str, str], expected: set[int]) -> None:
    assert set(ids(table, filters)) == expected
    assert rows_page(table, filters, None, 0, 1).total == len(expected)


@pytest.mark.parametrize("column", ["id", "word", "price", "day", "at", "tags", "yes"])
def test_every_type_can_be_sorted(table: DeltaTable, column: str) -> None:
    for descending in (False, True):
        found = [ids(table, {}, Order(column, descending), start) for start in (0, 3, 6)]
        assert sorted(one for page in found for one in page) == [1, 2, 3, 4, 5, 6, 7]


def test_order_and_pages(table: DeltaTable) -> None:
    assert [ids(table, {}, Order("id", True), start) for start in (0, 3, 6)] == [[7, 6, 5], [4, 3, 2], [1]]
    assert ids(table, {}, None, 2) != ids(table, {}, None, 3)
    assert ids(table, {"id": "> 2"}, Order("day"), 3) == [6, 7]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"price": "> many"}, "'many' is no value"),
        ({"nothing": "x"}, "no column nothing"),
        ({"day": "= soon"}, "'soon'"),
    ],
)
def test_what_cannot_be_is_told(table: DeltaTable, filters: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        rows_page(table, filters, None, 0, 3)


def test_a_profile_counts_what_is_there(table: DeltaTable) -> None:
    words, prices = profile(table, "word"), profile(table, "price")
    assert (words.rows, words.nulls, words.distinct, words.top[0]) == (7, 1, 5, ("b", 2))
    assert (prices.least, prices.most, prices.mean) == (
        Decimal("0.00"),
        Decimal("4.00"),
        pytest.approx(11.5 / 6),
    )
    assert sum(prices.bins) == 6
    assert [profile(table, name).rows for name in ("day", "at", "tags", "yes")] == [7] * 4


def test_a_cell_shows_the_whole_number() -> None:
    assert [cell(number) for number in (0.0004, 93575.968571, 1234567.125)] == [
        "0.0004",
        "93575.968571",
        "1234567.125",
    ]
