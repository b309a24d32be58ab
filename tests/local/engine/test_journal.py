"""A killed or failed update leaves no table empty."""

from pyspark.sql import SparkSession

from local.engine import journal
from local.engine.catalog import create_schemas
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
