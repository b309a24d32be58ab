"""Each kind of finding with its exact line: a line that ends with `#! code` or `--! code` is where one is expected."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from common.home import Home
from lakehouse.specs import spec_of
from local.engine.checking.check import check
from local.engine.checking.findings import Finding
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
        (code, file.name, number)
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for code in MARK.findall(line)
    }
    findings = check([project.spec], project.home)
    assert {(str(one.code), one.place.file.name, one.place.line) for one in findings} == marked
    return findings


def said(project: Project, text: str) -> None:
    """The check finds what is marked, and says this."""
    messages = [one.message for one in found(project)]
    assert any(text in message for message in messages), messages


@pytest.mark.parametrize("pipeline", [pipeline.name for pipeline in PIPELINES])
def test_nothing_is_found_in_our_own_pipelines_without_a_home(tmp_path: Path, pipeline: str) -> None:
    others = {"quality": ["medallion", "cdc", "quality"]}.get(pipeline, [pipeline])
    assert check([spec_of(name) for name in others], Home(tmp_path / "nowhere")) == []
    assert not (tmp_path / "nowhere").exists()


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
        "there is no table shop.order: did you mean shop.orders?",
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
