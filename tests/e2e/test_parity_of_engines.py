"""A clean world, a dirty delivery on top of it and a changed rule, through both engines: every table is the same."""

from pathlib import Path

import pytest

from lakehouse.parity import compare_homes, deliver, update_home
from pipelines.schemas import bronze
from tests.e2e.conftest import Checkout
from tests.e2e.lakehouses import Lakehouse
from tests.java import need_java

pytestmark = pytest.mark.e2e
RULE = ("pipelines/shared/rules.py", 'at_least("payment_value", 0)', 'at_least("payment_value", 150)')


def test_both_engines_write_the_same_tables(tmp_path: Path, checkout: Checkout) -> None:
    need_java()
    sail, spark = Lakehouse(tmp_path / "sail", "sail"), Lakehouse(tmp_path / "spark", "spark")
    deliver(sail.home, spark.home, orders=30, dirty=0.0)
    sail.run()
    # Spark takes its time for each plan, whatever the rows: only the tables that the rule is about are there before.
    judged = ("silver.order_payments", "utils.judgements")
    spark.run("medallion", select=(*(table.name for table in bronze.TABLES), *judged))
    deliver(sail.home, spark.home, orders=30, dirty=0.1)
    checkout.edit(*RULE)
    update_home(sail.home, "sail")
    update_home(spark.home, "spark")
    assert compare_homes(sail.home, spark.home) == []
    assert {row["outdated_records"] for row in spark.rows("utils.verdict")} == {0}
    rejected = [row["failed_expectations"] for row in spark.rows("utils.quarantine")]
    assert any("valid_payment_value" in names for names in rejected)
