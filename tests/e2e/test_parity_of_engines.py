"""A clean world and a dirty delivery on top of it, through both engines: every table is the same."""

import shutil
from pathlib import Path

import pytest

from common.home import Home
from lakehouse.parity import compare_homes, deliver, update

pytestmark = pytest.mark.e2e


@pytest.mark.skipif(not shutil.which("java"), reason="Apache Spark needs Java")
def test_both_engines_write_the_same_tables(tmp_path: Path) -> None:
    sail, spark = Home(tmp_path / "sail"), Home(tmp_path / "spark")
    for dirty in (0.0, 0.1):
        deliver(sail, spark, orders=30, dirty=dirty)
        update(sail, "sail")
    # Spark is given both deliveries at once: it takes its time for each plan, whatever the rows.
    update(spark, "spark")
    assert compare_homes(sail, spark) == []
