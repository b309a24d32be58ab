"""Others can follow an update while it runs, and read later why each table ran."""

import json

import pytest

from common.errors import UserError
from local.engine.running.live import live_file
from local.engine.storage.event_log import read_event_log
from tests.local.engine.project import Project

TWO = """
@dp.materialized_view
def numbers():
    return spark.range({count})

@dp.materialized_view
@dp.expect_or_fail("few", "id < 10")
def doubles():
    return spark.read.table("numbers").selectExpr("id", "id * 2 as double")
"""


def told(project: Project) -> list[dict[str, object]]:
    return [json.loads(line) for line in live_file(project.home).read_text().splitlines()]


def test_the_live_file_has_every_event_from_beginning_to_end(project: Project) -> None:
    project.write("transformations/two.py", TWO.format(count=3))
    project.run()
    first, *events, last = told(project)
    assert first.keys() == {"pipeline", "pid"}
    states = [(one["dataset"], one["state"]) for one in events]
    for name in ("shop.numbers", "shop.doubles"):
        assert [state for dataset, state in states if dataset == name] == ["RUNNING", "COMPLETED"]
    # What reads is written after what it reads.
    assert states[-1] == ("shop.doubles", "COMPLETED")
    assert last == {"ended": first["pipeline"]}
    project.run()
    assert [one["state"] for one in told(project)[1:-1]] == ["EXCLUDED", "EXCLUDED"]


def test_the_event_log_says_why_a_table_ran_and_how_long(project: Project) -> None:
    file = project.write("transformations/two.py", TWO.format(count=3))
    project.run()
    file.write_text(file.read_text().replace("range(3)", "range(12)"))
    with pytest.raises(UserError):
        project.run()
    lines = [(e["origin"]["flow_name"], e["details"]["flow_progress"]) for e in read_event_log(project.home)]
    assert [(name, one["why"]) for name, one in lines] == [
        ("shop.numbers", "first run"),
        ("shop.doubles", "first run"),
        ("shop.numbers", "transformations/two.py has changed"),
        ("shop.doubles", "transformations/two.py has changed"),
    ]
    assert all(one["seconds"] > 0 for _, one in lines)
    assert told(project)[-1].keys() == {"ended"}
