"""How the page names a row for a trace, and what it refuses to ask."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from common.errors import UserError
from common.home import Home
from lakehouse.page.reading.traced import trace_of, where_of
from tests.lakehouse.page.conftest import Served


def test_a_row_is_named_by_its_key() -> None:
    row = ("it's \\", None, date(2018, 5, 1), datetime(2018, 5, 1, 12, tzinfo=UTC), Decimal("1.50"), 3)
    columns = ["text", "none", "day", "at", "money", "odd name"]
    assert where_of(columns, row, columns) == (
        r"text = 'it\'s \\' and none is null and day = date'2018-05-01' and "
        "at = timestamp'2018-05-01 12:00:00+00:00' and money = 1.50 and `odd name` = 3"
    )
    assert where_of(columns, row, ["money"]) == "money = 1.50"
    assert where_of(columns, row, []) == ""


@pytest.mark.parametrize(
    "where", ["true); drop table gold.sales_performance; select (1", "true union all select 1"]
)
def test_no_more_than_a_condition_is_asked(served: Served, where: str) -> None:
    with pytest.raises(UserError):
        trace_of(Home(served.home.path), "gold.sales_performance", where, "", 2)
