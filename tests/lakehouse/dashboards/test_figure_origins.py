"""Where the figures of our dashboard come from: the rows that a condition names give the figure again."""

from collections.abc import Iterator
from typing import Any

import pytest

from lakehouse.dashboards.asking import ASSOCIATIVE, Choice, field_sql, sql_of
from lakehouse.dashboards.figure_origins import figure_origin, tables_asked
from lakehouse.dashboards.model import (
    Dashboard,
    DashboardDataset,
    DashboardField,
    WidgetQuery,
    read_dashboard,
)
from lakehouse.page.reading.sql import SqlBox
from lakehouse.page.views.figures import DASHBOARD
from pipelines.schemas import TABLES
from tests.e2e.worlds import Worlds

BOARD = read_dashboard(DASHBOARD)
KEYS = {table.name: table.keys for table in TABLES}
ROWS = 3
# Its dataset puts three queries together.
OF_SEVERAL = "flows"


@pytest.fixture(scope="module")
def box(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlBox]:
    opened = SqlBox(worlds.copy("dirty", tmp_path_factory.mktemp("origins")).home)
    yield opened
    opened.close()


def asked_again(query: WidgetQuery, table: str, where: str) -> str:
    """The figures of the rows that a condition names: our datasets call columns as their tables do."""
    fields = [one for one in query.fields if ASSOCIATIVE not in one.expression]
    columns = ", ".join(f"{field_sql(one.expression)[0]} AS `{one.name}`" for one in fields)
    groups = [field_sql(one.expression)[0] for one in fields if not field_sql(one.expression)[1]]
    grouped = f" GROUP BY {', '.join(groups)}" if groups and not query.disaggregated else ""
    return f"SELECT {columns} FROM {table} WHERE {where or 'true'}{grouped}"


@pytest.mark.parametrize("page", BOARD.pages, ids=lambda page: page.name)
def test_the_rows_that_are_named_give_the_figure_again(box: SqlBox, page: Any) -> None:
    for widget in page.widgets:
        for query in () if widget.is_filter else widget.queries:
            origin = figure_origin(BOARD, page, query, Choice())
            assert (origin is None) is (query.dataset == OF_SEVERAL)
            for row in (
                box.query(sql_of(BOARD, page, query, Choice())).rows.to_pylist()[:ROWS] if origin else ()
            ):
                where = origin.where(row, KEYS[origin.table]) if origin else ""
                again = box.query(asked_again(query, origin.table if origin else "", where)).rows.to_pylist()
                # A mark of two numbers may be that of several rows.
                assert again, (widget.title, where)
                assert all(one == row for one in again), (widget.title, where)


def test_a_filter_is_part_of_the_condition_and_a_value_of_its_column() -> None:
    page = BOARD.page("sales")
    state = next(one for one in page.widgets if one.is_filter and "customer_state" in str(one.queries))
    dates = next(one for one in page.widgets if one.kind == "filter-date-range-picker")
    choice = Choice({state.name: ["SP", "it's"], dates.name: ["2018-01-01", ""]})
    bars = next(one for one in page.widgets if one.kind == "bar" and "state" in str(one.encodings))
    origin = figure_origin(BOARD, page, bars.queries[0], choice)
    assert origin
    assert origin.table == "gold.sales_performance"
    assert origin.columns == {"sum(total_revenue)": "total_revenue"}
    where = origin.where({"customer_state": "SP"}, ["customer_state", "sales_month"])
    assert "`customer_state` = 'SP'" in where
    assert "IN ('SP', 'it\\'s')" in where
    assert "2018-01-01" in where
    assert origin.where({"customer_state": "SP"}, ["customer_state"]) == "`customer_state` = 'SP'"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT n FROM a.b UNION ALL SELECT n FROM a.c",
        "SELECT DISTINCT n FROM a.b",
        "SELECT n FROM a.b JOIN a.c USING (n)",
        "SELECT n FROM a.b WHERE n IN (SELECT n FROM a.c)",
        "SELECT n FROM a.b ORDER BY n LIMIT 3",
        "SELECT sum(n) AS n FROM a.b",
        "SELECT n + 1 AS n FROM a.b",
        "SELECT * FROM a.b",
        "SELECT s.n AS n FROM a.b",
        "SELECT n FROM a.b TABLESAMPLE (5 ROWS)",
        "SELECT n FROM a.b VERSION AS OF 3",
        "SELECT n FROM a.b TIMESTAMP AS OF '2018-01-01'",
        "SELECT n FROM a.b PIVOT (sum(m) FOR k IN ('x' AS n))",
        "SELECT n FROM a.b AS t (n, m)",
        "WITH rows AS (SELECT n FROM a.b) SELECT n FROM rows",
        "SELECT FROM WHERE",
    ],
)
def test_other_queries_than_rows_of_one_table_are_not_told(sql: str) -> None:
    query = WidgetQuery("q", "d", (DashboardField("n", "`n`"),), True, ())
    board = Dashboard({"d": DashboardDataset("d", "d", sql, ())}, BOARD.pages)
    assert figure_origin(board, BOARD.pages[0], query, Choice()) is None


def test_a_column_under_another_name_is_that_of_its_table() -> None:
    query = WidgetQuery("q", "d", (DashboardField("s", "SUM(`n`)"), DashboardField("g", "`g`")), False, ())
    sql = "SELECT total AS n, t.kind AS g FROM c.a.b AS t WHERE t.total > 0 OR kind IS NULL"
    board = Dashboard({"d": DashboardDataset("d", "d", sql, ())}, BOARD.pages)
    origin = figure_origin(board, BOARD.pages[0], query, Choice())
    assert origin
    assert (origin.table, origin.columns) == ("a.b", {"s": "total"})
    assert origin.where({"g": None}, []) == "(`total` > 0 OR `kind` IS NULL) and `kind` is null"
    assert tables_asked(board, query) == ["a.b"]
