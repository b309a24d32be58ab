"""Lineage by column of datasets in Python, as a run keeps it."""

from tests.local.engine.lineage.told import told_of
from tests.local.engine.project import Project

ROWS = "id,name,price\n1,a,1.5\n2,b,2.0\n2,c,3.0\n"
FILES = "/Volumes/main/shop/files/orders"
ORDERS = f"""
@dp.table
def orders():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").option("header", True)
    return files.schema("id INT, name STRING, price DOUBLE").load("{FILES}").select("id", "name", "price")
"""


def ran(project: Project, code: str) -> Project:
    project.volume("shop/files/orders/1.csv", ROWS)
    project.write("transformations/a.py", ORDERS + code)
    project.run(engine="sail")
    return project


def test_frames_that_are_joined_with_themselves_and_renamed(project: Project) -> None:
    ran(
        project,
        """
@dp.materialized_view
def pairs():
    left = spark.read.table("orders")
    right = spark.read.table("orders").withColumnRenamed("price", "other").drop("name")
    both = left.join(right, left.id == right.id, "left")
    return both.select(left.id, F.col("other"), left["price"] + right["other"], F.lit(1).alias("one"))
""",
    )
    told = told_of(project, "pairs")
    assert [*told.values()] == [
        {"orders.id IDENTITY"},
        {"orders.price IDENTITY"},
        {"orders.price TRANSFORMATION"},
        set(),
        {"orders.id JOIN"},
    ]


def test_structs_windows_sets_and_expressions_in_sql(project: Project) -> None:
    ran(
        project,
        """
from pyspark.sql import Window

@dp.materialized_view
def latest():
    rows = spark.read.table("orders")
    best = rows.groupBy("id").agg(F.max_by(F.struct("name", F.col("price").alias("cost")), "price").alias("best"))
    flat = best.select("id", "best.name", F.col("best").getField("cost").alias("cost"))
    ranked = flat.withColumn("place", F.rank().over(Window.partitionBy("name").orderBy("cost")))
    return ranked.filter("place = 1").withColumn("text", F.expr("concat(name, '-', id)")).dropDuplicates(["text"])


@dp.materialized_view
def ordered():
    return spark.read.table("orders").orderBy(F.desc("price"), "id").select("name")


@dp.materialized_view
def taken():
    rows = spark.read.table("orders")
    return rows.select("id").union(rows.selectExpr("cast(price as int) as x")).unionByName(rows.select("id"))
""",
    )
    assert told_of(project, "latest") == {
        "id": {"orders.id IDENTITY"},
        "name": {"orders.name AGGREGATION", "orders.price CONDITIONAL"},
        "cost": {"orders.price AGGREGATION, CONDITIONAL"},
        "place": {"orders.name WINDOW", "orders.price WINDOW"},
        "text": {"orders.id TRANSFORMATION", "orders.name AGGREGATION", "orders.price CONDITIONAL"},
        "rows": {"orders.id GROUP_BY", "orders.name FILTER, GROUP_BY", "orders.price FILTER, GROUP_BY"},
    }
    assert told_of(project, "ordered") == {
        "name": {"orders.name IDENTITY"},
        "rows": {"orders.id SORT", "orders.price SORT"},
    }
    assert told_of(project, "taken") == {
        "id": {"orders.id IDENTITY", "orders.price TRANSFORMATION"},
        "rows": set(),
    }


