"""A sample of a workspace's rows holds together and names nobody."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.home import Home
from lakehouse.difference.homes import run_code
from lakehouse.difference.project import Project
from lakehouse.difference.sampling import Row, write_sample
from lakehouse.olist import load_files
from local.engine.running.querying import query
from pipelines.schemas import bronze, cdc
from tests.e2e.lakehouses import Lakehouse

PERSONAL = [
    (t.short_name, c.name) for t in bronze.TABLES for c in t.columns if c.pii and c.name in t.source_columns
]
# What a sample is taken from.
READ = tuple(table.name for table in (*bronze.TABLES, *cdc.CHANGES))


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Home]:
    """A lakehouse of the published shape, and the raw files of a sample of it."""
    repository = Path(__file__).parents[2]
    whole, part = (Home(tmp_path_factory.mktemp(name)) for name in ("whole", "part"))
    load_files(repository / "tests" / "data" / "olist", whole)
    Lakehouse(whole.path).run(select=READ)

    def asked(statement: str) -> Iterator[Row]:
        [found] = query(whole, statement)
        return iter(found.rows)

    write_sample(asked, 4, part)
    return whole, part


def rows_of(home: Home, dataset: str) -> list[dict[str, str]]:
    files = sorted((home.raw / dataset).glob("*.csv"))
    return [row for file in files for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]


def test_whole_orders_come_with_what_belongs_to_them(homes: tuple[Home, Home]) -> None:
    whole, part = homes
    orders = {row["order_id"] for row in rows_of(part, "orders")}
    assert len(orders) == 4
    for dataset in ("order_items", "order_payments"):
        there = [row for row in rows_of(whole, dataset) if row["order_id"] in orders]
        assert len(rows_of(part, dataset)) == len(there)
    customers = {row["customer_id"] for row in rows_of(part, "customers")}
    assert {row["customer_id"] for row in rows_of(part, "orders")} & {
        row["customer_id"] for row in rows_of(whole, "customers")
    } == customers


def test_nothing_personal_leaves_and_equal_values_stay_equal(homes: tuple[Home, Home]) -> None:
    whole, part = homes
    told = "".join(file.read_text(encoding="utf-8") for file in part.raw.rglob("*.csv"))
    for dataset, column in PERSONAL:
        values = {row.get(column) for row in rows_of(whole, dataset)}
        assert [value for value in values if value and value.strip() and value in told] == []
    ids = dict.fromkeys(row["customer_unique_id"] for row in rows_of(part, "customers"))
    assert all(len(one) == 32 for one in ids)


def test_the_pipelines_run_over_a_sample(homes: tuple[Home, Home], repository: Path) -> None:
    _, part = homes
    assert run_code(Project(repository), repository, part, "sail").failed == {}
    assert query(part, "SELECT count(*) FROM silver.orders")[0].rows == [(4,)]
