"""Where figures come from: the traced rows of silver give the figure again, by the oracle's own arithmetic."""

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from common.counting import counted
from common.errors import UserError
from lakehouse.tracing.asked_trace import traced_rows
from lakehouse.tracing.file_lines import lines_of
from lakehouse.tracing.trace_formats import as_json, show_trace, with_above
from lakehouse.tracing.trace_tree import TableTrace, dealt_out, keys_of, specs_for
from local.engine.storage.log import table_path
from local.engine.tracing.row_tracing import RowTracing, opened_tracing
from local.engine.tracing.source_rows import TraceStep, differing
from tests import oracle
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds

pytestmark = pytest.mark.e2e

# The sources of which each row counts: without any of them the figure is another one.
COUNTED = {
    "gold.sales_performance": ("silver.order_items", "silver.orders_enriched"),
    "gold.customer_segments": ("silver.orders_enriched", "silver.customers"),
    "gold.logistics_efficiency": ("silver.orders_enriched",),
    "gold.payment_methods_evolution": ("silver.order_payments", "silver.orders"),
    "gold.seller_quality": ("silver.sellers", "silver.orders", "silver.order_reviews"),
}
# By rows of other keys, too, as the trace says.
BY_ALL_ROWS = {
    "gold.customer_segments": {"recency_score", "frequency_score", "monetary_score", "segment"},
    "gold.seller_quality": {"quality_rank"},
}
ROWS = 6
FIGURES = "gold.sales_performance"
ITEM_NUMBERS = {"item_total", "price", "freight_value", "order_item_id"}


