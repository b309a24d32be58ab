"""What docs/schema-changes.md says, done; on Apache Spark with LAKEHOUSE_SLOW_TESTS=1 only."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from local.engine.sessions.engines import EngineName
from tests.e2e.conftest import Checkout
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds

pytestmark = pytest.mark.e2e
BRONZE, SILVER = "pipelines/schemas/bronze.py", "pipelines/schemas/silver.py"
CLEANING = "pipelines/shared/cleaning.py"
STATE = {
    BRONZE: '        _text("seller_state", "State of the seller, two letters"),\n',
    SILVER: '        Column("seller_state", "STRING", "State, two upper-case letters"),\n',
    CLEANING: '            "seller_state": upper_text("seller_state"),\n',
}
# What a developer adds after the state.
ADDED = {
    BRONZE: '        _text("seller_since", "When the seller joined"),\n',
    SILVER: '        Column("seller_since", "DATE", "When the seller joined"),\n',
    CLEANING: '            "seller_since": or_rescued("seller_since").try_cast("DATE"),\n',
}
RETYPED = {
    SILVER: ADDED[SILVER].replace('"DATE"', '"STRING"'),
    CLEANING: ADDED[CLEANING].replace('.try_cast("DATE")', ""),
}
COLUMNS = ["seller_id", "seller_zip_code_prefix", "seller_city", "seller_state", "seller_since"]
EARLY, LATE, LAST = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture(scope="module")
def lakehouse(
    engine: EngineName,
    worlds: Worlds,
    tmp_path_factory: pytest.TempPathFactory,
    checkout: Checkout,
) -> Iterator[Lakehouse]:
    """A small world; the tests follow one another, and leave the code as they found it."""
    if engine == "spark":
        made = Lakehouse(tmp_path_factory.mktemp(engine), engine)
        made.generate(orders=20)
        made.run()
    else:
        made = worlds.copy("clean", tmp_path_factory.mktemp(engine))
    imports = "    number,\n"
    checkout.edit(CLEANING, imports, f"{imports}    or_rescued,\n")
    yield made
    checkout.edit(CLEANING, f"{imports}    or_rescued,\n", imports)
    checkout.edit(BRONZE, ADDED[BRONZE], "")


def deliver(lakehouse: Lakehouse, run: int, seller: str, *since: str) -> None:
    values = [seller, "1037", "sao paulo", "sp", *since]
    file = lakehouse.home.raw / "sellers" / f"sellers_run{run:05}.csv"
    file.write_text(f"{','.join(COLUMNS[: len(values)])}\n{','.join(values)}\n")


def row(lakehouse: Lakehouse, table: str, seller: str) -> dict[str, Any]:
    [found] = [row for row in lakehouse.rows(table) if row["seller_id"] == seller]
    return found


def test_a_new_column_is_rescued_and_told_of(lakehouse: Lakehouse) -> None:
    deliver(lakehouse, 7, EARLY, "2017-03-01")
    lakehouse.run()
    assert '"seller_since":"2017-03-01"' in row(lakehouse, "bronze.sellers", EARLY)["_rescued_data"]
    assert "seller_since" not in row(lakehouse, "silver.sellers", EARLY)
    told = {(one["dataset"], one["expectation"]): one for one in lakehouse.rows("utils.expectation_results")}
    assert told["bronze.sellers", "nothing_rescued"]["failed_records"] == 1


def test_a_column_that_is_added_has_the_values_of_old_rows_too(
    lakehouse: Lakehouse, checkout: Checkout
) -> None:
    for file, before in STATE.items():
        checkout.edit(file, before, before + ADDED[file])
    deliver(lakehouse, 8, LATE, "2018-05-02")
    lakehouse.run()
    assert row(lakehouse, "bronze.sellers", EARLY)["seller_since"] is None
    late = row(lakehouse, "bronze.sellers", LATE)
    assert (late["seller_since"], late["_rescued_data"]) == ("2018-05-02", None)
    assert row(lakehouse, "silver.sellers", EARLY)["seller_since"] == date(2017, 3, 1)
    assert row(lakehouse, "silver.sellers", LATE)["seller_since"] == date(2018, 5, 2)
    assert {one["outdated_records"] for one in lakehouse.rows("utils.verdict")} == {0}


def test_a_column_of_another_type_is_made_anew_from_the_text_in_bronze(
    lakehouse: Lakehouse, checkout: Checkout
) -> None:
    for file, after in RETYPED.items():
        checkout.edit(file, ADDED[file], after)
    lakehouse.run()
    assert row(lakehouse, "silver.sellers", EARLY)["seller_since"] == "2017-03-01"
    assert row(lakehouse, "bronze.sellers", LATE)["seller_since"] == "2018-05-02"


def test_a_column_that_goes_leaves_silver_and_stays_in_bronze(
    lakehouse: Lakehouse, checkout: Checkout
) -> None:
    for file, before in RETYPED.items():
        checkout.edit(file, before, "")
    deliver(lakehouse, 9, LAST)
    lakehouse.run()
    assert "seller_since" not in row(lakehouse, "silver.sellers", LAST)
    assert "seller_since" not in lakehouse.table("cdc.sellers").column_names
    kept = {one["seller_id"]: one["seller_since"] for one in lakehouse.rows("bronze.sellers")}
    assert (kept[EARLY], kept[LATE], kept[LAST]) == (None, "2018-05-02", None)
