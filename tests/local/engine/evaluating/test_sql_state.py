"""SQL over streams that needs rows of earlier updates is never answered from the new rows alone."""

import pytest

from common.errors import UserError
from local.engine.evaluating.sql_state import what_needs_state
from tests.local.engine.project import Project


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ("SELECT DISTINCT id FROM STREAM(a)", "DISTINCT of a stream"),
        ("SELECT id, count(*) FROM STREAM a GROUP BY id", "an aggregate over a stream"),
        ("SELECT max(id) FROM STREAM a", "an aggregate over a stream"),
        ("SELECT * FROM STREAM a JOIN STREAM b USING (id)", "a join of two streams"),
        ("SELECT id, row_number() OVER (ORDER BY id) FROM STREAM a", "a window function over a stream"),
        ("WITH n AS (SELECT * FROM STREAM a) SELECT DISTINCT id FROM n", "DISTINCT of a stream"),
        ("SELECT id FROM STREAM a -- DISTINCT", None),
        ("SELECT a.id FROM STREAM a JOIN (SELECT DISTINCT id FROM b) c ON a.id = c.id", None),
        ("SELECT DISTINCT id FROM a", None),
    ],
)
def test_state_is_told_from_the_query(query: str, state: str | None) -> None:
    assert what_needs_state(query) == state


def test_on_sail_alone_it_is_refused(project: Project) -> None:
    project.write(
        "transformations/a.py",
        """
        @dp.table
        def a():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT")
                .load("/Volumes/main/shop/files/a")
            )
        """,
    )
    project.write("transformations/b.sql", "CREATE STREAMING TABLE b AS SELECT DISTINCT id FROM STREAM a")
    project.volume("shop/files/a/1.json", '{"id": 1}\n')
    with pytest.raises(UserError, match=r"shop\.b: DISTINCT of a stream"):
        project.run(engine="sail")


def test_what_the_target_of_auto_cdc_expects_is_counted(project: Project) -> None:
    project.write(
        "transformations/items.py",
        """
        dp.create_streaming_table("items", expect_all_or_drop={"named": "name is not null"})
        dp.create_auto_cdc_flow("items", "changes", keys=["id"], sequence_by="n")

        @dp.temporary_view
        def changes():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
                .schema("id INT, n INT, name STRING").load("/Volumes/main/shop/files/changes")
            )
        """,
    )
    project.volume("shop/files/changes/1.json", '{"id": 1, "n": 1, "name": "a"}\n{"id": 2, "n": 1}\n')
    [event] = project.run(engine="sail").datasets
    assert [(one.name, one.passed, one.failed) for one in event.expectations] == [("named", 1, 1)]
    assert project.rows("select id, name from shop.items") == [(1, "a")]


def test_a_clock_in_a_stream_makes_nothing_stale(project: Project) -> None:
    project.write(
        "transformations/a.py",
        """
        @dp.table
        def a():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT")
                .load("/Volumes/main/shop/files/a").withColumn("at", F.current_timestamp())
            )
        """,
    )
    project.volume("shop/files/a/1.json", '{"id": 1}\n')
    project.run(engine="sail")
    assert [event.state for event in project.run().datasets] == ["EXCLUDED"]
