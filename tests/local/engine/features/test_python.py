"""What a Python file of a pipeline may define, tried on both engines."""

import pytest

from common.errors import UserError
from local.engine.sessions.engines import EngineName
from tests.local.engine.project import Project

EVENTS = '{"id": 1, "n": 10}\n{"id": 2, "n": 20}\n'
STREAM = (
    "spark.readStream.format('cloudFiles').option('cloudFiles.format', 'json').schema('id INT, n INT')"
    ".load('/Volumes/main/shop/files/events')"
)


@pytest.mark.lakeflow(
    "from pyspark import pipelines",
    "@table over a streaming query",
    "@table over a batch query",
    "@materialized_view",
    "@materialized_view(private=True)",
    "@temporary_view",
    "@view",
    "@table(temporary=True)",
    "three-part names in Python",
    "tables made in a loop",
    "spark.sql in a file",
    "df.columns and df.schema in a query",
    "df.a == df.b joins",
)
def test_datasets(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        f"""
        @dp.table(table_properties={{"delta.enableChangeDataFeed": "true"}}, cluster_by=["id"])
        def stream():
            return ({STREAM})

        @dp.table
        def batch():
            return spark.read.table("main.shop.stream").where("id = 1")

        @dp.view
        def seen():
            return spark.read.table("stream")

        @dp.temporary_view()
        def also_seen():
            return spark.sql("SELECT id, n + 1 AS more FROM seen")

        @dp.materialized_view(name="joined", comment="both", private=True)
        def anything():
            left, right = spark.read.table("seen"), spark.read.table("also_seen")
            assert left.columns == ["id", "n"] and left.schema["n"].dataType.simpleString() == "int"
            return left.join(right, left.id == right.id).select(left.id, right.more)

        @dp.table(temporary=True)
        def passing():
            return spark.read.table("joined")

        for number in (1, 2):
            def made(number=number):
                return spark.read.table("passing").where(F.col("id") == number)

            dp.materialized_view(made, name=f"other.shelf.made_{{number}}")
        """,
    )
    project.volume("shop/files/events/1.json", EVENTS)
    project.run(engine=engine)
    assert project.rows("SELECT id, n FROM shop.batch") == [(1, 10)]
    assert project.rows("SELECT id, more FROM other.shelf.made_2") == [(2, 21)]
    project.volume("shop/files/events/2.json", '{"id": 3, "n": 30}\n')
    project.run(engine=engine)
    assert project.rows("SELECT id FROM shop.stream ORDER BY id") == [(1,), (2,), (3,)]


@pytest.mark.lakeflow(
    "import dlt",
    "@create_table",
    "dlt.read",
    "dlt.read_stream",
    "LIVE.x in a Python read",
    "createDataFrame",
    "decorators above the dataset's",
    "UDF and pandas UDF",
    "batch spark.read of files",
)
def test_the_old_module(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        f"""
        import dlt
        import pandas as pd
        from pyspark.sql.types import StringType

        @dlt.create_table(comment="the old name")
        def stream():
            return ({STREAM})

        @dlt.expect("some", "n > 0")
        @dlt.table
        def more():
            return dlt.read_stream("stream").union(spark.readStream.table("LIVE.stream"))

        plain = F.udf(lambda n: f"<{{n}}>", StringType())

        @F.pandas_udf("int")
        def twice(n: pd.Series) -> pd.Series:
            return n * 2

        @dlt.table
        def names():
            rows = dlt.read("stream").join(spark.createDataFrame([(1, "one")], "id INT, name STRING"), "id")
            files = spark.read.json("/Volumes/main/shop/files/events").selectExpr("id AS file_id").distinct()
            return rows.join(files, F.col("id") == F.col("file_id")).select(
                "id", "name", plain("n").alias("text"), twice("n").alias("double"))
        """,
    )
    project.volume("shop/files/events/1.json", EVENTS)
    project.run(engine=engine)
    assert project.rows("SELECT * FROM shop.names") == [(1, "one", "<10>", 20)]
    assert project.rows("SELECT count(*) FROM shop.more") == [(4,)]


