"""A killed or failed update leaves each table as it was or as it is to be."""

import json
import subprocess
from pathlib import Path

import pytest

from common.errors import UserError
from common.home import Home
from local.engine import journal
from local.engine.catalog import create_schemas
from local.engine.delta_log import table_names, table_path
from local.engine.java import is_running
from local.engine.query import query
from local.engine.session import start_engine
from local.engine.storage.lock import locked
from local.engine.tables import describe
from tests.local.engine.conftest import Project

ENGINE = 1


def write(home: Home, statement: str) -> None:
    """What Spark does to a table of the update."""
    engine = start_engine(home.warehouse)
    engine.forget(kept=table_names(home.warehouse))
    session = engine.session()
    create_schemas(session, home, ["shop"])
    session.sql(statement)


def test_a_table_that_was_not_written_comes_back(project: Project) -> None:
    write(project.home, "create table shop.kept as select 1 as n")
    for statement in ("select 1", "create table shop.kept (n int) using delta"):
        journal.begin(project.home, ENGINE, ["shop.kept"])
        assert table_names(project.home.warehouse) == []
        write(project.home, statement)
        assert journal.unfinished(project.home)
        assert journal.restore(project.home, ENGINE) == ["shop.kept"]
        assert project.rows("shop.kept") == [{"n": 1}]
        assert not journal.unfinished(project.home)


def test_a_table_that_was_written_stays_as_written(project: Project) -> None:
    write(project.home, "create table shop.kept as select 1 as n")
    journal.begin(project.home, ENGINE, ["shop.kept"])
    write(project.home, "create table shop.kept as select 2 as n")
    assert journal.restore(project.home, ENGINE) == []
    assert project.rows("shop.kept") == [{"n": 2}]


def test_a_table_that_the_update_only_created_is_gone(project: Project) -> None:
    journal.begin(project.home, ENGINE, ["shop.new"])
    write(project.home, "create table shop.new (n int) using delta")
    assert journal.restore(project.home, ENGINE) == ["shop.new"]
    assert not table_path(project.home.warehouse, "shop.new").exists()


def test_what_was_before_the_last_update_does_not_come_back_after_the_next(project: Project) -> None:
    write(project.home, "create table shop.gone as select 1 as n")
    journal.begin(project.home, ENGINE, ["shop.gone"])
    journal.end(project.home)
    journal.begin(project.home, ENGINE, ["shop.gone"])
    assert journal.restore(project.home, ENGINE) == ["shop.gone"]
    assert table_names(project.home.warehouse) == []


def test_who_reads_while_an_update_is_under_way_finds_tables_as_they_were(project: Project) -> None:
    for name in ("kept", "other", "done"):
        write(project.home, f"create table shop.{name} as select 1 as n")
    engine = start_engine(project.home.warehouse)
    with locked(project.home, "an update"):
        journal.begin(project.home, engine.pid, ["shop.kept", "shop.other", "shop.done", "shop.new"])
        engine.forget(kept=table_names(project.home.warehouse))
        # As Spark begins a table, and as it ends one.
        write(project.home, "create table shop.other (n int)")
        write(project.home, "create table shop.done as select 2 as n")
        names = ("kept", "other", "done")
        found = query(project.home, *[f"select n from shop.{name}" for name in names])
        assert [rows.rows for rows in found] == [[(1,)], [(1,)], [(2,)]]
        assert [row[:2] for row in describe(project.home).rows] == [
            ("shop.done", 1), ("shop.kept", 1), ("shop.other", 1),
        ]  # fmt: skip
        with pytest.raises(UserError, match=r"shop.*new.*an update is under way"):
            query(project.home, "select * from shop.new")
        assert engine.tables() == {"shop.done"}
    journal.restore(project.home, engine.pid)
    assert [rows.rows for rows in query(project.home, "select n from shop.kept")] == [[(1,)]]


def test_a_table_that_was_killed_before_its_first_commit_is_begun_anew(project: Project) -> None:
    write(project.home, "create table shop.kept as select 1 as n")
    journal.begin(project.home, ENGINE, [])
    log = table_path(project.home.warehouse, "shop.begun") / "_delta_log"
    log.mkdir(parents=True)
    (log / f".{0:020}.json.8d2f.tmp").write_text("{", encoding="utf-8")
    assert table_names(project.home.warehouse) == ["shop.kept"]
    journal.restore(project.home, ENGINE)
    assert not log.parent.exists()
    assert project.rows("shop.kept") == [{"n": 1}]


def test_what_a_killed_engine_still_writes_is_waited_for(project: Project) -> None:
    with subprocess.Popen(["sleep", "1"]) as engine:
        journal.begin(project.home, engine.pid, [])
        journal.restore(project.home)
        assert not is_running(engine.pid)


def streaming(home: Home, flows: int) -> list[Path]:
    """A streaming table as an update leaves it: one commit and a checkpoint a flow."""
    log = table_path(home.warehouse, "shop.raw") / "_delta_log"
    log.mkdir(parents=True)
    commit = {"commitInfo": {"operation": journal.STREAMED, "timestamp": 1}}
    (log / f"{0:020}.json").write_text(json.dumps(commit) + "\n", encoding="utf-8")
    streams = [home.state / f"pipelines/theirs/_checkpoints/main/shop/raw/flow{n}" for n in range(flows)]
    for stream in streams:
        (stream / "0").mkdir(parents=True, exist_ok=True)
    return streams


@pytest.mark.parametrize("begun", range(4))
def test_of_several_streams_into_a_table_all_have_begun_anew_or_none_has(
    project: Project, begun: int
) -> None:
    streams = streaming(project.home, 3)
    journal.begin(project.home, ENGINE, [], ["shop.raw"])
    streaming(project.home, 0)
    for stream in streams[:begun]:
        (stream / "1").mkdir()
    assert journal.restore(project.home, ENGINE) == ([] if begun == 3 else ["shop.raw"])
    assert table_names(project.home.warehouse) == ["shop.raw"]
    assert [(stream / "1").exists() for stream in streams] == [begun == 3] * 3


def test_a_table_that_was_not_moved_aside_yet_stays(project: Project) -> None:
    streaming(project.home, 2)
    journal.begin(project.home, ENGINE, [], ["shop.raw"])
    journal.folder_aside(project.home, "shop.raw").rename(table_path(project.home.warehouse, "shop.raw"))
    assert journal.restore(project.home, ENGINE) == ["shop.raw"]
    assert table_names(project.home.warehouse) == ["shop.raw"]


STREAM = """
from pyspark import pipelines as dp

@dp.table
def raw():
    return (spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").option("header", True)
            .load("/Volumes/main/landing/n"))
"""


def test_a_stream_that_a_full_refresh_began_anew_goes_back_and_goes_on(project: Project) -> None:
    project.volume("landing/n/one.csv", "n\n1\n2\n")
    project.write("transformations/raw.py", STREAM)
    project.run()
    journal.begin(project.home, start_engine(project.home.warehouse).pid, [], ["shop.raw"])
    (stream,) = project.home.state.glob("pipelines/*/_checkpoints/*/shop/raw/*")
    (stream / str(max(int(folder.name) for folder in stream.iterdir()) + 1)).mkdir()
    write(project.home, "create table shop.raw (n string) using delta")
    project.volume("landing/n/two.csv", "n\n3\n")
    project.run()
    assert [row["n"] for row in project.rows("shop.raw")] == ["1", "2", "3"]
