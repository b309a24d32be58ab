"""When a value counts as changed by cleaning, and two rows as other ones."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from local.engine.tracing.source_rows import as_order, changed_by_cleaning, differing

NOON = datetime(2018, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "cleaned", "changed"),
    [
        ("Franca", "Franca", False),
        ("franca ", "Franca", True),
        ("1037", "01037", True),
        ("10.50", Decimal("10.50"), False),
        ("10.5", Decimal("10.50"), False),
        (" 10.50", Decimal("10.50"), True),
        ("7", 7, False),
        ("ten", None, True),
        (None, "unknown", True),
        (None, None, False),
        ("2018-05-01 12:00:00", NOON, False),
        ("2018-05-01T12:00:00", NOON, True),
        ("2018-05-01", date(2018, 5, 1), False),
        ("credit_card", True, True),
    ],
)
def test_what_cleaning_changes(raw: Any, cleaned: Any, changed: bool) -> None:
    assert changed_by_cleaning(raw, cleaned) is changed


def test_fractions_may_differ_in_their_last_digits_and_amounts_may_not() -> None:
    stored = {"mean": 0.1 + 0.2, "nan": float("nan"), "sum": Decimal("1.00"), "none": None}
    assert differing({"mean": 0.3, "nan": float("nan"), "sum": Decimal("1.00"), "none": None}, stored) == []
    assert differing({"mean": 0.31, "sum": Decimal("1.01"), "none": 0.0}, stored) == ["mean", "sum", "none"]


def test_sequences_are_ordered_as_spark_orders_them() -> None:
    rows = [
        {"run": 2, "name": "a"},
        {"run": 1, "name": "b"},
        {"run": 1, "name": None},
        {"run": None, "name": "z"},
    ]
    assert sorted(rows, key=as_order) == rows[::-1]
