"""A killed or failed update leaves no table empty."""

from pyspark.sql import SparkSession

from local.engine import journal
from local.engine.catalog import attach, create_schemas
from local.engine.session import start_engine
from local.home import Home
from tests.local.engine.conftest import Project


def started(home: Home) -> SparkSession:
    session = start_engine(home.warehouse).session()
    create_schemas(session, home, ["shop"])
    session.sql("create or replace table shop.kept as select 1 as n")
    return session


def test_a_table_that_was_emptied_and_not_written_goes_back(project: Project) -> None:
    session = started(project.home)
    journal.begin(project.home, ["shop.kept"])
    session.sql("truncate table shop.kept")
    assert journal.unfinished(project.home)
    assert journal.restore(project.home, session) == ["shop.kept"]
    assert project.rows("shop.kept") == [{"n": 1}]
    assert not journal.unfinished(project.home)


def test_a_table_that_was_written_stays_as_written(project: Project) -> None:
    session = started(project.home)
    journal.begin(project.home, ["shop.kept"])
    session.sql("truncate table shop.kept")
    session.sql("insert into shop.kept values (2)")
    assert journal.restore(project.home, session) == []
    assert project.rows("shop.kept") == [{"n": 2}]


def test_a_table_that_the_update_only_created_is_gone(project: Project) -> None:
    session = started(project.home)
    journal.begin(project.home, ["shop.new"])
    session.sql("create table shop.new (n int) using delta")
    assert journal.restore(project.home, session) == ["shop.new"]
    assert not (project.home.warehouse / "shop.db" / "new").exists()


STREAM = """
from pyspark import pipelines as dp

@dp.table
def raw():
    return (spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").option("header", True)
            .load("/Volumes/main/landing/n"))
"""


def test_a_stream_that_a_full_refresh_emptied_goes_back_and_goes_on(project: Project) -> None:
    project.volume("landing/n/one.csv", "n\n1\n2\n")
    project.write("transformations/raw.py", STREAM)
    project.run()
    journal.begin(project.home, [], ["shop.raw"])
    (stream,) = project.home.state.glob("pipelines/*/_checkpoints/*/shop/raw/*")
    (stream / str(max(int(folder.name) for folder in stream.iterdir()) + 1)).mkdir()
    session = start_engine(project.home.warehouse).session()
    attach(session, project.home, ["shop.raw"])
    session.sql("truncate table shop.raw")
    project.volume("landing/n/two.csv", "n\n3\n")
    project.run()
    assert [row["n"] for row in project.rows("shop.raw")] == ["1", "2", "3"]
