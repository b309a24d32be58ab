"""What the bench compares the engine with: the SQL of DuckDB gives the same silver and gold."""

import pytest

from bench.duckdb_side import COMPUTED_TABLES, checksums, duckdb_tables, written_checksums
from bench.rounds import unequal_tables
from common.home import Home
from generator.engine import generate
from generator.spec import Settings
from lakehouse.main_job import pipelines_of, run_pipelines
from pipelines.catalog import MEDALLION


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two runs of the generator, so that orders have several versions, and the tables of medallion and gold."""
    home = Home(tmp_path_factory.mktemp("bench"))
    for orders in (200, 100):
        generate(Settings(orders, 60, 40, 12, seed=7), home.raw, home.cdc)
    run_pipelines(home, pipelines_of(MEDALLION.name, ()), False, (), lambda *_: None, "sail")
    return home


def test_duckdb_and_the_engine_write_the_same_tables(home: Home) -> None:
    with duckdb_tables(home.raw) as database:
        expected = checksums(database)
        assert unequal_tables(written_checksums(home), expected) == []
    assert set(expected) == {table.name for table in COMPUTED_TABLES}
    assert not any(found.startswith("0 rows") for found in expected.values())


def test_one_value_that_is_not_the_same_is_told_with_its_table(home: Home) -> None:
    with duckdb_tables(home.raw) as database:
        database.execute(
            "UPDATE silver.products SET product_photos_qty = -1 "
            "WHERE product_id = (SELECT min(product_id) FROM silver.products)"
        )
        [found] = unequal_tables(written_checksums(home), checksums(database))
    assert found.startswith("silver.products: ")
