"""A rule or a cleaner that was changed: the next run is right, as if every row had been judged by it."""

import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

from common.checkout import REPOSITORY
from lakehouse import main_job
from lakehouse.specs import spec_of
from local.engine.sessions.engines import EngineChoice
from local.engine.sessions.java import check_java
from tests.e2e.lakehouses import Lakehouse

pytestmark = pytest.mark.e2e
RULES, CLEANING = "pipelines/shared/rules.py", "pipelines/shared/cleaning.py"
CHANGES = {
    "tightened": (RULES, 'at_least("payment_value", 0)', 'at_least("payment_value", 150)', "order_payments"),
    "loosened": (RULES, 'between("review_score", 1, 5)', 'between("review_score", 0, 6)', "order_reviews"),
    "renamed": (RULES, '"place_present":', '"place_known":', "geolocation"),
    "a cleaner": (
        CLEANING,
        '"seller_city": city("seller_city")',
        '"seller_city": upper_text("seller_city")',
        "sellers",
    ),
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the pipelines, which the main job runs."""
    shutil.copytree(REPOSITORY / "pipelines", tmp_path / "code" / "pipelines")
    # The checkout's own would be imported in place of the copy's.
    for name in [name for name in sys.modules if name.partition(".")[0] == "pipelines"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(main_job, "spec_of", partial(spec_of, root=tmp_path / "code"))
    return tmp_path / "code"


def edit(checkout: Path, file: str, before: str, after: str) -> None:
    text = (checkout / file).read_text()
    assert before in text
    (checkout / file).write_text(text.replace(before, after))


def made(tmp_path: Path, engine: EngineChoice) -> Lakehouse:
    lakehouse = Lakehouse(tmp_path / "home", engine)
    lakehouse.generate(orders=60, dirty=0.08)
    lakehouse.run()
    return lakehouse


def assert_right(lakehouse: Lakehouse) -> None:
    """The tables are those of a lakehouse that has never known other rules."""
    assert {row["outdated_records"] for row in lakehouse.rows("utils.reconciliation")} == {0}
    found = lakehouse.contents()
    lakehouse.rebuild("silver")
    assert lakehouse.contents() == found


@pytest.mark.parametrize("change", CHANGES)
def test_the_next_run_is_right(tmp_path: Path, checkout: Path, change: str) -> None:
    lakehouse = made(tmp_path, "sail")
    before = lakehouse.contents()
    file, old, new, dataset = CHANGES[change]
    edit(checkout, file, old, new)
    lakehouse.run()
    after = lakehouse.contents()
    changed = {name for name, rows in after.items() if rows != before[name]}
    assert {"utils.quarantine", f"silver.{dataset}"} & changed
    assert not {name for name in changed if name.startswith(("bronze.", "cdc."))}
    assert_right(lakehouse)


def test_a_comment_changes_no_rule(tmp_path: Path, checkout: Path) -> None:
    lakehouse = made(tmp_path, "sail")
    edit(
        checkout,
        CLEANING,
        '    """Sellers: cleaned as customers are."""',
        '    """Other words."""\n    # And more.',
    )
    versions = lakehouse.versions()
    events = lakehouse.run()
    assert versions["silver.sellers"] == lakehouse.versions()["silver.sellers"]
    assert [event.dataset for event in events].count("utils.reconciliation") == 1


def test_on_spark_the_next_run_is_right_too(tmp_path: Path, checkout: Path) -> None:
    try:
        check_java()
    except Exception as error:
        pytest.skip(str(error))
    lakehouse = made(tmp_path, "spark")
    edit(checkout, *CHANGES["tightened"][:3])
    lakehouse.run()
    assert any(
        "valid_payment_value" in row["failed_expectations"] for row in lakehouse.rows("utils.quarantine")
    )
    assert {row["outdated_records"] for row in lakehouse.rows("utils.verdict")} == {0}
