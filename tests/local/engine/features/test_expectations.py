"""Expectations, tried on both engines."""

import pytest

from common.errors import UserError
from local.engine.sessions.engines import EngineName
from tests.local.engine.project import Project

SOURCE = """
        @dp.{kind}(name="source")
        {expectations}
        def rows():
            return spark.createDataFrame([(1, "a"), (2, None), (3, "c")], "id INT, name STRING")
"""


def counted(project: Project, engine: EngineName) -> dict[str, tuple[int, int]]:
    result = project.run(engine=engine)
    found = [one for event in result.datasets for one in event.expectations]
    return {one.name: (one.passed, one.failed) for one in found}


@pytest.mark.lakeflow(
    "expect",
    "expect_or_drop",
    "expect_all",
    "expect_all_or_drop",
    "expect_all_or_fail",
    "expect_or_fail",
    "metrics in the event log",
)
def test_warn_and_drop(project: Project, engine: EngineName) -> None:
    expectations = """
        @dp.expect("named", "name IS NOT NULL")
        @dp.expect_all({"small": "id < 3"})
        @dp.expect_or_drop("first", "id / 2 < 1.5")
        @dp.expect_all_or_drop({"any": "true"})
        @dp.expect_or_fail("positive", "id > 0")
        @dp.expect_all_or_fail({"there": "id IS NOT NULL"})"""
    project.write("transformations/a.py", SOURCE.format(kind="table", expectations=expectations.strip()))
    assert counted(project, engine) == {
        "named": (2, 1),
        "small": (2, 1),
        "first": (2, 1),
        "any": (3, 0),
        "positive": (3, 0),
        "there": (3, 0),
    }
    assert project.rows("SELECT id FROM shop.source ORDER BY id") == [(1,), (2,)]


@pytest.mark.lakeflow("expect_or_fail", "CONSTRAINT ... ON VIOLATION FAIL UPDATE")
def test_a_broken_fail_rule_leaves_the_table(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        SOURCE.format(kind="table", expectations='@dp.expect_or_fail("two", "id < 3")'),
    )
    project.write(
        "transformations/b.sql",
        "CREATE MATERIALIZED VIEW b (CONSTRAINT one EXPECT (n < 1) ON VIOLATION FAIL UPDATE) AS SELECT 1 AS n",
    )
    with pytest.raises(
        UserError, match=r"'two' of shop\.source failed: 1 of 3 rows(.|\n)*'one' of shop\.b failed"
    ):
        project.run(engine=engine)


@pytest.mark.lakeflow(
    "expectations on a view", "CONSTRAINT ... EXPECT", "CONSTRAINT ... ON VIOLATION DROP ROW"
)
def test_views_and_sql(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py", SOURCE.format(kind="view", expectations='@dp.expect_or_drop("ids", "id > 1")')
    )
    project.write(
        "transformations/b.sql",
        """
        CREATE OR REFRESH MATERIALIZED VIEW b (
            CONSTRAINT `a name` EXPECT (name IS NOT NULL) ON VIOLATION DROP ROW,
            CONSTRAINT warned EXPECT (id < 3)
        ) AS SELECT * FROM source
        """,
    )
    assert counted(project, engine) == {"ids": (2, 1), "a name": (1, 1), "warned": (1, 1)}
    assert project.rows("SELECT id FROM shop.b") == [(3,)]


@pytest.mark.lakeflow("expectations on a view")
def test_views_over_files_name_the_file_of_each_row(project: Project, engine: EngineName) -> None:
    """Such a view is computed before what reads it, whose own plan says nothing of `_metadata`."""
    project.write(
        "transformations/a.py",
        """
        def files():
            read = spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv")
            return read.schema("id INT").load("/Volumes/main/shop/files/a")

        @dp.view
        @dp.expect_or_drop("ids", "id > 1")
        def parts():
            return files().withColumn("file", F.col("_metadata.file_name"))

        @dp.table
        def named():
            rows = spark.readStream.table("parts")
            return rows.withColumn("width", F.lit(len(rows.columns)))

        @dp.view
        @dp.expect("ids", "id > 1")
        def wholes():
            return files().select("id", "_metadata")

        @dp.table
        def whole():
            return spark.readStream.table("wholes")

        @dp.view
        def plain():
            return files().select("id", F.col("_metadata.file_name").alias("file"))
        """,
    )
    project.write("transformations/b.sql", "CREATE STREAMING TABLE by_name AS SELECT * FROM STREAM(plain)")
    for number in (1, 2):
        project.volume(f"shop/files/a/{number}.csv", f"{number}\n")
    project.run(engine=engine)
    assert project.rows("SELECT id, file, width FROM shop.named") == [(2, "2.csv", 2)]
    assert project.rows("SELECT id, _metadata.file_name FROM shop.whole ORDER BY id") == [
        (1, "1.csv"),
        (2, "2.csv"),
    ]
    assert project.rows("SELECT * FROM shop.by_name ORDER BY id") == [(1, "1.csv"), (2, "2.csv")]
