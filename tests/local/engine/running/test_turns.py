"""Tables are written side by side, and none of them can tell."""

from threading import Barrier
from typing import Any

import pytest

from common.errors import UserError
from local.engine.evaluating.expectations import write_checked
from local.engine.running import run
from local.engine.writing import table
from tests.local.engine.project import Project

TWO = """
@dp.materialized_view
def first():
    return spark.range(1)

@dp.materialized_view
def second():
    return spark.range(2)
"""
# Each gives the name another meaning, and the plans name it still when they are run.
SHARING = """
for number in range(6):
    @dp.materialized_view(name=f"t{number}")
    def rows(number=number):
        spark.range(number).createOrReplaceTempView("shared")
        return spark.sql("select id from shared")
"""
IN_TURN = """
from time import sleep
inside = []

for number in range(4):
    @dp.materialized_view(name=f"t{number}")
    def rows(number=number):
        inside.append(number)
        sleep(0.05)
        found = list(inside)
        inside.clear()
        return spark.createDataFrame([(found,)], "found array<int>")
"""
# Flows into one table.
FLOWS = """
dp.create_streaming_table("t")

for number in range(1, 4):
    @dp.append_flow(target="t", name=f"flow_{number}", once=True)
    def rows(number=number):
        return ROWS
"""
SHARING_FLOWS = FLOWS.replace(
    "return ROWS",
    'spark.range(number).createOrReplaceTempView("shared")\n        return spark.sql("select id from shared")',
)
FAILING_FLOWS = FLOWS.replace(
    "ROWS", 'spark.range(3).where(F.assert_true(F.col("id") < number, F.lit(f"in flow {number}")).isNull())'
)
RIGHT_FLOWS = FLOWS.replace("ROWS", "spark.range(number)")


@pytest.fixture(autouse=True)
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_AT_ONCE", 4)


@pytest.mark.parametrize(
    ("code", "at_once", "counts", "rows"),
    [
        (TWO, 2, "select count(*) from shop.first union all select count(*) from shop.second", [1, 2]),
        (RIGHT_FLOWS, 3, "select count(*) from shop.t group by id", [1, 2, 3]),
    ],
)
def test_tables_and_flows_are_written_at_once(
    project: Project, monkeypatch: pytest.MonkeyPatch, code: str, at_once: int, counts: str, rows: list[int]
) -> None:
    # Each waits for the others here, outside the engine: it may well take up two queries one after the other.
    together = Barrier(at_once, timeout=600)

    def write_together(*given: Any, **named: Any) -> Any:
        together.wait()
        return write_checked(*given, **named)

    monkeypatch.setattr(table, "write_checked", write_together)
    project.write("transformations/a.py", code)
    project.run()
    assert sorted(count for (count,) in project.rows(counts)) == rows


def test_a_flow_that_changes_the_session_is_written_alone(project: Project) -> None:
    project.write("transformations/a.py", SHARING_FLOWS)
    project.run()
    assert project.rows("select id, count(*) from shop.t group by id order by id") == [(0, 3), (1, 2), (2, 1)]


def test_of_flows_that_fail_the_first_is_told_and_none_is_kept(project: Project) -> None:
    project.write("transformations/a.py", FAILING_FLOWS)
    for _ in range(2):
        with pytest.raises(UserError, match="in flow 1"):
            project.run()
    project.write("transformations/a.py", RIGHT_FLOWS)
    project.run()
    assert project.rows("select count(*) from shop.t") == [(6,)]


def test_who_changes_the_session_is_written_alone(project: Project) -> None:
    project.write("transformations/a.py", SHARING)
    project.run()
    for number in range(6):
        assert project.rows(f"select count(*) from shop.t{number}") == [(number,)]


def test_functions_are_called_one_after_the_other(project: Project) -> None:
    project.write("transformations/a.py", IN_TURN)
    project.run()
    for number in range(4):
        assert project.rows(f"select found from shop.t{number}") == [([number],)]


def test_what_a_table_read_before_is_no_circle(project: Project) -> None:
    one = "@dp.materialized_view\ndef {0}():\n    return spark.range(3)\n"
    other = "@dp.materialized_view\ndef {0}():\n    return spark.read.table('{1}').limit(2)\n"
    for first, second in (("a", "b"), ("b", "a")):
        project.write("transformations/a.py", f"{one.format(first)}\n{other.format(second, first)}")
        project.run()
        assert project.rows(f"select count(*) from shop.{second}") == [(2,)]
