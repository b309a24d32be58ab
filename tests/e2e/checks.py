"""Every table of a lakehouse against the oracle, from the raw files alone."""

from collections import Counter

from tests import oracle
from tests.e2e.lakehouses import Lakehouse

KEYED = ("customers", "products", "sellers", "orders", "order_items", "order_payments", "order_reviews")


def assert_medallion(lakehouse: Lakehouse) -> None:
    """Silver, gold and what silver rejected are what the raw files say."""
    silver, rejected = oracle.silver(lakehouse.home.raw)
    for name, rows in {**silver, **oracle.gold(silver)}.items():
        try:
            oracle.assert_same(lakehouse.table(name), rows)
        except AssertionError as difference:
            raise AssertionError(f"{name}: {difference}") from None
    assert reasons(lakehouse, "silver.") == {dataset: rows for dataset, rows in rejected.items() if rows}


def assert_cdc(lakehouse: Lakehouse) -> None:
    """Current, history and rejected events are what the event files say."""
    tables, rejected = oracle.changes(lakehouse.home.cdc)
    for name, rows in tables.items():
        try:
            oracle.assert_same(lakehouse.table(name), rows)
        except AssertionError as difference:
            raise AssertionError(f"{name}: {difference}") from None
    assert reasons(lakehouse, "cdc.") == {dataset: rows for dataset, rows in rejected.items() if rows}


def reasons(lakehouse: Lakehouse, schema: str) -> dict[str, Counter[tuple[str, ...]]]:
    """{dataset: Counter({failed expectations: rows})} of the quarantine."""
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for row in lakehouse.rows("utils.quarantine"):
        if row["dataset"].startswith(schema):
            found.setdefault(row["dataset"], Counter())[tuple(row["failed_expectations"])] += 1
    return found


def assert_every_row_is_somewhere(lakehouse: Lakehouse) -> None:
    """bronze = silver + quarantine + replaced, where replaced is counted from the valid rows' keys."""
    quarantined = Counter(row["dataset"] for row in lakehouse.rows("utils.quarantine"))
    by_dataset = {row["dataset"]: row for row in lakehouse.rows("utils.reconciliation")}
    for name in KEYED:
        bronze = lakehouse.table(f"bronze.{name}").num_rows
        silver = lakehouse.table(f"silver.{name}").num_rows
        valid = bronze - quarantined[f"silver.{name}"]
        stated = by_dataset[f"silver.{name}"]
        assert (stated["bronze_records"], stated["silver_records"]) == (bronze, silver)
        assert stated["quarantined_records"] == quarantined[f"silver.{name}"]
        assert stated["replaced_records"] == valid - silver >= 0
