"""Tables that an update does not write are read from their data files, with the rows that Delta gives."""

from typing import Any

import pytest

from local.engine.catalog import create_schemas
from local.engine.data_files import read_files, reading_files
from local.engine.definitions import Definitions
from local.engine.delta_log import table_path
from local.engine.delta_state import table_state
from local.engine.events import UpdateResult
from local.engine.graph import FILES_OF_STREAMS
from local.engine.lakeflow import supplied
from local.engine.past import Past
from local.engine.reads import noted
from local.engine.session import start_engine
from tests.local.engine.conftest import Project

TABLES = {
    "plain": "using delta as select 1 as n",
    "parts": "using delta partitioned by (day) as select 1 as n, 2 as day",
    "empty": "(n int) using delta",
    "mapped": "using delta tblproperties ('delta.columnMapping.mode' = 'name') as select 1 as n",
    "deleted": "using delta tblproperties ('delta.enableDeletionVectors' = true) as select * from range(9) t(n)",
}
READ_FROM_FILES = {"plain"}


@pytest.fixture
def shop(project: Project) -> Project:
    session = start_engine(project.home.warehouse).session()
    create_schemas(session, project.home, ["shop"])
    for name, text in TABLES.items():
        session.sql(f"create table shop.{name} {text}")
    session.sql("delete from shop.deleted where n = 1")
    return project


def test_only_data_files_that_say_it_all_are_read(shop: Project) -> None:
    session = start_engine(shop.home.warehouse).session()
    folders = {name: table_path(shop.home.warehouse, f"shop.{name}") for name in TABLES}
    read = {name: read_files(session, folder) for name, folder in folders.items()}
    assert {name for name, rows in read.items() if rows is not None} == READ_FROM_FILES
    assert read["plain"] is not None
    assert read["plain"].collect() == session.read.table("shop.plain").collect()


def reads_files(rows: Any) -> bool:
    return ".parquet" in str(rows._plan.to_proto(rows.sparkSession.client))


def test_the_table_is_noted_and_not_its_files(shop: Project) -> None:
    engine = start_engine(shop.home.warehouse)
    session, definitions = engine.session(), Definitions("shop")
    with (
        supplied(shop.home, engine.session()),
        reading_files(shop.home, definitions, set()),
        noted() as reads,
    ):
        rows = session.read.table("plain")
        older = session.read.option("versionAsOf", 0).table("shop.plain")
    assert (reads.tables, reads.paths, reads.unknown) == ({"plain", "shop.plain"}, set(), set())
    assert reads_files(rows)
    assert not reads_files(older)
    with reading_files(shop.home, definitions, {"shop.plain"}):
        assert not reads_files(session.read.table("plain"))


SOURCE = """
from pyspark import pipelines as dp

@dp.materialized_view(schema="id BIGINT COMMENT 'What it is now'")
def source():
    return spark.range(3)
"""
READER = """
from pyspark import pipelines as dp

@dp.materialized_view
def reader():
    return spark.read.table("source").select("{column}")
"""


def ran(update: UpdateResult) -> set[str]:
    return {event.dataset for event in update.datasets if event.state == "COMPLETED"}


@pytest.mark.parametrize("column", ["id", "source.id", "shop.source.id", "spark_catalog.shop.source.id"])
def test_columns_keep_their_names_and_comments(project: Project, column: str) -> None:
    project.write("transformations/source.py", SOURCE)
    project.run()
    project.write("transformations/reader.py", READER.format(column=column))
    assert ran(project.run()) == {"shop.reader"}
    assert [row["id"] for row in project.rows("shop.reader")] == [0, 1, 2]
    session = start_engine(project.home.warehouse).session()
    [field] = session.read.table("shop.reader").schema.fields
    assert field.metadata["comment"] == "What it is now"
    assert Past.of(project.spec, project.home).nothing_stale


def test_one_raw_file_becomes_files_that_several_tasks_read(project: Project) -> None:
    [most] = map(int, FILES_OF_STREAMS.values())
    project.volume("landing/in/one.csv", "id\n" + "\n".join(map(str, range(most + 1))))
    project.write(
        "transformations/ids.py",
        """
        from pyspark import pipelines as dp

        @dp.table
        def ids():
            files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv")
            return files.option("header", "true").schema("id STRING").load("/Volumes/main/landing/in")
        """,
    )
    project.run()
    assert len(table_state(table_path(project.home.warehouse, "shop.ids")).files) == 2
    assert {int(row["id"]) for row in project.rows("shop.ids")} == set(range(most + 1))
