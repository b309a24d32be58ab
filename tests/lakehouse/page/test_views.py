"""What the views show is what the lakehouse holds, without an engine."""

import re
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from common.errors import UserError
from lakehouse.page.drawing.layout import laid_out
from lakehouse.page.export import exported_page
from lakehouse.page.reading.lake import Lake
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.log import table_path
from pipelines.lineage import SOURCES
from pipelines.schemas import TABLES
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds
from tests.lakehouse.page.conftest import Served
from tests.waiting import until

# A page takes 20 to 150 ms on an idle machine; a busy one is given more, and is asked until it was not held up.
MOST_SECONDS = 2.0


def text_of(served: Served, path: str) -> str:
    answers: list[httpx.Response] = []

    def is_quick() -> bool:
        answers.append(client.get(path))
        return answers[-1].elapsed.total_seconds() < MOST_SECONDS

    with served.client() as client:
        until(is_quick)
    assert answers[-1].status_code == 200, answers[-1].text
    return answers[-1].text


def test_the_graph_has_every_dataset_and_what_it_reads(served: Served) -> None:
    text = text_of(served, "/graph")
    assert set(re.findall(r'data-node="([^"]+)"', text)) == SOURCES.keys()
    edges = set(re.findall(r'data-from="([^"]+)" data-to="([^"]+)"', text))
    assert {(source, name) for name, read in SOURCES.items() for source in read} == edges
    assert "not run yet</span>" in text


def test_bronze_stands_in_one_column_of_the_graph() -> None:
    places = {box.name: box.x for box in laid_out(SOURCES).boxes}
    assert len({x for name, x in places.items() if name.startswith("bronze.")}) == 1
    assert all(places[one] < places[name] for name, read in SOURCES.items() for one in read)


def test_a_dataset_shows_its_columns_code_and_neighbours(served: Served) -> None:
    text = text_of(served, "/dataset/silver.customers")
    assert '<span class="tag personal">personal</span>' in text
    assert "pipelines/medallion/silver/customers.py" in text
    for neighbour in ("bronze.customers", "silver.orders_enriched", "gold.customer_segments"):
        assert f'href="/dataset/{neighbour}"' in text


def test_the_runs_say_why_and_how_many_rows(served: Served, lakehouse: Lakehouse) -> None:
    text = text_of(served, "/runs")
    assert text.count('<details class="run"') >= 10
    assert re.search(r'<span class="why">first run</span>', text)
    assert re.search(r"<b>privacy</b>\s*<span>1 dataset in", text)
    assert "have changed" in text
    address = re.search(r'data-load="(/runs/\w+/changes/bronze\.orders)"', text)
    assert address
    with served.client() as client:
        changes = client.get(address[1]).text
    added = re.search(r"\+([\d,]+)", changes)
    assert added
    assert 0 < int(added[1].replace(",", "")) < arrow_rows(lakehouse, "bronze.orders")


def arrow_rows(lakehouse: Lakehouse, name: str) -> int:
    table = open_table(table_path(lakehouse.home.warehouse, name))
    assert table
    return arrow_table(table).num_rows


def test_quality_shows_why_rows_were_rejected_and_that_all_add_up(
    served: Served, lakehouse: Lakehouse
) -> None:
    text = text_of(served, "/quality")
    rejected = re.findall(r"<summary><b>([\d,]+) rows?</b>", text)
    assert sum(int(one.replace(",", "")) for one in rejected) == arrow_rows(lakehouse, "utils.quarantine")
    assert text.count('<span class="pill fresh">yes</span>') == 8
    assert "volumes/raw/olist/" in text
    flow = re.search(r'<tr><td><a [^>]*href="/dataset/silver\.order_payments">.*?</tr>', text, re.DOTALL)
    assert flow
    assert "gold.payment_methods_evolution" in re.findall(r'href="/dataset/(gold\.\w+)"', flow[0])


def test_the_expectations_are_those_of_the_table_and_the_others_stand_apart(
    served: Served, lakehouse: Lakehouse
) -> None:
    text = text_of(served, "/quality")
    over_all, by_write = text.split("Expectations of the latest write</h2>")
    counted = re.search(r"<dt>Expectations</dt><dd>(\d+)</dd>", over_all)
    assert counted and int(counted[1]) == arrow_rows(lakehouse, "utils.expectation_results")
    assert "<td>not_erased</td>" not in over_all
    actions = dict(re.findall(r"<td>(\w+)</td><td>(\w*)</td><td class=.number", by_write))
    assert actions["not_erased"] == "drop" and actions["valid_monetary_value"] == "fail"
    assert set(actions.values()) == {"warn", "drop", "fail"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("drop table gold.publication", "only reads"),
        ("select 1; select 2", "only reads"),
        ("insert into gold.publication select * from gold.publication", "only reads"),
        ("select * from read_files('/etc/passwd', format => 'text')", "a query reads tables"),
        ("select * from text.`/etc/passwd`", "a query reads tables"),
        ("select * from gold.nothing", "there is no table"),
        ("select nothing from gold.publication", "nothing"),
        ("selec 1", "only reads"),
    ],
)
def test_the_sql_box_reads_tables_only(served: Served, query: str, message: str) -> None:
    with served.client() as client:
        text = client.get("/sql", params={"query": query}).text
    problem = re.search(r'class="problem" role="alert">([^<]+)', text)
    assert problem, text
    assert message in problem[1]


