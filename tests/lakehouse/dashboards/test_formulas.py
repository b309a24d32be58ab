"""How our dashboard makes its figures, as its file says; names from elsewhere find nothing."""

from dataclasses import astuple

import pytest

from lakehouse.dashboards.formulas import Formula, formula_of
from lakehouse.dashboards.model import (
    Dashboard,
    DashboardDataset,
    DashboardField,
    DashboardPage,
    Widget,
    WidgetQuery,
    read_dashboard,
)
from lakehouse.page.views.figures import DASHBOARD

BOARD = read_dashboard(DASHBOARD)


def formula(title: str, kind: str, field: str) -> Formula | None:
    [name] = [
        one.name for page in BOARD.pages for one in page.widgets if (one.title, one.kind) == (title, kind)
    ]
    return formula_of(BOARD, name, field)


@pytest.mark.parametrize(
    ("title", "kind", "field", "told"),
    [
        (
            "Revenue",
            "counter",
            "sum(total_revenue)",
            ("gold.sales_performance", "SUM(total_revenue)", "SUM(`total_revenue`)", "", False),
        ),
        (
            "Late, in percent",
            "counter",
            "late share",
            (
                "gold.logistics_efficiency",
                "100 * SUM(delayed_deliveries) / SUM(total_deliveries)",
                "100 * SUM(`delayed_deliveries`) / SUM(`total_deliveries`)",
                "",
                False,
            ),
        ),
        (
            "Cities with a customer",
            "counter",
            "count(distinct customer_city, customer_state)",
            (
                "gold.sales_performance",
                "COUNT(DISTINCT NULLIF(customer_city, 'unknown'), customer_state)",
                "COUNT(DISTINCT NULLIF(`customer_city`, 'unknown'), `customer_state`)",
                "the different values of NULLIF(customer_city, 'unknown') and customer_state together",
                False,
            ),
        ),
        (
            "Sellers",
            "counter",
            "count(seller_id)",
            (
                "gold.seller_quality",
                "COUNT(seller_id)",
                "COUNT(`seller_id`)",
                "the rows that have a seller_id",
                False,
            ),
        ),
        (
            "Revenue by state",
            "bar",
            "customer_state",
            ("gold.sales_performance", "customer_state", "", "", True),
        ),
        ("Segments", "table", "persons", ("gold.customer_segment_counts", "persons", "", "", False)),
        ("How many and how late", "scatter", "", ("gold.logistics_efficiency", "", "", "", False)),
    ],
)
def test_a_figure_is_told_as_the_dashboard_has_it(
    title: str, kind: str, field: str, told: tuple[object, ...]
) -> None:
    found = formula(title, kind, field)
    assert found
    assert astuple(found) == (title, *told)


def test_what_the_dashboard_does_not_hold_is_not_told() -> None:
    assert formula_of(BOARD, "nothing", "sum(total_revenue)") is None
    assert formula("Revenue", "counter", "SUM(`total_revenue`)") is None
    assert formula("Revenue", "counter", "1) UNION SELECT (2") is None
    assert formula("Category", "filter-multi-select", "product_category_name") is None
    # Its dataset puts three queries together.
    assert formula("Where each row went", "bar", "sum(records)") is None


def test_an_expression_is_on_the_columns_of_the_table() -> None:
    query = WidgetQuery(
        "q", "d", (DashboardField("rows", "COUNT(`*`)"), DashboardField("s", "SUM(`n`)")), False, ()
    )
    widget = Widget("w", "counter", "All", (query,), {}, {}, "", 0, 0, 1, 1)
    datasets = {"d": DashboardDataset("d", "d", "SELECT total AS n FROM c.a.b", ())}
    board = Dashboard(datasets, (DashboardPage("p", "p", (widget,)),))
    assert formula_of(board, "w", "rows") == Formula("All", "a.b", "COUNT(*)", "COUNT(*)", "the rows")
    assert formula_of(board, "w", "s") == Formula("All", "a.b", "SUM(n)", "SUM(`total`)")
