"""Our dashboard: what its widgets name is there, and its figures are those of the raw files."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from infra.stack.environments import WITHOUT_PERSONS
from lakehouse.dashboards.asking import ASSOCIATIVE, Choice, options_of, source_of, sql_of
from lakehouse.dashboards.charts import why_not
from lakehouse.dashboards.model import TEXT, DashboardPage, Widget, read_dashboard
from lakehouse.page.reading.sql import SqlBox
from lakehouse.page.views.figures import DASHBOARD
from pipelines.catalog import CATALOG
from pipelines.schemas import TABLES
from tests import oracle
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds
from tests.java import need_java

BOARD = read_dashboard(DASHBOARD)
ASKING = [(page, widget) for page in BOARD.pages for widget in page.widgets if widget.queries]
each_widget = pytest.mark.parametrize(("page", "widget"), ASKING, ids=lambda one: one.title or one.name)
COLUMNS = {table.name: set(table.column_names) for table in TABLES}


@pytest.fixture(scope="module")
def lakehouse(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    return worlds.copy("dirty", tmp_path_factory.mktemp("dashboard"))


@pytest.fixture(scope="module", params=["sail", "spark"])
def box(lakehouse: Lakehouse, request: pytest.FixtureRequest) -> Iterator[SqlBox]:
    if request.param == "spark":
        need_java()
    opened = SqlBox(lakehouse.home, request.param)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def right(lakehouse: Lakehouse) -> dict[str, list[dict[str, Any]]]:
    """Gold by the oracle."""
    silver, _ = oracle.silver(lakehouse.home.raw)
    return oracle.gold(silver)


def test_it_has_a_section_for_each_gold_table_and_one_for_quality() -> None:
    assert [page.title for page in BOARD.pages] == [
        "Sales", "Customers", "Logistics", "Payments", "Sellers", "Quality",
    ]  # fmt: skip
    kinds = {widget.kind for page in BOARD.pages for widget in page.widgets}
    assert kinds >= {"counter", "bar", "line", "area", "pie", "scatter", "table", TEXT}
    assert [one.keyword for dataset in BOARD.datasets.values() for one in dataset.parameters] == [
        "least_reviews"
    ]


@each_widget
def test_what_a_widget_names_is_in_its_query(page: DashboardPage, widget: Widget) -> None:
    fields = {field.name for query in widget.queries for field in query.fields}
    assert set(widget.field_names()) <= fields
    assert all(query.dataset in BOARD.datasets for query in widget.queries)
    if widget.kind not in {"counter", "table"} and not widget.is_filter:
        assert why_not(widget) == ""


@pytest.mark.parametrize("dataset", BOARD.datasets.values(), ids=lambda one: one.name)
def test_a_dataset_names_tables_of_the_lakehouse_in_full(dataset: Any) -> None:
    """Whoever deploys to another catalog replaces the name of ours."""
    read = list(sqlglot.parse_one(source_of(dataset), read="databricks").find_all(exp.Table))
    assert {table.catalog for table in read} == {CATALOG}
    named = {f"{table.db}.{table.name}" for table in read}
    assert named <= COLUMNS.keys()
    # Readers have a right to no other table of gold.
    assert {name for name in named if name.startswith("gold.")} <= set(WITHOUT_PERSONS)


def test_every_query_runs_and_gives_the_fields_that_are_named(box: SqlBox) -> None:
    for dataset in BOARD.datasets.values():
        assert box.query(source_of(dataset)).rows.num_rows >= 0
    for page, widget in ASKING:
        for query in widget.queries if not widget.is_filter else ():
            found = box.query(sql_of(BOARD, page, query, Choice())).rows
            wanted = [field.name for field in query.fields if ASSOCIATIVE not in field.expression]
            assert found.column_names == wanted, (page.title, widget.title)
        if widget.is_filter and (sql := options_of(BOARD, widget).sql):
            assert box.query(sql).rows.column_names == ["value"]


def answer(box: SqlBox, page: str, title: str, **chosen: list[str]) -> list[dict[str, Any]]:
    """The rows of the widget of a title, with values chosen in filters by the titles of these."""
    of = BOARD.page(page)
    named = {widget.title: widget for widget in of.widgets if widget.title}
    filters = {widget.title: widget.name for widget in of.widgets if widget.is_filter}
    choice = Choice({filters[name.replace("_", " ")]: values for name, values in chosen.items()})
    widget = next(one for one in of.widgets if one.title == title and not one.is_filter) or named[title]
    return box.query(sql_of(BOARD, of, widget.queries[0], choice)).rows.to_pylist()


def only(rows: list[dict[str, Any]]) -> Any:
    [row] = rows
    [value] = row.values()
    return value


def test_the_counters_are_what_the_raw_files_say(box: SqlBox, right: dict[str, list[dict[str, Any]]]) -> None:
    def total(table: str, column: str) -> Any:
        return sum(row[column] for row in right[table])

    sales, people, deliveries = (
        "gold.sales_performance",
        "gold.customer_segments",
        "gold.logistics_efficiency",
    )
    assert only(answer(box, "sales", "Revenue")) == total(sales, "total_revenue")
    assert only(answer(box, "sales", "Items sold")) == total(sales, "total_items")
    assert only(answer(box, "customers", "Persons")) == len(right[people])
    assert only(answer(box, "customers", "Spent")) == total(people, "monetary_value")
    assert only(answer(box, "logistics", "Deliveries")) == total(deliveries, "total_deliveries")
    late = 100 * total(deliveries, "delayed_deliveries") / total(deliveries, "total_deliveries")
    assert only(answer(box, "logistics", "Late, in percent")) == pytest.approx(late)
    assert only(answer(box, "payments", "Paid")) == total("gold.payment_methods_evolution", "total_amount")
    reviewed = [row for row in right["gold.seller_quality"] if row["total_reviews"]]
    assert only(answer(box, "sellers", "Sellers")) == len(reviewed)
    bad = sum(row["total_bad_reviews"] for row in reviewed)
    assert only(answer(box, "sellers", "One-star reviews, counted for each seller")) == bad


def test_a_city_s_name_in_two_states_is_two_cities_and_unknown_is_none(
    box: SqlBox, right: dict[str, list[dict[str, Any]]]
) -> None:
    places = {(row["customer_city"], row["customer_state"]) for row in right["gold.sales_performance"]}
    known = {(city, state) for city, state in places if city != "unknown"}
    assert only(answer(box, "sales", "Cities with a customer")) == len(known)
    [counted] = BOARD.page("sales").widget("e7911143").queries[0].fields
    rows = "('Bonito', 'MS'), ('Bonito', 'PE'), ('Bonito', 'PE'), ('unknown', 'unknown')"
    cities = f"SELECT {counted.expression} AS n FROM VALUES {rows} AS t(customer_city, customer_state)"
    assert only(box.query(cities).rows.to_pylist()) == 2


def test_filters_and_parameters_choose(box: SqlBox, right: dict[str, list[dict[str, Any]]]) -> None:
    rows = right["gold.sales_performance"]
    states = sorted({row["customer_state"] for row in rows})[:2]
    months = sorted(row["sales_month"] for row in rows)
    until = months[len(months) // 2]
    wanted = sum(
        r["total_revenue"] for r in rows if r["customer_state"] in states and r["sales_month"] <= until
    )
    chosen = {"State": states, "Month": ["", until.isoformat()]}
    assert only(answer(box, "sales", "Revenue", **chosen)) == wanted
    hostile = {"State": ["x' OR '1'='1", "\\"]}
    assert only(answer(box, "sales", "Revenue", **hostile)) is None
    enough = [row for row in right["gold.seller_quality"] if row["total_reviews"] >= 4]
    assert only(answer(box, "sellers", "Sellers", Least_reviews=["4"])) == len(enough)


def test_a_chart_has_the_groups_of_the_raw_files(box: SqlBox, right: dict[str, list[dict[str, Any]]]) -> None:
    wanted: dict[str, Decimal] = {}
    for row in right["gold.sales_performance"]:
        name = row["product_category_name"]
        wanted[name] = wanted.get(name, Decimal(0)) + row["total_revenue"]
    found = answer(box, "sales", "Revenue by category")
    assert {row["product_category_name"]: row["sum(total_revenue)"] for row in found} == wanted
    weeks = answer(box, "payments", "Amount by week")
    assert {(row["payment_type"], row["reference_week"]): row["sum(total_amount)"] for row in weeks} == {
        (row["payment_type"], row["reference_week"]): row["total_amount"]
        for row in right["gold.payment_methods_evolution"]
    }


def test_the_expectation_that_most_rows_break_comes_first(box: SqlBox) -> None:
    failed = [row["failed_records"] for row in answer(box, "quality", "Broken expectations")]
    assert len(failed) > 1
    assert failed == sorted(failed, reverse=True)
