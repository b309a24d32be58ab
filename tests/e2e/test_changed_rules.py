"""Rules and a cleaner that were changed: the next run is right, as if every row had been judged by them."""

import pytest

from tests.e2e.conftest import Checkout
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds

pytestmark = pytest.mark.e2e
RULES, CLEANING = "pipelines/shared/rules.py", "pipelines/shared/cleaning.py"
# By dataset: tightened, loosened, renamed; and a cleaner.
CHANGES = {
    "silver.order_payments": (RULES, 'at_least("payment_value", 0)', 'at_least("payment_value", 150)'),
    "silver.order_reviews": (RULES, 'between("review_score", 1, 5)', 'between("review_score", 0, 6)'),
    "silver.geolocation": (RULES, '"place_present":', '"place_known":'),
    "silver.sellers": (
        CLEANING,
        '"seller_city": city("seller_city")',
        '"seller_city": upper_text("seller_city")',
    ),
}


@pytest.fixture(scope="module")
def lakehouse(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory, checkout: Checkout) -> Lakehouse:
    return worlds.copy("dirty", tmp_path_factory.mktemp("world"))


def rejected(lakehouse: Lakehouse, dataset: str) -> list[str]:
    rows = [row for row in lakehouse.rows("utils.quarantine") if row["dataset"] == dataset]
    return sorted(f"{row['failed_expectations']} {row['record']}" for row in rows)


def test_a_comment_changes_no_rule(lakehouse: Lakehouse, checkout: Checkout) -> None:
    before = '    """Sellers: cleaned as customers are."""'
    checkout.edit(CLEANING, before, '    """Other words."""\n    # And more.')
    versions = lakehouse.versions()
    events = lakehouse.run()
    assert versions["silver.sellers"] == lakehouse.versions()["silver.sellers"]
    assert [event.dataset for event in events].count("utils.reconciliation") == 1


def test_the_next_run_is_right(lakehouse: Lakehouse, checkout: Checkout) -> None:
    before = lakehouse.contents()
    rejects = {dataset: rejected(lakehouse, dataset) for dataset in CHANGES}
    for change in CHANGES.values():
        checkout.edit(*change)
    lakehouse.run()
    after = lakehouse.contents()
    for dataset in CHANGES:
        changed = after[dataset] != before[dataset] or rejected(lakehouse, dataset) != rejects[dataset]
        assert changed, dataset
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert not {name for name in changed if name.startswith(("bronze.", "cdc."))}
    assert {row["outdated_records"] for row in lakehouse.rows("utils.reconciliation")} == {0}
    # The tables are those of a lakehouse that has never known other rules.
    lakehouse.rebuild("silver")
    assert lakehouse.contents() == after


def test_a_rebuild_judges_events_anew_and_moves_what_is_rejected_now_into_quarantine(
    lakehouse: Lakehouse, checkout: Checkout
) -> None:
    table, rules = "cdc.customers_changes", '_changes("customer_id")'
    even = '{"even": "coalesce(sequence_number % 2 = 0, false)"}'
    checkout.edit(
        RULES,
        f'"customers_changes": {rules}',
        f'"customers_changes": Rules(warn={rules}.warn, drop={rules}.drop | {even})',
    )
    events, rejects = lakehouse.rows(table), rejected(lakehouse, table)
    lakehouse.rebuild("bronze", select=("cdc.customers",))
    kept, lost = lakehouse.rows(table), rejected(lakehouse, table)
    assert {row["sequence_number"] for row in kept} == {
        row["sequence_number"] for row in events if row["sequence_number"] % 2 == 0
    }
    assert len(kept) + len(lost) == len(events) + len(rejects)