def test_names_that_sql_within_a_plan_gives(project: Project) -> None:
    ran(
        project,
        """
@dp.materialized_view
def named():
    rows = spark.read.table("orders").selectExpr("*", "upper(name) AS loud", "price * 2 AS `double price`", "1 AS one")
    rows = rows.select("*", F.expr("named_struct('of', id, 'cost', price) AS both"), F.expr("loud || '!'").alias("l"))
    sums = rows.groupBy("loud").agg(F.expr("sum(`double price`) AS total"), F.expr("max(both.of) AS last"))
    return sums.selectExpr("loud AS word", "total", "CAST(last AS STRING) AS last").filter("total > 1")

@dp.materialized_view
def several():
    rows = spark.read.table("orders").selectExpr("id", "array(name, 'x') AS words", "cast(price AS INT)")
    rows = rows.selectExpr("id", "posexplode(words) AS (at, word)", "price")
    return rows.select("*", F.expr("posexplode(array(word))").alias("again", "part"))
""",
    )
    assert told_of(project, "named") == {
        "word": {"orders.name TRANSFORMATION"},
        "total": {"orders.price AGGREGATION"},
        "last": {"orders.id AGGREGATION"},
        "rows": {"orders.name GROUP_BY", "orders.price FILTER"},
    }
    assert told_of(project, "several") == {
        "id": {"orders.id IDENTITY"},
        "at": set(),
        "word": {"orders.name TRANSFORMATION"},
        "price": {"orders.price TRANSFORMATION"},
        "again": set(),
        "part": {"orders.name TRANSFORMATION"},
        "rows": set(),
    }


def test_views_with_expectations_and_targets_of_auto_cdc(project: Project) -> None:
    ran(
        project,
        """
@dp.temporary_view
@dp.expect_or_drop("costs", "price > 0")
@dp.expect_or_drop("named", F.col("name").isNotNull())
def kept():
    return spark.readStream.table("orders").withColumn("loud", F.upper("name"))

dp.create_streaming_table("current")
dp.create_auto_cdc_flow(
    target="current", source="kept", keys=["id"], sequence_by=F.col("price"), except_column_list=["name"],
    apply_as_deletes="name = 'gone'", stored_as_scd_type=2, track_history_column_list=["loud"],
)
""",
    )
    assert told_of(project, "current") == {
        "id": {"orders.id IDENTITY"},
        "price": {"orders.price IDENTITY"},
        "loud": {"orders.name TRANSFORMATION"},
        "__START_AT": {"orders.price IDENTITY"},
        "__END_AT": {"orders.price TRANSFORMATION"},
        "rows": {"orders.id GROUP_BY", "orders.name FILTER", "orders.price FILTER, SORT"},
    }


def test_a_frame_whose_columns_the_client_knows_is_walked_as_it_is(project: Project) -> None:
    ran(
        project,
        """
@dp.materialized_view
def cheap():
    rows = spark.read.table("orders").withColumnRenamed("name", "word")
    assert rows.columns == ["id", "word", "price"]
    return rows.filter("price < 3")
""",
    )
    told = told_of(project, "cheap")
    assert told["word"] == {"orders.name IDENTITY"}
    assert told["rows"] == {"orders.price FILTER"}


def test_what_is_not_told_is_said(project: Project) -> None:
    ran(
        project,
        """
@dp.materialized_view
def by_python():
    return spark.read.table("orders").mapInPandas(lambda parts: parts, "id INT, name STRING")

@dp.materialized_view
def given_back():
    ids = [row.id for row in spark.read.table("orders").collect()]
    return spark.createDataFrame([(one, "word") for one in ids], "id INT, word STRING")

@dp.materialized_view
def made():
    return spark.createDataFrame([(1, "word")], "id INT, word STRING")
""",
    )
    for table in ("by_python", "given_back"):
        told = told_of(project, table)
        assert {told[name] for name in told if name != "rows"} == {"unknown"}
    assert told_of(project, "made") == {"id": set(), "word": set(), "rows": set()}


def test_a_flow_that_ran_once_keeps_what_was_told(project: Project) -> None:
    ran(
        project,
        """
dp.create_streaming_table("all_of_them")

@dp.append_flow(target="all_of_them")
def each():
    return spark.readStream.table("orders").select("id")

@dp.append_flow(target="all_of_them", once=True)
def before():
    return spark.read.table("orders").selectExpr("id * 2 AS id")
""",
    )
    project.volume("shop/files/orders/2.csv", ROWS)
    project.run(engine="sail")
    assert told_of(project, "all_of_them", "each")["id"] == {"orders.id IDENTITY"}
    assert told_of(project, "all_of_them", "before")["id"] == {"orders.id TRANSFORMATION"}