@pytest.mark.lakeflow("schema=", "typed columns, PRIMARY KEY, GENERATED")
def test_a_schema_with_generated_columns_and_keys(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        """
        ORDERS = \"\"\"
            at STRING NOT NULL, day STRING GENERATED ALWAYS AS (dayofweek(at)) COMMENT 'of the week',
            id INT, CONSTRAINT orders_key PRIMARY KEY (id)\"\"\"

        @dp.table(schema=ORDERS, partition_cols=["day"])
        def orders():
            return spark.createDataFrame([("2018-01-01", 1)], "at STRING, id INT")

        dp.create_streaming_table("all_orders", schema=ORDERS)

        @dp.append_flow(target="all_orders")
        def flow():
            return spark.readStream.table("orders").select("at", "id")
        """,
    )
    project.run(engine=engine)
    for table in ("orders", "all_orders"):
        assert project.rows(f"SELECT * FROM shop.{table}") == [("2018-01-01", "2", 1)]


@pytest.mark.lakeflow("sibling imports")
@pytest.mark.parametrize("name", ["common", "local", "lakehouse", "pipelines", "generator"])
def test_siblings_may_have_the_names_of_packages_of_the_engine(
    project: Project, engine: EngineName, name: str
) -> None:
    project.write(f"transformations/{name}/__init__.py", "")
    project.write(f"transformations/{name}/rates.py", "RATE = 2")
    project.write(
        "transformations/a.py",
        f"""
        from {name}.rates import RATE

        @dp.materialized_view
        def t():
            from {name} import rates
            return spark.sql(f"SELECT {{RATE + rates.RATE}} AS rate, cast(1.5D AS STRING) AS text")
        """,
    )
    project.run(engine=engine)
    assert project.rows("SELECT * FROM shop.t") == [(4, "1.5")]


@pytest.mark.parametrize(
    ("schema", "row", "broken"),
    [
        ('"id INT NOT NULL"', "cast(null AS INT) AS id", "id NOT NULL"),
        (
            'T.StructType([T.StructField("id", T.IntegerType(), False)])',
            "cast(null AS INT) AS id",
            "id NOT NULL",
        ),
        (
            'T.StructType([T.StructField("a", T.StructType([T.StructField("b", T.IntegerType(), False)]))])',
            "named_struct('b', cast(null AS INT)) AS a",
            r"a\.b NOT NULL",
        ),
    ],
    ids=["DDL", "StructType", "a field of a struct"],
)
def test_a_null_where_a_schema_takes_none_fails_the_update(
    project: Project, schema: str, row: str, broken: str
) -> None:
    project.write(
        "transformations/a.py",
        f"""
        from pyspark.sql import types as T

        @dp.table(schema={schema})
        def t():
            return spark.sql("SELECT {row}")
        """,
    )
    with pytest.raises(UserError, match=broken):
        project.run(engine="sail")


def test_what_a_schema_takes_no_null_for_may_be_null_in_an_event_that_deletes(project: Project) -> None:
    project.write(
        "transformations/a.py",
        """
        from pyspark.sql import types as T

        @dp.table
        def events():
            return spark.createDataFrame([(1, "a", 1), (2, "b", 1), (1, None, 2)], "id INT, name STRING, at INT")

        NAMED = T.StructType([
            T.StructField("id", T.IntegerType(), False),
            T.StructField("name", T.StringType(), False),
            T.StructField("at", T.IntegerType()),
            T.StructField("__START_AT", T.IntegerType(), False),
            T.StructField("__END_AT", T.IntegerType()),
        ])
        dp.create_streaming_table("named", schema=NAMED)
        dp.create_auto_cdc_flow(
            "named", "events", ["id"], "at", apply_as_deletes="name IS NULL", stored_as_scd_type=2)
        """,
    )
    project.run(engine="sail")
    assert sorted(project.rows("SELECT id, name, __END_AT FROM shop.named")) == [(1, "a", 2), (2, "b", None)]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print(1)", r"a.py:6: the function gives nothing: return a DataFrame"),
        ("return [1]", r"a.py:6: the function gives list: return a DataFrame"),
        ("return spark.sql('OPTIMIZE t')", r"a.py:8: OPTIMIZE is no query"),
    ],
)
def test_what_is_no_rows_is_named(project: Project, code: str, said: str) -> None:
    project.write("transformations/a.py", f"\n@dp.table\ndef t():\n    {code}\n")
    with pytest.raises(UserError, match=said):
        project.run(engine="sail")


