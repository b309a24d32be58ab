"""Streams that remember rows of earlier updates, which Apache Spark runs."""

import pytest

from common.errors import UserError
from common.home import Home
from tests.java import need_java
from tests.local.engine.project import Project

CODE = """
@dp.table
def raw():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").schema("id INT, name STRING")
        .load("/Volumes/main/shop/files/raw")
    )

@dp.table
def by_id():
    return spark.readStream.table("raw").dropDuplicates(["id"])

@dp.materialized_view
def counted():
    return spark.read.table("by_id").groupBy().count()
"""
WHY = "dropDuplicates of a stream: it remembers rows of earlier updates, which Sail does not"


def test_sail_alone_refuses_them_and_says_what_to_do(project: Project) -> None:
    project.write("transformations/raw.py", CODE)
    project.volume("shop/files/raw/a.csv", "1,a\n")
    with pytest.raises(UserError, match=rf"raw\.py:\d+: shop\.by_id: {WHY}; run it on Apache Spark"):
        project.run(engine="sail")


@pytest.mark.parametrize(
    "ranked",
    [
        'select("*", place)',
        'select("*", F.sum("id").over(Window.partitionBy("name")))',
        'withColumn("place", place)',
        'selectExpr("*", "last(name) IGNORE NULLS OVER (PARTITION BY id ORDER BY name) AS place")',
        'selectExpr("*", "row_number() OVER (PARTITION BY id ORDER BY name) AS place")',
    ],
)
def test_a_window_over_a_stream_is_told_however_it_is_written(project: Project, ranked: str) -> None:
    project.write(
        "transformations/raw.py",
        f"""{CODE}
from pyspark.sql import Window

@dp.table
def ranked():
    place = F.row_number().over(Window.partitionBy("id").orderBy("name"))
    return spark.readStream.table("raw").{ranked}
""",
    )
    project.volume("shop/files/raw/a.csv", "1,a\n")
    with pytest.raises(UserError, match=r"shop\.ranked: a window function over a stream: it remembers"):
        project.run(engine="sail", select=["shop.raw", "shop.ranked"])


@pytest.mark.parametrize(
    "counted",
    [
        'select(F.count("*").alias("n"))',
        'selectExpr("count(*) AS n")',
        'select(F.expr("coalesce(sum(1), 0)").alias("n"))',
    ],
)
def test_an_aggregate_without_groups_is_of_all_rows_of_a_stream(project: Project, counted: str) -> None:
    project.write(
        "transformations/raw.py",
        f"""{CODE}
@dp.table
def total():
    return spark.readStream.table("raw").{counted}
""",
    )
    chosen = ["shop.raw", "shop.total"]
    project.volume("shop/files/raw/a.csv", "1,a\n2,b\n")
    project.run(engine="sail", select=chosen)
    project.volume("shop/files/raw/b.csv", "3,c\n")
    project.run(engine="sail", select=chosen)
    assert project.rows("select n from shop.total") == [(3,)]


def test_rows_that_only_look_like_an_aggregate_are_appended(project: Project) -> None:
    project.write(
        "transformations/raw.py",
        f"""{CODE}
@dp.table
def seen():
    return spark.readStream.table("raw").selectExpr("id", "name = 'count(1) over (' AS is_a")
""",
    )
    chosen = ["shop.raw", "shop.seen"]
    for number in (1, 2):
        project.volume(f"shop/files/raw/{number}.csv", f"{number},count(1) over (\n")
        project.run(engine="sail", select=chosen)
    assert project.rows("select * from shop.seen order by 1") == [(1, True), (2, True)]
    assert {event.dataset: event.rows for event in project.events if event.state == "COMPLETED"} == {
        "shop.raw": 1,
        "shop.seen": 1,
    }


def test_they_run_on_spark_with_what_comes_after_them(project: Project) -> None:
    need_java()
    project.write("transformations/raw.py", CODE)
    project.volume("shop/files/raw/a.csv", "1,a\n2,b\n2,b\n")
    result = project.run()
    [told] = [event.message for event in project.events if not event.dataset]
    assert told.startswith("the rest runs on Apache Spark: ") and WHY in told and result.engine == "spark"
    project.volume("shop/files/raw/b.csv", "2,b\n3,c\n")
    project.run()
    assert project.rows("select id from shop.by_id order by 1") == [(1,), (2,), (3,)]
    assert project.rows("select count from shop.counted") == [(3,)]
    assert project.run().seconds < 1
    project.run(full_refresh=True, engine="spark")
    assert project.rows("select id from shop.by_id order by 1") == [(1,), (2,), (3,)]


WINDOWS = """
def stream(name, columns):
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").schema(columns)
        .load(f"/Volumes/main/shop/files/{name}")
    )

@dp.table
def by_hour():
    orders = stream("orders", "id INT, at TIMESTAMP").withWatermark("at", "1 hour")
    return orders.groupBy(F.window("at", "1 hour")).count().select("window.start", "count")

@dp.table
def paid():
    orders = stream("orders", "id INT, at TIMESTAMP").withWatermark("at", "1 hour")
    paid = stream("paid", "paid_id INT, paid_at TIMESTAMP").withWatermark("paid_at", "1 hour")
    soon = F.expr("id = paid_id and paid_at between at and at + interval 2 hours")
    return orders.join(paid, soon).select("id", "paid_at")
"""


def test_windows_and_joins_of_streams_remember_rows_when_the_home_is_moved(project: Project) -> None:
    need_java()
    project.write("transformations/windows.py", WINDOWS)
    project.volume("shop/files/orders/1.csv", "1,2024-01-01 10:00:00\n2,2024-01-01 10:30:00\n")
    project.volume("shop/files/paid/1.csv", "1,2024-01-01 10:45:00\n")
    project.run(engine="spark")
    assert project.rows("select id from shop.paid") == [(1,)]
    # The watermark has not passed the end of a window.
    assert project.rows("select * from shop.by_hour") == []
    project.home = Home(project.home.path.rename(project.home.path.with_name("elsewhere")))
    project.volume("shop/files/orders/2.csv", "3,2024-01-01 10:50:00\n4,2024-01-01 13:30:00\n")
    project.volume("shop/files/paid/2.csv", "2,2024-01-01 12:00:00\n3,2024-01-01 15:00:00\n")
    project.run(engine="spark")
    assert project.rows("select hour(start), count from shop.by_hour") == [(10, 3)]
    assert project.rows("select id from shop.paid order by id") == [(1,), (2,)]
