"""Rows of somebody's pipeline, traced by the engine."""

from contextlib import AbstractContextManager

from local.engine.tracing.row_tracing import RowTracing, opened_tracing
from tests.local.engine.project import Project

ORDERS = """
@dp.table
def orders():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").option("header", True)
    return files.schema("id INT, name STRING, price DOUBLE").load("/Volumes/main/shop/files/orders")
"""


def tracing(project: Project, code: str) -> AbstractContextManager[RowTracing]:
    project.volume("shop/files/orders/1.csv", "id,name,price\n1,a,1.5\n2,b,2.0\n2,c,3.0\n3,a,9.5\n")
    project.write("transformations/a.py", ORDERS + code)
    project.run(engine="sail")
    return opened_tracing(project.home, lambda _: [project.spec], lambda _: ())


def behind(steps: RowTracing, table: str, where: str) -> tuple[dict[str, list[tuple]], list[str]]:
    rows, _ = steps.rows(f"shop.{table}", where, 10)
    step = steps.behind(f"shop.{table}", rows)
    found = {name: sorted(tuple(one.values.values()) for one in rows) for name, rows in step.behind.items()}
    return found, step.notes


def test_joins_of_a_table_with_itself_windows_and_distinct_rows(project: Project) -> None:
    code = """
from pyspark.sql import Window

@dp.materialized_view
def pairs():
    left = spark.read.table("orders")
    right = spark.read.table("orders").withColumnRenamed("price", "other").drop("name")
    return left.join(right, left.id == right.id, "left").select(left.id, F.col("other"), left["price"])

@dp.materialized_view
def places():
    ranked = spark.read.table("orders").withColumn("place", F.rank().over(Window.orderBy("price")))
    return ranked.filter("place < 4").select("name", "place")

@dp.materialized_view
def names():
    known = spark.read.table("orders").where("price > 2").select("id")
    return spark.read.table("orders").join(known, "id", "left_semi").select("name").distinct()
"""
    with tracing(project, code) as steps:
        pairs, notes = behind(steps, "pairs", "id = 2 and other = 3.0")
        assert (pairs, notes) == ({"shop.orders": [(2, "b", 2.0), (2, "c", 3.0)]}, [])
        assert behind(steps, "places", "place = 3") == ({"shop.orders": [(2, "c", 3.0)]}, [])
        assert behind(steps, "names", "name = 'a'") == ({"shop.orders": [(3, "a", 9.5)]}, [])


def test_unions_and_settings_of_a_dataset(project: Project) -> None:
    code = """
@dp.materialized_view
def cheap():
    return spark.read.table("orders").where("price < 3").groupBy("name").agg(F.count("*").alias("number"))

@dp.materialized_view
def by_place():
    rows = spark.read.table("orders").where("id > 2").select("name", "id")
    return spark.read.table("cheap").union(rows)

@dp.materialized_view(spark_conf={"shop.least": "9"})
def dear():
    return spark.read.table("orders").where(F.col("price") > int(spark.conf.get("shop.least")))

@dp.materialized_view
def by_name():
    rows = spark.read.table("orders").where("id > 2").select(F.col("id").alias("number"), "name")
    return spark.read.table("cheap").unionByName(rows).groupBy("name").agg(F.sum("number").alias("total"))
"""
    with tracing(project, code) as steps:
        assert behind(steps, "by_place", "name = 'b'") == ({"shop.cheap": [("b", 1)], "shop.orders": []}, [])
        assert behind(steps, "by_place", "number = 3") == (
            {"shop.cheap": [], "shop.orders": [(3, "a", 9.5)]},
            [],
        )
        assert behind(steps, "dear", "true") == ({"shop.orders": [(3, "a", 9.5)]}, [])
        found = {"shop.cheap": [("a", 1)], "shop.orders": [(3, "a", 9.5)]}
        assert behind(steps, "by_name", "name = 'a'") == (found, [])


def test_what_cannot_be_traced_says_so(project: Project) -> None:
    code = """
@dp.materialized_view
def in_sql():
    return spark.sql("SELECT name, sum(price) AS price FROM orders GROUP BY name")

@dp.materialized_view
def rest():
    rows = spark.read.table("orders").select("id")
    return rows.exceptAll(rows.where("id = 2"))

@dp.materialized_view
def sums():
    total = spark.read.table("orders").agg(F.sum("id").alias("id"))
    return total.union(total)

@dp.materialized_view
def by_python():
    return spark.read.table("orders").select("id").mapInPandas(lambda frames: frames, "id INT")

@dp.materialized_view
def any_of_a_name():
    return spark.read.table("orders").dropDuplicates(["name"])
"""
    with tracing(project, code) as steps:
        for table, reason in (
            ("in_sql", "it is written in SQL"),
            ("rest", "it compares rows with those of another query"),
            ("sums", "it puts figures over whole tables together"),
            ("by_python", "a Python function makes its rows"),
            ("any_of_a_name", "it keeps any one of the rows that agree in some columns"),
        ):
            found, [note] = behind(steps, table, "true")
            assert found == {}
            assert f"shop.{table} is not traced by row: {reason}" in note


def test_rows_of_files_say_where_they_were_read(project: Project) -> None:
    with tracing(project, "") as steps:
        rows, count = steps.rows("shop.orders", "id = 2", 1)
        step = steps.behind("shop.orders", rows)
        assert (len(rows), count, step.from_files) == (1, 2, True)
        assert step.notes == [
            "shop.orders: its rows were read from the files below /Volumes/main/shop/files/orders, and it keeps no "
            "_source_file"
        ]