@pytest.mark.lakeflow(
    "create_streaming_table",
    "append_flow",
    "append_flow(once=True)",
    "append_flow(comment=...)",
    "schema=",
    "create_streaming_table(expect_all*=)",
    "table_properties",
    "partition_cols",
    "cluster_by",
    "path=",
    "spark_conf=",
    "create_sink",
    "foreach_batch_sink",
    "create_streaming_live_table",
)
def test_flows_and_sinks(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        f"""
        dp.create_streaming_table(
            "both", schema="id INT COMMENT 'key', n INT, way STRING", partition_cols=["way"], path="/somewhere",
            table_properties={{"quality": "bronze"}}, spark_conf={{"spark.sql.shuffle.partitions": "2"}},
            expect_all={{"some": "n > 0"}}, expect_all_or_drop={{"small": "n < 20"}})
        dp.create_streaming_live_table("old", cluster_by=["id"])
        dp.create_sink("elsewhere", "delta", {{"tableName": "archive.events"}})
        seen = []

        @dp.append_flow(target="both", name="first", comment="new ones")
        def new_events():
            return ({STREAM}).withColumn("way", F.lit("stream"))

        @dp.append_flow(target="both", once=True)
        def backfill():
            return spark.createDataFrame([(9, 9, "once")], "id INT, n INT, way STRING")

        @dp.append_flow(target="old")
        def into_old():
            return spark.readStream.table("both")

        @dp.append_flow(target="elsewhere")
        def into_elsewhere():
            return spark.readStream.table("both")

        @dp.foreach_batch_sink(name="batches")
        def handle(batch, number):
            batch.write.format("noop").mode("overwrite").save()
            batch.sparkSession.createDataFrame([(number, batch.count())], "number INT, rows BIGINT").toPandas()

        @dp.append_flow(target="batches")
        def into_batches():
            return spark.readStream.table("both")
        """,
    )
    project.volume("shop/files/events/1.json", EVENTS)
    project.run(engine=engine)
    assert project.rows("SELECT id, way FROM shop.both ORDER BY id") == [(1, "stream"), (9, "once")]
    assert project.rows("SELECT count(*) FROM shop.old") == [(2,)]
    assert project.rows("SELECT id FROM archive.events ORDER BY id") == [(1,), (9,)]
    events = project.run(engine=engine, full_refresh=True).datasets
    failed = [one.failed for event in events for one in event.expectations if one.name == "small"]
    assert sum(failed) == 1


@pytest.mark.lakeflow(
    "spark.conf.get",
    "spark.conf.set",
    "dbutils",
    "notebooks (.py, .sql, .ipynb)",
    "%pip, %run",
    "sibling imports",
    "rules read from a table with collect()",
    "pivot",
)
def test_the_session_and_notebooks(project: Project, engine: EngineName) -> None:
    project.write("transformations/helpers.py", "def doubled(n):\n    return n * 2\n")
    project.write(
        "transformations/a.py",
        """
        # COMMAND ----------
        # MAGIC %pip install something
        # COMMAND ----------
        import helpers

        spark.conf.set("mine.factor", "3")
        names = [file.name for file in dbutils.fs.ls("/Volumes/main/shop/files/rules")]

        @dp.materialized_view
        def rules():
            return spark.read.option("header", True).csv("/Volumes/main/shop/files/rules")

        @dp.materialized_view
        def rows():
            limit = int(spark.conf.get("shop.limit")) * int(spark.conf.get("mine.factor"))
            wanted = [row.rule for row in spark.read.table("rules").collect()]
            frame = spark.range(helpers.doubled(20)).where(F.expr(f"id > {limit}"))
            for rule in wanted:
                frame = frame.where(rule)
            parity = F.expr("if(id % 2 = 0, 'even', 'odd')")
            return frame.withColumn("parity", parity).withColumn("files", F.lit(len(names)))

        @dp.materialized_view
        def pivoted():
            return spark.read.table("rows").groupBy("files").pivot("parity", ["even", "odd"]).agg(F.sum("id"))
        """,
    )
    project.volume("shop/files/rules/r.csv", "rule\nid < 34\n")
    project.write(
        "transformations/b.sql",
        "-- Databricks notebook source\nCREATE MATERIALIZED VIEW c AS SELECT count(*) AS n FROM rows\n"
        "-- COMMAND ----------\n-- MAGIC %md text",
    )
    project.run(engine=engine)
    assert project.rows("SELECT n FROM shop.c") == [(3,)]
    assert project.rows("SELECT * FROM shop.pivoted") == [(1, 32, 64)]


