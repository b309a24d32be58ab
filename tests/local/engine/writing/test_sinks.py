"""Sinks: rows that leave a pipeline."""

from typing import Any

import pytest
from deltalake import DeltaTable

from common.errors import UserError
from local.engine.running import run
from local.engine.running.opening import opened_session
from local.engine.sessions.errors import NeedsSpark
from local.engine.storage import delta
from local.engine.storage.delta import DataFile
from local.engine.storage.log import commit_files
from local.engine.writing import sinks
from tests.local.engine.project import Project

EVENTS = """
@dp.table
def events():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").schema("id INT")
        .load("/Volumes/main/shop/files/events")
    )
"""
DELTA = """
dp.create_sink("out", "delta", {"tableName": "main.other.out"})
dp.create_sink("files", "delta", {"path": "/Volumes/main/shop/files/out"})

for sink in ("out", "files"):
    @dp.append_flow(target=sink, name=f"into_{sink}")
    def rows():
        return spark.readStream.table("events")
"""
FUNCTION = """
@dp.foreach_batch_sink(name="told")
def tell(batch, number):
    with open("FILE", "a") as file:
        print(number, sorted(row.id for row in batch.collect()), file=file)

@dp.append_flow(target="told")
def to_tell():
    return spark.readStream.table("events").where("id > 1")
"""


def test_a_delta_sink_is_given_each_row_once(project: Project) -> None:
    project.write("transformations/events.py", EVENTS + DELTA)
    project.volume("shop/files/events/1.csv", "1\n")
    assert {event.dataset for event in project.run().datasets} == {"shop.events", "out", "files"}
    project.volume("shop/files/events/2.csv", "2\n3\n")
    project.run()
    assert project.rows("select id from other.out order by 1") == [(1,), (2,), (3,)]
    assert DeltaTable(project.home.volumes / "shop/files/out").to_pyarrow_table().num_rows == 3
    project.run()
    assert set(project.states().values()) == {"EXCLUDED"}


def test_a_function_is_given_batches_by_number(project: Project) -> None:
    told = project.root / "told.txt"
    project.write("transformations/events.py", EVENTS + FUNCTION.replace("FILE", str(told)))
    project.volume("shop/files/events/1.csv", "1\n2\n")
    project.run()
    project.volume("shop/files/events/2.csv", "3\n")
    project.run()
    assert told.read_text() == "0 [2]\n1 [3]\n"
    project.run(full_refresh_select=["told"])
    assert told.read_text().splitlines()[-1] == "2 [2, 3]"


def test_a_crash_after_a_delivery_gives_no_row_twice(project: Project) -> None:
    project.write("transformations/events.py", EVENTS + DELTA)
    project.volume("shop/files/events/1.csv", "1\n")
    project.run()
    # As if the update had ended before it.
    commit_files(project.home.state / "sinks" / "theirs" / "out")[0].unlink()
    project.volume("shop/files/events/2.csv", "2\n")
    project.run()
    assert project.rows("select id from other.out order by 1") == [(1,), (2,)]


@pytest.mark.parametrize(
    ("sink", "message"),
    [
        ('dp.create_sink("out", "kafka", {"topic": "t"})', "of format kafka is not supplied"),
        ('dp.create_sink("out", "delta")', "needs the option tableName or path"),
        ('dp.create_sink("out", "delta", {"tableName": "events"})', "is a table of this pipeline"),
        (
            '@dp.foreach_batch_sink(name="out")\ndef save(batch, number):\n    batch.write.saveAsTable("x")\n',
            "does not write x itself",
        ),
    ],
)
def test_what_is_not_supplied_says_so(project: Project, sink: str, message: str) -> None:
    flow = "\n@dp.append_flow(target='out')\ndef rows():\n    return spark.readStream.table('events')\n"
    project.write("transformations/events.py", f"{EVENTS}\n{sink}\n{flow}")
    project.volume("shop/files/events/1.csv", "1\n")
    with pytest.raises(UserError, match=rf"events\.py:\d+: .*{message}"):
        project.run()


def test_of_what_is_delivered_again_nothing_is_so_twice_on_a_second_engine(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("transformations/events.py", EVENTS + DELTA.replace("target=sink", 'target="out"'))
    project.volume("shop/files/events/1.csv", "1\n")
    project.run()
    # The second flow into the sink finds out late that Sail lacks something.
    staged: list[int] = []

    stage = delta.stage

    def lacking_once(*given: Any) -> list[DataFile]:
        staged.append(1)
        if len(staged) == 2:
            raise NeedsSpark("a function", "for the test")
        return stage(*given)

    monkeypatch.setattr(sinks.delta, "stage", lacking_once)
    monkeypatch.setattr(run, "opened_session", lambda _: opened_session("sail"))
    project.run(full_refresh_select=["out"])
    assert project.rows("select id, count(*) from other.out group by id") == [(1, 4)]
