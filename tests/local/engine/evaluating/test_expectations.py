"""Expectations are counted as rows are written; a broken fail rule writes nothing."""

import pytest

from common.errors import UserError
from local.engine.storage.event_log import read_event_log
from tests.local.engine.project import Project

VALUES = """
@dp.temporary_view
@dp.expect("seen in the view", "id <> 0")
@dp.expect_or_drop("no threes", "id <> 3")
def seen():
    return spark.range({count})

@dp.materialized_view
@dp.expect("below two", "id < 2")
@dp.expect_or_drop("not null", "if(id = 1, null, true)")
@dp.expect_or_fail("few", "id < 10")
def kept():
    return spark.read.table("seen")
"""


def test_each_expectation_is_counted(project: Project) -> None:
    project.write("transformations/values.py", VALUES.format(count=5))
    [event] = project.run().datasets
    counts = {(one.dataset, one.name): (one.passed, one.failed) for one in event.expectations}
    assert counts == {
        ("seen", "seen in the view"): (4, 1),
        ("seen", "no threes"): (4, 1),
        ("shop.kept", "below two"): (2, 2),
        ("shop.kept", "not null"): (3, 1),
        ("shop.kept", "few"): (4, 0),
    }
    assert (event.rows, event.dropped) == (3, 1)
    assert project.rows("select id from shop.kept order by 1") == [(0,), (2,), (4,)]


def test_the_event_log_has_the_fields_of_lakeflow(project: Project) -> None:
    project.write("transformations/values.py", VALUES.format(count=5))
    project.run()
    progress = {
        event["origin"]["flow_name"]: event["details"]["flow_progress"]
        for event in read_event_log(project.home)
    }
    assert progress["shop.kept"]["metrics"] == {"num_output_rows": 3}
    assert progress["shop.kept"]["data_quality"]["dropped_records"] == 1
    assert progress["seen"]["data_quality"]["dropped_records"] == 1
    counts = {"passed_records": 4, "failed_records": 0}
    assert {"name": "few", "dataset": "shop.kept", "action": "fail", **counts} in progress["shop.kept"][
        "data_quality"
    ]["expectations"]


def test_a_broken_fail_rule_leaves_the_table_as_it_was(project: Project) -> None:
    file = project.write("transformations/values.py", VALUES.format(count=5))
    project.run()
    file.write_text(file.read_text().replace("range(5)", "range(12)"))
    with pytest.raises(UserError, match=r"expectation 'few' of shop\.kept failed"):
        project.run()
    assert project.rows("select count(*) from shop.kept") == [(3,)]
    files = {path.suffix for path in (project.home.warehouse / "shop.db" / "kept").glob("part-*")}
    assert files == {".parquet"}
    assert len(list((project.home.warehouse / "shop.db" / "kept").glob("*.parquet"))) == 1
