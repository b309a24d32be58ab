"""Tables are written side by side, and none of them can tell."""

import signal
from threading import Barrier, Event, main_thread
from typing import Any

import pytest

from common.errors import UserError
from local.engine.evaluating.expectations import write_checked
from local.engine.evaluating.work import Work
from local.engine.running import run
from local.engine.sessions import client
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
# Each is read by the next.
CHAIN = """
for number in range(7):
    @dp.table(name=f"t{number}")
    def rows(number=number):
        if number == 0:
            return spark.readStream.table("start").select("id", F.lit(0).alias("n"))
        return spark.readStream.table(f"t{number - 1}").select("id", F.lit(number).alias("n"))

dp.create_streaming_table("start")

@dp.append_flow(target="start", once=True)
def begin():
    return spark.range(3)
"""
SINK = """
dp.create_sink("a_sink", "delta", {"tableName": "other.out"})

for number in (0, 3, 6):
    @dp.append_flow(target="a_sink", name=f"into_sink_{number}")
    def delivered(number=number):
        return spark.readStream.table(f"t{number}")
"""
CHANGES = """
dp.create_streaming_table("c")

for number in (0, 3, 6):
    dp.create_auto_cdc_flow(
        target="c", source=f"t{number}", keys=["id", "n"], sequence_by="n", name=f"from_{number}"
    )
"""
DISTINCT = """
@dp.materialized_view
def t():
    return spark.read.schema("id INT").csv("/Volumes/main/shop/files").distinct()
"""


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


def test_a_sink_is_given_rows_once_whatever_its_flows_wait_for(project: Project) -> None:
    project.write("transformations/a.py", CHAIN + SINK)
    project.run(full_refresh=True)
    assert project.rows("select n, count(*) from other.out group by n order by n") == [(0, 3), (3, 3), (6, 3)]


def test_rows_of_several_changes_are_counted_whatever_they_wait_for(project: Project) -> None:
    project.write("transformations/a.py", CHAIN + CHANGES)
    project.run()
    [ended] = [event for event in project.events if event.dataset == "shop.c" and event.state == "COMPLETED"]
    assert ended.rows == 9


def test_whether_files_have_hidden_columns_goes_by_their_own_query(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named_by_another(self: Work, name: str, value: Any) -> None:
        is_later = name == "names_metadata" and name in vars(self)
        object.__setattr__(self, name, True if is_later else value)

    monkeypatch.setattr(Work, "__setattr__", named_by_another)
    for name in ("1", "2"):
        project.volume(f"shop/files/{name}.csv", "1\n")
    project.write("transformations/a.py", DISTINCT)
    project.run()
    assert project.rows("select id from shop.t") == [(1,)]


def test_who_is_stopped_does_not_wait_for_an_engine_that_has_ended(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, waited = Event(), []

    def stop_all(*given: Any, **named: Any) -> Any:
        # As Ctrl-C, by another signal: that one would end the engine of all tests.
        signal.pthread_kill(main_thread().ident or 0, signal.SIGALRM)
        waited.append(told.wait(20))
        return write_checked(*given, **named)

    monkeypatch.setattr(table, "write_checked", stop_all)
    monkeypatch.setattr(client, "give_up", lambda _: told.set())
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        project.write("transformations/a.py", TWO.partition("@dp.materialized_view\ndef second")[0])
        with pytest.raises(KeyboardInterrupt):
            project.run()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert waited == [True]
