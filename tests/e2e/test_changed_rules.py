"""Rules and cleaners that were changed: the next run is right, as if every row had been judged by them.

On Apache Spark with LAKEHOUSE_SLOW_TESTS=1 only.
"""

import json
from collections.abc import Iterator

import pytest

from common.errors import UserError
from local.engine.sessions.engines import EngineName
from tests.e2e.conftest import Checkout
from tests.e2e.lakehouses import HOME_OF_FILES, Lakehouse
from tests.e2e.rule_changes import CHANGES, CLEANING, RULES
from tests.e2e.worlds import Worlds

pytestmark = pytest.mark.e2e
CUSTOMERS, PRODUCTS, SELLERS = EVENTS = [
    f"cdc.{name}_changes" for name in ("customers", "products", "sellers")
]
# What the drop rules of events become: tightened, loosened, renamed.
EVEN = '_changes("customer_id").drop | {"even": "coalesce(sequence_number % 2 = 0, false)"}'
SEQUENCED = '{"sequence_number_present": present("sequence_number")}'
RENAMED = '{n.replace("valid_", "known_"): rule for n, rule in _changes("seller_id").drop.items()}'


@pytest.fixture(scope="module")
def lakehouse(
    engine: EngineName,
    worlds: Worlds,
    tmp_path_factory: pytest.TempPathFactory,
    checkout: Checkout,
) -> Iterator[Lakehouse]:
    """A dirty world and an odd event of each entity; the tests follow one another, and leave the code as it was."""
    made = worlds.copy("dirty", tmp_path_factory.mktemp(engine))
    for folder in made.home.cdc.iterdir():
        odd = {"sequence_number": 900001, "operation": "MERGE", f"{folder.name[:-1]}_id": "d" * 32}
        (folder / f"{folder.name}_run00009.jsonl").write_text(json.dumps(odd))
    made.run("cdc")
    made.engine = engine
    kept = {file: (checkout.root / file).read_text() for file in (RULES, CLEANING)}
    yield made
    for file, text in kept.items():
        (checkout.root / file).write_text(text)


def rejected(lakehouse: Lakehouse, dataset: str) -> list[str]:
    rows = [row for row in lakehouse.rows("utils.quarantine") if row["dataset"] == dataset]
    # A broken line is kept with the path of its file, which a copied world has elsewhere.
    records = [HOME_OF_FILES.sub("/volumes/", row["record"]) for row in rows]
    return sorted(f"{row['failed_expectations']} {record}" for row, record in zip(rows, records, strict=True))


def judge_by(checkout: Checkout, entity: str, drop: str) -> None:
    """Gives the change events of customers, products or sellers other drop rules."""
    rules = f'_changes("{entity}_id")'
    checkout.edit(RULES, f'_changes": {rules}', f'_changes": Rules(warn={rules}.warn, drop={drop})')


def outdated(lakehouse: Lakehouse) -> set[str]:
    """What quality knows to be judged by other rules than today's."""
    counted = [*lakehouse.rows("utils.reconciliation"), *lakehouse.rows("utils.event_judgements")]
    assert len(counted) == 8 + len(EVENTS)
    return {row["dataset"] for row in counted if row["outdated_records"]}


def test_a_comment_changes_no_rule(lakehouse: Lakehouse, checkout: Checkout) -> None:
    before = '    """Sellers: cleaned as customers are."""'
    checkout.edit(CLEANING, before, '    """Other words."""\n    # And more.')
    versions = lakehouse.versions()
    events = lakehouse.run()
    assert versions["silver.sellers"] == lakehouse.versions()["silver.sellers"]
    written = [event.dataset for event in events]
    assert (written.count("utils.reconciliation"), written.count("utils.event_judgements")) == (1, 1)
    assert outdated(lakehouse) == set()


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
    # The cleaner of sellers is one for both.
    assert {name for name in changed if name.startswith(("bronze.", "cdc."))} == {
        SELLERS,
        "cdc.sellers",
        "cdc.sellers_history",
    }
    cities = {row["seller_city"] for row in lakehouse.rows("cdc.sellers_history")} - {None}
    assert cities and all(city == city.upper() for city in cities)
    assert outdated(lakehouse) == set()
    # The tables are those of a lakehouse that has never known other rules.
    lakehouse.rebuild("silver")
    assert lakehouse.contents() == after


