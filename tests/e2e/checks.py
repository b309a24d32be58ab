"""Every table of a lakehouse against the oracle, from the raw files alone."""

from collections import Counter

from tests import oracle
from tests.e2e import manifest
from tests.e2e.lakehouses import Lakehouse


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
    """Bronze, silver, quarantine and reconciliation hold as many rows as the oracle counts in the raw files."""
    quarantined = Counter(row["dataset"] for row in lakehouse.rows("utils.quarantine"))
    stated = {row["dataset"]: row for row in lakehouse.rows("utils.reconciliation")}
    sums = oracle.sums(lakehouse.home.raw)
    assert stated.keys() == sums.keys()
    for dataset, wanted in sums.items():
        held = {
            "bronze_records": lakehouse.table(dataset.replace("silver.", "bronze.")).num_rows,
            "quarantined_records": quarantined[dataset],
            "silver_records": lakehouse.table(dataset).num_rows,
        }
        assert held == {name: count for name, count in wanted.items() if name in held}, dataset
        assert {name: stated[dataset][name] for name in wanted} == wanted, dataset


def assert_every_injected_row_is_caught(lakehouse: Lakehouse) -> None:
    """The rows that the generator's manifest names, and no others, are caught by just the rules that it names."""
    injected = manifest.entries(lakehouse)
    for caught, named in (
        (manifest.in_quarantine(lakehouse), manifest.to_be_caught(injected, "drop")),
        (manifest.warned_of_in_bronze(lakehouse), manifest.to_be_caught(injected, "warn")),
    ):
        assert named
        assert (named - caught, caught - named) == (Counter(), Counter())
    warned_of, named = manifest.warned_of(lakehouse), manifest.kept_with_a_warning(injected)
    assert named
    assert (named - warned_of, warned_of - named) == (set(), set())