@pytest.mark.lakeflow("on_event_hook")
def test_hooks_are_told_of_events(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        """
        import json
        from pathlib import Path

        @dp.on_event_hook
        def keep(event):
            name, status = event["origin"]["flow_name"], event["details"]["flow_progress"]["status"]
            Path(spark.conf.get("shop.told")).write_text(f"{name} {status} {event['timestamp'][:2]}")

        @dp.on_event_hook(max_allowable_consecutive_failures=0)
        def broken(event):
            raise ValueError("no network")

        @dp.materialized_view
        def t():
            return spark.range(3)
        """.replace('spark.conf.get("shop.told")', repr(str(project.home.path / "told"))),
    )
    project.run(engine=engine)
    assert (project.home.path / "told").read_text(encoding="utf-8") == "shop.t COMPLETED 20"
    messages = [event.message for event in project.events if "event hook" in event.message]
    assert messages == [
        "the event hook broken failed: ValueError: no network",
        "the event hook broken is not called again in this update",
    ]


def test_a_column_that_is_not_there_is_named_in_plain_words(project: Project) -> None:
    project.write("transformations/a.sql", "CREATE MATERIALIZED VIEW a AS SELECT 1 AS id")
    project.write("transformations/b.sql", "CREATE MATERIALIZED VIEW b AS\nSELECT a.idd FROM a")
    with pytest.raises(UserError, match=r"shop\.b.*there is no column a\.idd"):
        project.run()


@pytest.mark.lakeflow("current_catalog(), current_schema(), spark.catalog.tableExists")
def test_the_pipelines_own_catalog(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        """
        LOADED = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}"

        def there(name):
            return F.lit(spark.catalog.tableExists(name))

        @dp.materialized_view
        def named():
            return spark.range(1).select(
                F.lit(LOADED).alias("loaded"), F.current_catalog().alias("c"), F.current_schema().alias("s"),
                F.expr("concat('current_schema()', Current_Database ( ))").alias("e"),
                F.call_function("current_schema").alias("f"),
            )

        @dp.materialized_view
        def queried():
            return spark.sql("SELECT current_catalog() AS c, current_schema() AS s, current_database() AS d")

        @dp.materialized_view
        def found():
            names = {"own": "named", "full": "main.shop.named", "none": "nowhere"}
            return spark.range(1).select(*(there(name).alias(column) for column, name in names.items()))
        """,
    )
    project.write(
        "transformations/b.sql",
        """
        CREATE MATERIALIZED VIEW before AS SELECT current_catalog() AS c, current_schema() AS s;
        USE SCHEMA other;
        CREATE MATERIALIZED VIEW after AS SELECT current_catalog() AS c, current_schema() AS s;
        """,
    )
    project.run(engine=engine)
    assert project.rows("SELECT * FROM shop.named") == [
        ("main.shop", "main", "shop", "current_schema()shop", "shop")
    ]
    assert project.rows("SELECT * FROM shop.queried") == [("main", "shop", "shop")]
    assert project.rows("SELECT own, full, none FROM shop.found") == [(True, True, False)]
    assert project.rows("SELECT * FROM shop.before") == [("main", "shop")]
    assert project.rows("SELECT * FROM other.after") == [("main", "other")]