def test_the_next_run_judges_change_events_by_todays_rules(lakehouse: Lakehouse, checkout: Checkout) -> None:
    events = {name: lakehouse.rows(name) for name in EVENTS}
    rejects = {name: rejected(lakehouse, name) for name in EVENTS}
    judge_by(checkout, "customer", EVEN)
    judge_by(checkout, "product", SEQUENCED)
    judge_by(checkout, "seller", RENAMED)
    lakehouse.run("cdc")
    for name in EVENTS:
        kept = len(lakehouse.rows(name)) + len(rejected(lakehouse, name))
        assert kept == len(events[name]) + len(rejects[name]), name
    even = {row["sequence_number"] for row in events[CUSTOMERS] if row["sequence_number"] % 2 == 0}
    assert {row["sequence_number"] for row in lakehouse.rows(CUSTOMERS)} == even
    assert {row["__START_AT"] for row in lakehouse.rows("cdc.customers_history")} <= even
    assert any('["even"]' in one.replace("'", '"') for one in rejected(lakehouse, CUSTOMERS))
    taken = [one for one in rejects[PRODUCTS] if "sequence_number_present" not in one]
    assert taken and len(lakehouse.rows(PRODUCTS)) == len(events[PRODUCTS]) + len(taken)
    renamed = sorted(one.replace("valid_", "known_") for one in rejects[SELLERS])
    assert rejected(lakehouse, SELLERS) == renamed != rejects[SELLERS]
    assert outdated(lakehouse) == set()
    after = lakehouse.contents()
    lakehouse.rebuild(select=tuple(EVENTS))
    assert lakehouse.contents() == after


def test_a_rebuild_of_a_part_does_not_leave_events_judged_by_two_sets_of_rules(
    lakehouse: Lakehouse, checkout: Checkout
) -> None:
    checkout.edit(RULES, EVEN, '_changes("customer_id").drop')
    # Quarantine is built anew for silver's rows, and with it what is rejected of events.
    with pytest.raises(UserError, match=r"judged_by_todays_rules' of utils\.event_verdict"):
        lakehouse.rebuild(select=("silver.sellers",))
    assert outdated(lakehouse) == {CUSTOMERS}
    lakehouse.run()
    assert outdated(lakehouse) == set()
    assert {row["sequence_number"] % 2 for row in lakehouse.rows(CUSTOMERS)} == {0, 1}


def test_where_event_files_are_gone_a_run_stops_and_names_the_rebuild(
    lakehouse: Lakehouse, checkout: Checkout
) -> None:
    file = max((lakehouse.home.cdc / "products").iterdir())
    file.unlink()
    versions = lakehouse.versions()
    checkout.edit(RULES, SEQUENCED, '_changes("product_id").drop')
    said = rf"rules of {PRODUCTS} have changed.* 1 file .* such as products/{file.name}.*rebuild --select {PRODUCTS}`"
    with pytest.raises(UserError, match=said):
        lakehouse.run()
    assert {name: version for name, version in lakehouse.versions().items() if name.startswith("cdc.")} == {
        name: version for name, version in versions.items() if name.startswith("cdc.")
    }
    before = lakehouse.rows(PRODUCTS)
    lakehouse.rebuild(select=(PRODUCTS,))
    assert outdated(lakehouse) == set()
    assert {row["_source_file"] for row in before} > {row["_source_file"] for row in lakehouse.rows(PRODUCTS)}
    lakehouse.run()
