"""What `DELETE FROM` of a job's task does: rows go, those of other conditions stay, and AUTO CDC goes on."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

from common.errors import NotSupplied, UserError
from local.engine.planning.plan import Plan
from local.engine.running.task_session import spark_of_task
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.log import cdc_state_of, table_path
from tests.local.engine.project import Project

PIPELINE = """
@dp.table(name="events", schema="id STRING, n INT, text STRING")
def events():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
    return files.schema("id STRING, n INT, text STRING").load(spark.conf.get("shop.files"))

@dp.temporary_view
def news():
    return spark.readStream.option("skipChangeCommits", "true").table("events")

for name, scd_type in (("latest", 1), ("history", 2)):
    dp.create_streaming_table(name)
    dp.create_auto_cdc_flow(target=name, source="news", keys=["id"], sequence_by="n", stored_as_scd_type=scd_type)

@dp.materialized_view
def texts():
    return spark.read.table("latest").select("text")
"""


class Shop(Project):
    """Events of ids, their latest rows and their history."""

    def deliver(self, name: str, *events: tuple[str, int, str]) -> None:
        lines = [f'{{"id": "{one}", "n": {n}, "text": "{text}"}}\n' for one, n, text in events]
        self.volume(f"shop/files/{name}.json", "".join(lines))
        self.run()

    @property
    def spec(self) -> Any:
        """The pipeline, which knows where its files are."""
        from dataclasses import replace

        files = {"shop.files": str(self.home.volumes / "shop/files")}
        return replace(super().spec, configuration=files)

    def hidden(self, name: str) -> list[str]:
        """The ids that AUTO CDC remembers for a target."""
        table = open_table(cdc_state_of(table_path(self.home.warehouse, f"shop.{name}")))
        assert table
        return sorted(row["id"] for row in arrow_table(table).to_pylist())


@pytest.fixture
def shop(project: Project) -> Shop:
    made = Shop(project.root.parent)
    made.write("transformations/shop.py", PIPELINE)
    made.deliver("first", ("a", 1, "Ana"), ("b", 1, "Bia"), ("a", 2, "Ann"))
    return made


@pytest.fixture
def spark(shop: Shop) -> Iterator[SparkSession]:
    """As a task gets it."""
    with spark_of_task(shop.home):
        yield SparkSession.builder.getOrCreate()


def affected(spark: SparkSession, statement: str) -> int:
    [row] = spark.sql(statement).collect()
    return row["num_affected_rows"]


def test_rows_go_and_what_auto_cdc_remembers_of_them(shop: Shop, spark: SparkSession) -> None:
    spark.sql("USE CATALOG `main`")
    assert affected(spark, "DELETE FROM main.shop.events WHERE id = 'a' OR text LIKE 'A%'") == 2
    assert affected(spark, "delete from shop.latest\nwhere text IN ('Ann')") == 1
    assert (
        affected(spark, "-- whole\nDELETE FROM shop.history WHERE lower(text) LIKE 'an%' AND id <> ';';") == 2
    )
    spark.sql("REORG TABLE shop.events APPLY (PURGE)")
    assert [row.id for row in spark.table("main.shop.events").collect()] == ["b"]
    assert [row[0] for row in spark.sql("/* who */ SELECT id FROM shop.latest").collect()] == ["b"]
    assert (shop.hidden("latest"), shop.hidden("history")) == (["b"], ["b"])
    # Streams pass over it, and go on.
    shop.deliver("second", ("b", 2, "Bel"), ("c", 1, "Cid"))
    assert sorted(shop.rows("SELECT id, text FROM shop.latest")) == [("b", "Bel"), ("c", "Cid")]
    assert sorted(shop.rows("SELECT text FROM shop.history")) == [("Bel",), ("Bia",), ("Cid",)]
    assert sorted(shop.rows("SELECT text FROM shop.texts")) == [("Bel",), ("Cid",)]


def test_null_is_not_true_and_nothing_is_deleted_twice(shop: Shop, spark: SparkSession) -> None:
    assert affected(spark, "DELETE FROM shop.events WHERE text = NULL") == 0
    assert affected(spark, "DELETE FROM shop.events WHERE id = 'b'") == 1
    assert Plan.of(shop.spec, shop.home).stale["shop.events"] == "the table itself was changed by a DELETE"
    assert affected(spark, "DELETE FROM shop.events WHERE id = 'b'") == 0
    assert affected(spark, "DELETE FROM shop.events") == 2
    assert shop.rows("SELECT * FROM shop.events") == []


@pytest.mark.parametrize(
    ("statement", "error", "said"),
    [
        ("DELETE FROM shop.texts WHERE true", NotSupplied, "materialized view"),
        (
            "DELETE FROM shop.history WHERE __END_AT IS NULL",
            NotSupplied,
            "by other columns than __START_AT and __END_AT",
        ),
        ("DELETE FROM shop.nowhere WHERE true", UserError, "no table shop.nowhere"),
        ("DELETE FROM shop.events e WHERE e.id = 'a'", NotSupplied, "a task's SQL on one machine"),
        ("DELETE FROM shop.events; DELETE FROM shop.latest", NotSupplied, "a task's SQL on one machine"),
        ("REORG TABLE shop.events", UserError, "APPLY . PURGE . is expected"),
        ("UPDATE shop.events SET id = 'z'", NotSupplied, "a task's SQL on one machine"),
        ("DELETE FROM shop.events WHERE wrong = 1", AnalysisException, "wrong"),
    ],
)
def test_what_is_not_supplied_is_said_and_deletes_nothing(
    shop: Shop, spark: SparkSession, statement: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        spark.sql(statement)
    assert len(shop.rows("SELECT * FROM shop.events")) == 3
    assert len(shop.rows("SELECT * FROM shop.history")) == 3