def test_the_sql_box_answers_and_gives_csv(served: Served, lakehouse: Lakehouse) -> None:
    query = "select order_status, count(*) as n from silver.orders group by 1 order by 1"
    with served.client() as client:
        assert "delivered" in client.get("/sql", params={"query": query}).text
        lines = client.get("/sql.csv", params={"query": query}).text.splitlines()
    assert lines[0] == "order_status,n"
    assert sum(int(line.split(",")[1]) for line in lines[1:]) == arrow_rows(lakehouse, "silver.orders")


def test_a_failure_is_over_when_the_file_that_it_came_of_is_gone(worlds: Worlds, tmp_path: Path) -> None:
    lakehouse = worlds.copy("twice", tmp_path)
    empty = lakehouse.home.raw / "products" / "empty.csv"
    empty.touch()
    with pytest.raises(UserError, match=r"empty\.csv is empty"):
        lakehouse.run("medallion")
    assert Lake(lakehouse.home).dataset("bronze.products").state == "failed"
    empty.unlink()
    lakehouse.run("medallion")
    assert Lake(lakehouse.home).dataset("bronze.products").state == "fresh"


def test_an_error_is_a_page(served: Served) -> None:
    with served.client() as client:
        missing = client.get("/dataset/gold.nothing")
        assert (missing.status_code, "there is no dataset gold.nothing" in missing.text) == (400, True)
        assert client.get("/data/silver.orders?page=none").status_code == 400
        assert client.get("/nothing").status_code == 404


def test_an_export_has_every_view_and_no_personal_data(lakehouse: Lakehouse) -> None:
    text = exported_page(lakehouse.home)
    columns = [f"columns-{table.name}/{name}" for table in TABLES for name in table.column_names]
    for section in (
        "graph",
        "columns",
        "quality",
        "runs",
        *(f"dataset-{name}" for name in SOURCES),
        *columns,
    ):
        assert f'<section id="{section}"' in text
    table = open_table(table_path(lakehouse.home.warehouse, "silver.customers"))
    assert table
    people = arrow_table(table, ["customer_name", "customer_email", "customer_unique_id"]).to_pylist()
    assert not [value for person in people for value in person.values() if value and value in text]
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', text)
    # A file has nothing that would trace a value, and says so.
    assert 'class="from"' not in text
    assert "a value leads to where it comes from" in text
    ids = set(re.findall(r'<section id="([^"]+)"', text))
    assert {link for link in re.findall(r'href="#([^"]+)"', text) if link not in ids} <= {"content"}


def linked(text: str, heading: str) -> set[str]:
    """The columns, or rows of a table, that a part of a page leads to: from a heading to the next of its kind."""
    level = re.search(rf"<h(\d)>{heading}", text)
    assert level, text
    part = re.split(rf"<h[1-{level[1]}]>", text[level.end() :])[0]
    links = re.findall(r'class="end \w+" href="/columns/([^"?]+)(?:\?column=([^"]+))?"', part)
    return {unquote(f"{table}.{column}" if column else table) for table, column in links}


def test_a_column_shows_its_way_back_to_the_file_and_what_breaks_without_it(served: Served) -> None:
    text = text_of(served, "/columns/gold.sales_performance?column=average_ticket")
    assert linked(text, "What it is made of") == {
        "silver.order_items.item_total",
        "silver.order_items.order_id",
        *(f"bronze.order_items.{column}" for column in ("freight_value", "order_id", "price")),
        *(
            f"/Volumes/olist_lakehouse/raw/olist/order_items.{column}"
            for column in ("freight_value", "order_id", "price")
        ),
    }
    text = text_of(served, "/columns/bronze.orders?column=order_status")
    assert linked(text, "Columns made of it") == {
        "silver.orders.order_status",
        "silver.orders_enriched.order_status",
        "utils.quarantine.record",
    }
    decided = linked(text, "What it decides about")
    assert {"gold.sales_performance", "gold.customer_segments", "silver.orders"} <= decided
    assert "gold.seller_quality" in decided
    behind = linked(text, "Behind these decisions")
    assert {"gold.customer_segment_counts", "utils.reconciliation"} <= behind
    assert "gold.customer_segment_counts" not in decided
    assert linked(text, "Expectations that look at it") == {"silver.orders.order_status"}
    text = text_of(served, "/columns/%2FVolumes%2Folist_lakehouse%2Fraw%2Folist%2Forders?column=order_status")
    assert "silver.orders_enriched.order_status" in linked(text, "Columns made of it")


def test_every_column_can_be_chosen(served: Served) -> None:
    text = text_of(served, "/columns")
    links = {unquote(link) for link in re.findall(r'class="column" href="([^"]+)"', text)}
    assert {f"/columns/{one.name}?column={name}" for one in TABLES for name in one.column_names} <= links
    assert "No lineage yet" not in text
    assert 'href="/columns/silver.orders?column=order_id"' in text_of(served, "/dataset/silver.orders")
    text = text_of(served, "/columns/gold.customer_segments")
    assert linked(text, "What decides which rows there are") == {
        "silver.orders_enriched.order_status",
        "silver.orders_enriched.customer_id",
        "silver.customers.customer_id",
        "silver.customers.customer_unique_id",
    }