@pytest.fixture(scope="module", params=["clean", "twice"])
def lakehouse(request: Any, worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    return worlds.copy(request.param, tmp_path_factory.mktemp("traced"))


@pytest.fixture(scope="module")
def steps(lakehouse: Lakehouse) -> Iterator[RowTracing]:
    with opened_tracing(lakehouse.home, lambda table: specs_for(None, table), keys_of) as opened:
        yield opened


def chosen(lakehouse: Lakehouse, table: str) -> list[dict[str, Any]]:
    """Some rows of a table, those with the greatest numbers among them."""
    rows = lakehouse.table(table).to_pylist()
    numbers = [name for name, value in rows[0].items() if isinstance(value, int)]
    most = [max(rows, key=lambda row: (row[name] or 0, repr(row))) for name in numbers]
    return [*most, *sorted(rows, key=repr)][:ROWS]


def plain(step: TraceStep) -> dict[str, list[dict[str, Any]]]:
    tables = {
        name: [{key: oracle.plain(value) for key, value in row.values.items()} for row in rows]
        for name, rows in step.behind.items()
    }
    return defaultdict(list, tables)


@pytest.mark.parametrize("table", COUNTED)
def test_the_traced_rows_of_silver_give_the_figure(
    lakehouse: Lakehouse, steps: RowTracing, table: str
) -> None:
    as_of = max(row["order_purchase_timestamp"] for row in lakehouse.rows("silver.orders_enriched")).date()
    for row in chosen(lakehouse, table):
        step = steps.behind(table, [row])
        assert step.notes == []
        behind = plain(step)
        [again] = oracle.gold(behind, as_of)[table]
        stored = {key: oracle.plain(value) for key, value in row.items()}
        assert {*differing(again, stored)} <= BY_ALL_ROWS.get(table, set())
        for source in COUNTED[table]:
            for number in range(len(behind[source])):
                less = defaultdict(list, behind)
                less[source] = [one for place, one in enumerate(behind[source]) if place != number]
                assert oracle.gold(less, as_of)[table] != [again], (table, source, number)


def test_a_segment_is_the_persons_that_are_traced(lakehouse: Lakehouse, steps: RowTracing) -> None:
    for row in lakehouse.table("gold.customer_segment_counts").to_pylist():
        step = steps.behind("gold.customer_segment_counts", [row])
        persons = [one.values for one in step.behind["gold.customer_segments"]]
        assert (len(persons), step.notes) == (row["persons"], [])
        assert {one["segment"] for one in persons} == {row["segment"]}
        assert sum(one["monetary_value"] for one in persons) == row["total_monetary_value"]


@pytest.mark.parametrize("dataset", ["customers", "products", "orders", "order_items", "order_payments"])
def test_what_silver_keeps_and_what_it_does_not_stands_in_bronze(
    lakehouse: Lakehouse, steps: RowTracing, dataset: str
) -> None:
    rows = lakehouse.table(f"silver.{dataset}").to_pylist()
    step = steps.behind(f"silver.{dataset}", rows)
    assert step.notes == []
    became: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in step.behind[f"bronze.{dataset}"]:
        became[one.became].append(dict(one.values))
        assert one.broken or one.became != "rejected"
    assert len(became["kept"]) == len(rows)
    read = lakehouse.table(f"bronze.{dataset}").num_rows
    [sums] = [row for row in lakehouse.rows("utils.reconciliation") if row["dataset"] == f"silver.{dataset}"]
    # A row that two files hold alike but for their names is two rows; those of one file are one.
    assert len(became["kept"]) + len(became["replaced"]) <= read - sums["quarantined_records"]
    assert len(became["rejected"]) <= sums["quarantined_records"]
    assert {*step.behind} == {f"bronze.{dataset}"}


def delivered(top: TableTrace) -> Iterator[tuple[str, Any]]:
    for table, _ in with_above(top):
        yield from ((table.name, row) for row in table.rows if row.file)


def fields_at(file: Path, line: int) -> dict[str, Any]:
    """The record that begins at a line, as csv and json read it."""
    lines = file.read_text(encoding="utf-8").split("\n")
    if file.suffix == ".jsonl":
        return json.loads(lines[line - 1])
    header, record = (next(csv.reader(f"{one}\n" for one in lines[start:])) for start in (0, line - 1))
    return dict(zip(header, record, strict=False))


@pytest.mark.parametrize("table", ["silver.order_reviews", "silver.geolocation", "cdc.customers_history"])
def test_the_lines_are_those_of_the_record(lakehouse: Lakehouse, table: str) -> None:
    found = list(delivered(traced_rows(lakehouse.home, table, "", 30)))
    assert len(found) >= 30
    for name, row in found:
        # A line that was cut off is not read as it stands.
        assert row.lines or "well_formed" in row.row.broken, row
        for line in row.lines:
            fields = fields_at(lakehouse.home.path / row.file, line)
            for key in keys_of(name):
                assert str(fields[key]).strip().lower() == str(row.row.values[key]).strip().lower()


def test_a_row_in_quarantine_has_its_line(worlds: Worlds, tmp_path: Path) -> None:
    dirty = worlds.copy("twice", tmp_path)
    top = traced_rows(
        dirty.home, "utils.quarantine", "not array_contains(failed_expectations, 'well_formed')", 100
    )
    assert top.rows
    for row in top.rows:
        record = json.loads(row.row.values["record"])
        values = {
            key: value for key, value in record.items() if value is not None and not key.startswith("_")
        }
        # An event that is no JSON has none.
        assert row.lines or not values, row
        for line in row.lines:
            fields = fields_at(dirty.home.path / row.file, line)
            assert {key: str(fields[key]) for key in values} == values


def test_what_the_query_would_give_otherwise_is_said(worlds: Worlds, tmp_path: Path) -> None:
    changed = worlds.copy("clean", tmp_path)
    table = "gold.logistics_efficiency"
    DeltaTable(table_path(changed.home.warehouse, table)).update({"total_deliveries": "total_deliveries + 1"})
    [note] = traced_rows(changed.home, table, "", 50).notes
    assert (
        note
        == "its query gives other values of total_deliveries today: run `lakehouse run`, then trace again"
    )
    DeltaTable(table_path(changed.home.warehouse, "silver.orders_enriched")).delete()
    top = traced_rows(changed.home, table, "", 50)
    assert f"its query does not give {counted(top.count, 'row')} of these today" in top.notes[0]
    assert [each.count for each in top.behind] == [0]


def test_what_is_not_traced_by_row_is_said(lakehouse: Lakehouse) -> None:
    def notes(table: str) -> str:
        return "; ".join(traced_rows(lakehouse.home, table, "", 2).notes)

    windows = "recency_score, frequency_score, monetary_score, segment: by a window"
    assert windows in notes("gold.customer_segments")
    assert "quality_rank: by a window" in notes("gold.seller_quality")
    assert "all rows of silver.orders_enriched come into each row" in notes("gold.customer_segments")
    assert "all rows of silver.orders, utils.verdict come into each row" in notes("gold.publication")
    assert "not traced by row: it puts figures over whole tables together" in notes("utils.reconciliation")


def test_a_terminal_shows_each_table_and_what_is_said_of_it(
    lakehouse: Lakehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    show_trace(traced_rows(lakehouse.home, "silver.order_items", "price >= 0", 2))
    shown = capsys.readouterr().out
    assert re.search(r"silver\.order_items: 2 of [\d,]+ rows, the first ones", shown)
    assert "the first 2 of " in shown
    assert "bronze.order_items: 2 rows behind silver.order_items" in shown
    assert "volumes/raw/olist/order_items/order_items_run00000" in shown
    assert "rules of silver.order_items: all rows keep all " in shown
    assert "well_formed, valid_order_id" in shown


@pytest.mark.parametrize(
    ("table", "where", "error"),
    [
        ("gold.nothing", "", "there is no table gold.nothing in"),
        ("gold.sales", "", "; the nearest that it has: gold.sales_performance"),
        (
            FIGURES,
            "nothing = 1",
            "the condition nothing = 1: there is no column nothing in gold.sales_performance",
        ),
        (FIGURES, "custmer_state = 'SP'", "no column custmer_state in .*: did you mean customer_state"),
        (FIGURES, "customer_state =", "the condition customer_state = cannot be read: it is not complete"),
        (FIGURES, "customer_state = 'SP", "cannot be read: it is not complete, or a quote or bracket"),
        (FIGURES, "customer_state = 'SP' and and true", "cannot be read at and"),
        (FIGURES, "customer_state = 'it's'", "cannot be read"),
        (FIGURES, "sales_month = 'abc'", "the condition sales_month = 'abc': 'abc' is no date"),
        (FIGURES, "total_orders > 'x'", "the condition total_orders > 'x': 'x' is no number"),
        (FIGURES, "total_orders + 'x' = 1", "'x' is no number"),
        (FIGURES, "total_orders > true", "types that do not fit"),
        (FIGURES, "sum(total_orders) > 1", "it holds no aggregate"),
        (FIGURES, "customer_state", "it is a value, and no condition"),
        (FIGURES, "total_orders = (select 1 from gold.segments)", "that it has: gold.customer_segments"),
        (
            FIGURES,
            "total_orders = -1",
            "no row of gold.sales_performance meets the condition total_orders = -1",
        ),
    ],
)
def test_a_slip_is_told(lakehouse: Lakehouse, table: str, where: str, error: str) -> None:
    with pytest.raises(UserError, match=error) as told:
        traced_rows(lakehouse.home, table, where, 5)
    # Words of Python, of sqlglot, of the engine and of the command line.
    assert not re.search("class|sqlglot|ObjectName|Identifier|expected|--where|Utf8|Int64", str(told.value))


def test_a_wrong_column_is_told(lakehouse: Lakehouse) -> None:
    with pytest.raises(UserError, match=r"no column total_revenu in gold\.sales_performance: did you mean"):
        traced_rows(lakehouse.home, FIGURES, "", 5, column="total_revenu")


def test_a_value_is_traced_by_what_its_column_is_made_of(lakehouse: Lakehouse) -> None:
    top = traced_rows(lakehouse.home, FIGURES, "", 1, column="TOTAL_REVENUE")
    assert (top.columns[0], top.made_of) == ("total_revenue", ["total_revenue"])
    [items] = top.behind
    assert (items.name, items.made_of, items.columns[0]) == (
        "silver.order_items",
        ["item_total"],
        "item_total",
    )
    assert "silver.orders_enriched" in "; ".join(top.notes)
    [bronze] = items.behind
    assert (bronze.name, {*bronze.made_of}) == ("bronze.order_items", {"price", "freight_value"})
    assert {*bronze.columns[:2]} == {"price", "freight_value"}
    whole = traced_rows(lakehouse.home, FIGURES, "", 1)
    assert {one.name for one in whole.behind} > {"silver.order_items", "silver.orders_enriched"}
    assert whole.made_of == []
    assert as_json(top)["behind"][0]["numbers"] == [name for name in items.columns if name in ITEM_NUMBERS]


def test_a_window_is_said_of_the_columns_that_it_gives_only(lakehouse: Lakehouse) -> None:
    def notes(column: str) -> str:
        return "; ".join(traced_rows(lakehouse.home, "gold.seller_quality", "", 1, column=column).notes)

    assert "quality_rank: by a window" in notes("quality_rank")
    assert "by a window" not in notes("total_sales")


def test_each_figure_keeps_its_share_of_the_shown_rows(lakehouse: Lakehouse) -> None:
    limit = 4
    top = traced_rows(lakehouse.home, "gold.logistics_efficiency", "total_deliveries > 2", limit)
    assert [{*row.figures} for row in top.rows] == [{number + 1} for number in range(len(top.rows))]
    [orders] = top.behind
    deliveries = {number + 1: row.row.values["total_deliveries"] for number, row in enumerate(top.rows)}
    shown = Counter(figure for row in orders.rows for figure in row.figures)
    assert len(orders.rows) == limit
    assert {*shown} == {*deliveries}
    assert {figure: shown[figure] + orders.left_out[figure] for figure in deliveries} == deliveries
    for row in orders.rows:
        [figure] = row.figures
        state = top.rows[figure - 1].row.values["customer_state"]
        assert row.row.values["customer_state"] == state


@pytest.mark.parametrize(
    ("figures", "most", "dealt"),
    [
        ([{1}, {1}, {1}, {2}, {3}], 3, [0, 3, 4]),
        ([{1}, {1}, {1}, {2}, {3}], 4, [0, 1, 3, 4]),
        ([{1, 2}, {2}, {1}], 2, [0, 2]),
        ([{1}], 20, [0]),
        ([], 20, []),
    ],
)
def test_rows_are_dealt_out_to_the_figures_in_turn(
    figures: list[set[int]], most: int, dealt: list[int]
) -> None:
    assert dealt_out([*map(frozenset, figures)], most) == dealt


def test_records_with_line_breaks_are_counted_by_the_lines_that_they_take(tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text('id,text\n1,"a\nb"\n\n2,"say ""c"""\n3,\n1,"a\nb"\n', newline="")
    rows = [
        {"id": "1", "text": "a\nb"},
        {"id": "2", "text": 'say "c"'},
        {"id": "3", "text": None},
        {"id": "4"},
    ]
    assert [lines_of(file, [row], ()) for row in rows] == [[[2, 7]], [[5]], [[6]], [[]]]
    assert lines_of(tmp_path / "gone.csv", rows, ()) == [[], [], [], []]
