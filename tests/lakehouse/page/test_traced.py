"""How the page names a row for a trace, what it says of the figure, and what it refuses to ask."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from common.errors import UserError
from common.home import Home
from lakehouse.dashboards.model import read_dashboard
from lakehouse.page.reading.traced import trace_of, where_of
from lakehouse.page.views.figures import DASHBOARD
from tests.e2e.lakehouses import Lakehouse
from tests.lakehouse.page.conftest import Served

SALES = "gold.sales_performance"


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


def behind(served: Served, **asked: str | int) -> str:
    """What a trace of sales says, as text without tags."""
    with served.client() as client:
        answer = client.get("/trace/behind", params={"table": SALES, "limit": 2, **asked})
    assert answer.status_code == 200, answer.text
    return " ".join(re.sub("<[^>]+>", "", answer.text).split())


def test_a_figure_is_told_over_all_rows_of_which_the_first_are_traced(
    served: Served, lakehouse: Lakehouse
) -> None:
    [widget] = [one for one in read_dashboard(DASHBOARD).page("sales").widgets if one.title == "Revenue"]
    rows = [row for row in lakehouse.rows(SALES) if row["customer_state"] == "SP"]
    assert len(rows) > 2
    total = sum(row["total_revenue"] for row in rows)
    asked = {"where": "customer_state = 'SP' -- the south", "column": "total_revenue", "widget": widget.name}
    text = behind(served, **asked, field="sum(total_revenue)")
    number = f"{len(rows):,} rows"
    assert f"Revenue: SUM(total_revenue) over the {number} that meet the condition = {total:,.2f}" in text
    assert f"{SALES} 2 of {number}, the first ones" in text
    assert f"behind these of {SALES}" in text
    # What the dashboard does not hold is neither asked nor shown.
    text = behind(served, **asked, field="SUM(1) AS forged")
    assert "forged" not in text
    assert "meet the condition" not in text
