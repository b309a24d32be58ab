"""Each kind of finding with its exact line: a line that ends with `#! code` or `--! code` is where one is expected."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from common.home import Home
from lakehouse.specs import spec_of
from local.engine.checking.check import check
from local.engine.checking.findings import MEANINGS, Finding
from pipelines.catalog import PIPELINES
from tests.local.engine.project import Project

MARK = re.compile(r"(?:#|--)! ([\w-]+)")
ORDERS = """
@dp.table(schema="order_id STRING, price DECIMAL(12,2), placed_at TIMESTAMP")
def orders():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
        .schema("order_id STRING, price DECIMAL(12,2), placed_at TIMESTAMP").load("/Volumes/main/raw/orders")
    )
"""


def found(project: Project) -> list[Finding]:
    """What the check says of the project, whose marks say where it is to say it."""
    files = [file for file in project.root.rglob("*") if file.suffix in (".py", ".sql")]
    marked = {
        f"{file.name}:{number} {code}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for code in MARK.findall(line)
    }
    findings = check([project.spec], project.home)
    told = {f"{one.place.file.name}:{one.place.line} {one.code}" for one in findings}
    assert (sorted(told - marked), sorted(marked - told)) == ([], []), findings
    return findings


def said(project: Project, text: str) -> None:
    """The check finds what is marked, and says this."""
    messages = [one.message for one in found(project)]
    assert any(text in message for message in messages), messages


def test_nothing_is_found_in_our_own_pipelines_without_a_home(tmp_path: Path) -> None:
    assert check([spec_of(pipeline.name) for pipeline in PIPELINES], Home(tmp_path / "nowhere")) == []
    assert not (tmp_path / "nowhere").exists()


def test_the_page_says_what_each_code_means(repository: Path) -> None:
    page = (repository / "docs" / "check.md").read_text(encoding="utf-8")
    listed = page.partition("## Findings")[2].replace("\n  ", " ").splitlines()
    told = [line for line in listed if line.startswith("* ")]
    for line, (code, meaning) in zip(told, MEANINGS.items(), strict=True):
        assert line.startswith(f"* `{code}`: {meaning}")


PYTHON = {
    "a column that a select names": (
        """
        @dp.materialized_view
        def sums():
            orders = spark.read.table("orders")
            return orders.select("order_id",
                                 F.col("pric"))  #! unknown-column
        """,
        "there is no column pric in shop.orders: did you mean price?",
    ),
    "a column in a helper that the query calls": (
        """
        def with_year(rows):
            rows = rows.withColumn("year", F.year("placed"))  #! unknown-column
            return rows

        @dp.materialized_view
        def years():
            return with_year(spark.read.table("orders"))
        """,
        "there is no column placed in shop.orders: did you mean placed_at?",
    ),
    "a column in SQL over several lines": (
        '''
        @dp.materialized_view
        def sums():
            return spark.sql(
                """
                SELECT order_id,
                       sum(o.pricee) AS total  --! unknown-column
                FROM orders o GROUP BY order_id
                """
            )
        ''',
        "did you mean price?",
    ),
    "a column that a step left out": (
        """
        @dp.materialized_view
        def sums():
            rows = spark.read.table("orders").select("order_id")
            return rows.withColumn("half", F.col("price") / 2)  #! unknown-column
        """,
        "shop.orders has it, under another alias, or a step before leaves it out",
    ),
    "a table": (
        """
        @dp.materialized_view
        def sums():
            rows = spark.read.table("order")  #! unknown-table
            return rows.join(spark.read.table("customers"), "id")  #! unknown-table
        """,
        "there is no table shop.order in this pipeline or in the home: did you mean shop.orders?",
    ),
    "a circle": (
        """
        @dp.materialized_view  #! not-checked
        def a():
            return spark.read.table("b")

        @dp.materialized_view  #! not-checked
        def b():
            return spark.read.table("c")

        @dp.materialized_view
        def c():
            return spark.read.table("a")  #! cycle
        """,
        "the datasets read each other in a circle: shop.a reads shop.b reads shop.c reads shop.a",
    ),
}


@pytest.mark.parametrize(("code", "text"), PYTHON.values(), ids=PYTHON)
def test_a_finding_in_python_has_its_line(project: Project, code: str, text: str) -> None:
    project.write("transformations/a.py", ORDERS + dedent(code))
    said(project, text)


def test_a_finding_in_sql_has_its_line(project: Project) -> None:
    project.write("transformations/orders.py", ORDERS)
    project.write(
        "transformations/a.sql",
        """
        CREATE OR REFRESH STREAMING TABLE paid (
          CONSTRAINT whole EXPECT (order_id IS NOT NULL),
          CONSTRAINT paid EXPECT (pricee > 0) ON VIOLATION DROP ROW  --! expectation
        ) AS
        SELECT order_id, price
        FROM STREAM(orders);

        -- a comment; with a semicolon
        CREATE MATERIALIZED VIEW sums AS
        SELECT o.order_id,
               sum(o.price) AS total,
               max(o.placed) AS latest  --! unknown-column
        FROM orders o
        JOIN paid p ON p.orderid = o.order_id  --! unknown-column
        GROUP BY 1;

        CREATE MATERIALIZED VIEW customers AS
        SELECT * FROM shop.customer  --! unknown-table
        JOIN silver.nowhere USING (id);  --! unknown-table

        CREATE MATERIALIZED VIEW broken
        COMMENT 'its query'
        AS
        SELECT order_id,
          sum(price AS total  --! file
        FROM orders;

        CREATE MATERIALIZED VIEW odd AS
        SELECT no_such(price) FROM orders;  --! query

        CREATE STREAMING TABLE current;

        CREATE FLOW changes AS AUTO CDC INTO current
        FROM STREAM(paid)
        KEYS (order_id, customer_id)  --! cdc-column
        SEQUENCE BY placed_at;  --! cdc-column
        """,
    )
    said(project, "there is no column o.placed in shop.orders, shop.paid: did you mean placed_at?")


def test_every_finding_of_datasets_flows_and_expectations_has_its_line(project: Project) -> None:
    project.write(
        "transformations/a.py",
        ORDERS
        + dedent("""
        @dp.materialized_view
        @dp.expect_all({
            "priced": "price > 0",
            "whole": "order_idd IS NOT NULL",  #! expectation
            "odd": "price >",  #! expectation
        })
        def sums():
            return spark.read.table("orders")

        @dp.materialized_view(schema="order_id STRING, total DOUBLE")  #! declared-column
        def totals():
            return spark.read.table("orders").select(
                "order_id",
                "price",  #! declared-column
            )

        @dp.materialized_view  #! stream
        def streamed():
            return spark.readStream.table("orders")

        dp.create_streaming_table("all_orders")

        @dp.append_flow(target="all_orders")  #! stream
        def batch():
            return spark.read.table("orders")

        @dp.temporary_view
        def new_orders():
            return spark.readStream.table("orders")

        @dp.materialized_view
        def of_a_stream():
            return spark.read.table("new_orders")  #! stream

        dp.create_streaming_table("current")

        dp.create_auto_cdc_flow(
            target="current",
            source="new_orders",
            keys=["order_id", "id"],  #! cdc-column
            sequence_by=F.struct("placed_at", "version"),  #! cdc-column
            apply_as_deletes="operation = 'DELETE'",  #! cdc-column
            except_column_list=["_rescued_data"],  #! cdc-column
        )

        dp.create_streaming_table("history")

        dp.create_auto_cdc_from_snapshot_flow(
            target="history",
            source="sums",
            keys=["orderid"],  #! cdc-column
            stored_as_scd_type=2,
        )

        @dp.materialized_view(name="orders")  #! duplicate-name
        def again():
            return spark.read.table("sums")

        @dp.append_flow(target="nowhere")  #! definition
        def lost():
            return spark.readStream.table("orders")

        dp.create_streaming_table("empty")  #! definition

        @dp.tabel  #! not-supplied
        def misspelt():
            return spark.range(1)
        """),
    )
    said(project, "AUTO CDC into shop.current: keys: there is no column id in new_orders")


REFUSED = {
    "python": (
        "a.py",
        """
        import dlt
        from pyspark.sql import SparkSession

        @dp.foreach_sink  #! not-supplied
        def sink(batch):
            pass

        dp.create_sink("events", "kafka", {"topic": "a"})  #! not-supplied

        @dp.append_flow(target="events")  #! not-checked
        def into_events():
            return spark.readStream.table("rows")

        @dp.materialized_view(row_filter="f ON (id)")  #! not-supplied
        def filtered():
            return spark.range(1)

        dp.create_streaming_table("rows")

        @dp.append_flow(target="rows", once=True)
        def once():
            return spark.range(1)

        @dp.append_flow(target="rows")
        def kafka():
            return spark.readStream.format("kafka").option("topic", "a").load()  #! not-supplied

        @dp.append_flow(target="rows")
        def cloud():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id BIGINT")
                .load("s3://bucket/rows")  #! not-supplied
            )

        @dp.append_flow(target="rows")
        def moved():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id BIGINT")
                .option("cloudFiles.cleanSource", "MOVE").load("/Volumes/a/b/c")  #! not-supplied
            )

        @dp.materialized_view
        def by_context():
            return spark.createDataFrame(spark.sparkContext.parallelize([1]))  #! not-supplied

        @dp.materialized_view
        def by_rdd():
            return spark.range(1).rdd.toDF()  #! not-supplied

        @dp.materialized_view
        def by_sc():
            return sc.parallelize([1])  #! not-supplied

        @dp.materialized_view
        def by_jdbc():
            return spark.read.jdbc("jdbc:x", "t")  #! not-supplied

        @dp.materialized_view
        def written():
            spark.range(1).write.saveAsTable("other")  #! not-supplied
            return spark.range(1)

        @dp.materialized_view
        def asked():
            return spark.range(1).select(F.expr("ai_query('m', 'q')"))  #! not-supplied

        dp.create_auto_cdc_flow("t", "rows", ["id"], sequence_by="id", where="id > 1")  #! not-supplied
        dbutils.secrets.get("scope", "key")  #! not-supplied
        """,
    ),
    "sql": (
        "a.sql",
        """
        CREATE TABLE plain AS SELECT 1 AS a;  --! not-supplied
        INSERT INTO other SELECT 1;  --! not-supplied
        MERGE INTO other USING a ON true;  --! not-supplied
        CREATE MATERIALIZED VIEW filtered
        WITH ROW FILTER f ON (a)  --! not-supplied
        AS SELECT 1 AS a;
        CREATE MATERIALIZED VIEW masked (
          a INT,
          b STRING MASK f  --! not-supplied
        ) AS SELECT 1 AS a, 'x' AS b;
        CREATE MATERIALIZED VIEW counted (
          a BIGINT GENERATED ALWAYS AS IDENTITY  --! not-supplied
        ) AS SELECT 1 AS b;
        CREATE STREAMING TABLE kept;
        AUTO CDC INTO kept FROM STREAM(rows) KEYS (a)
        WHERE a > 1  --! not-supplied
        SEQUENCE BY a;
        CREATE MATERIALIZED VIEW listed USING csv AS SELECT 1 AS a;  --! not-supplied
        CREATE MATERIALIZED VIEW named AS TABLE other;  --! not-supplied
        CREATE MATERIALIZED VIEW other DEFAULT COLLATION UNICODE AS SELECT 1 AS a;  --! not-supplied
        DROP TABLE other;  --! not-supplied
        """,
    ),
}


@pytest.mark.parametrize("language", ["python", "sql"])
def test_every_refusal_has_its_line_and_none_hides_another(project: Project, language: str) -> None:
    name, text = REFUSED[language]
    project.write(f"transformations/{name}", text)
    findings = found(project)
    assert all(one.message for one in findings)
