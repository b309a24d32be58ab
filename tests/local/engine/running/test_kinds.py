"""What becomes of each kind of dataset."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

EVENTS = """
@dp.table
def events():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT, name STRING")
        .load("/Volumes/main/shop/files/events")
    )
"""


def test_tables_run_in_the_order_of_what_they_read(project: Project) -> None:
    project.write(
        "transformations/views.py",
        """
        @dp.materialized_view(comment="the last")
        def c():
            rows = spark.read.table("b")
            # What is read is there: a query may look at it.
            assert rows.columns == ["id", "double"] and rows.count() == 3
            return rows.where("id > 0")

        @dp.materialized_view
        def b():
            return spark.read.table("a").withColumn("double", F.col("id") * 2)

        @dp.materialized_view
        def a():
            return spark.range(3)
        """,
    )
    result = project.run()
    assert [event.dataset for event in result.datasets] == ["shop.a", "shop.b", "shop.c"]
    assert project.rows("select * from shop.c order by id") == [(1, 2), (2, 4)]


def test_tables_that_read_each_other_are_refused(project: Project) -> None:
    project.write(
        "transformations/circle.py",
        """
        @dp.materialized_view
        def a():
            return spark.read.table("b")

        @dp.materialized_view
        def b():
            return spark.read.table("a")
        """,
    )
    with pytest.raises(UserError, match=r"circle\.py:6: .* in a circle: shop\.a reads shop\.b reads shop\.a"):
        project.run()


def test_a_streaming_table_reads_each_file_once(project: Project) -> None:
    project.write("transformations/events.py", EVENTS)
    project.volume("shop/files/events/1.json", '{"id": 1, "name": "a"}\n')
    project.run()
    project.volume("shop/files/events/2.json", '{"id": 2, "name": "b"}\n')
    result = project.run()
    assert [event.rows for event in result.datasets] == [1]
    assert project.rows("select * from shop.events order by id") == [(1, "a"), (2, "b")]
    assert project.run().datasets[0].state == "EXCLUDED"


def test_a_streaming_table_reads_each_row_of_a_table_once(project: Project) -> None:
    project.write("transformations/events.py", EVENTS)
    project.write(
        "transformations/names.py",
        """
        @dp.table
        def names():
            return spark.readStream.table("events").select("name")
        """,
    )
    for number in (1, 2, 3):
        project.volume(f"shop/files/events/{number}.json", f'{{"id": {number}, "name": "n{number}"}}\n')
        project.run()
    assert project.rows("select * from shop.names order by 1") == [("n1",), ("n2",), ("n3",)]


def test_a_source_that_was_changed_is_an_error_that_names_both_tables(project: Project) -> None:
    project.write("transformations/events.py", EVENTS)
    names = project.write(
        "transformations/names.py",
        """
        @dp.table
        def names():
            return spark.readStream.table("events").select("name")
        """,
    )
    project.volume("shop/files/events/1.json", '{"id": 1, "name": "a"}\n')
    project.run()
    project.run(full_refresh_select=["events"])
    with pytest.raises(UserError, match=r"shop\.events, which shop\.names reads as a stream, was changed"):
        project.run()
    names.write_text(
        names.read_text().replace("readStream.", 'readStream.option("skipChangeCommits", True).')
    )
    project.run()
    assert project.rows("select * from shop.names") == [("a",)]
    project.run(full_refresh_select=["names"])
    assert project.rows("select * from shop.names") == [("a",)]


def test_a_full_refresh_reads_all_again(project: Project) -> None:
    project.write("transformations/events.py", EVENTS)
    first = project.volume("shop/files/events/1.json", '{"id": 1, "name": "a"}\n')
    project.run()
    first.write_text('{"id": 9, "name": "z"}\n')
    project.run()
    assert project.rows("select id from shop.events") == [(1,)]
    project.run(full_refresh=True)
    assert project.rows("select id from shop.events") == [(9,)]


def test_flows_into_one_table_are_one_commit(project: Project) -> None:
    project.write(
        "transformations/all.py",
        """
        dp.create_streaming_table("everywhere")
        for side in ("north", "south"):
            @dp.append_flow(target="everywhere", name=f"from_{side}")
            def rows(side=side):
                return (
                    spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema("id INT")
                    .load(f"/Volumes/main/shop/files/{side}")
                )
        """,
    )
    project.volume("shop/files/north/1.json", '{"id": 1}\n')
    project.volume("shop/files/south/1.json", '{"id": 2}\n')
    project.run()
    project.volume("shop/files/south/2.json", '{"id": 3}\n')
    assert [event.rows for event in project.run().datasets] == [1]
    assert project.rows("select id from shop.everywhere order by 1") == [(1,), (2,), (3,)]


def test_a_materialized_view_of_a_stream_is_refused(project: Project) -> None:
    project.write(
        "transformations/wrong.py",
        """
        @dp.table
        def base():
            return spark.range(2)

        @dp.materialized_view
        def wrong():
            return spark.readStream.table("base")
        """,
    )
    with pytest.raises(
        UserError, match=r"wrong\.py:\d+: shop\.wrong is a materialized view and reads a stream"
    ):
        project.run()


def test_what_reads_a_failed_table_is_skipped_and_the_others_are_written(project: Project) -> None:
    project.write(
        "transformations/views.py",
        """
        @dp.materialized_view
        def broken():
            return spark.range(2).select("no_such_column")

        @dp.materialized_view
        def reads_it():
            return spark.read.table("broken")

        @dp.materialized_view
        def fine():
            return spark.range(2)
        """,
    )
    with pytest.raises(UserError, match=r"views\.py:\d+.*no_such_column"):
        project.run()
    assert project.states() == {"shop.broken": "FAILED", "shop.reads_it": "SKIPPED", "shop.fine": "COMPLETED"}


def test_a_clock_makes_a_view_run_each_time(project: Project) -> None:
    project.write(
        "transformations/clock.py",
        """
        @dp.materialized_view
        def today():
            return spark.range(1).select(F.current_timestamp().alias("at"))

        @dp.materialized_view
        def still():
            return spark.range(1).select(F.lit("now").alias("now"))
        """,
    )
    project.run()
    project.run()
    assert project.states() == {"shop.today": "COMPLETED", "shop.still": "EXCLUDED"}


def test_a_table_of_another_catalog_is_queried_by_its_name(project: Project) -> None:
    project.write(
        "transformations/all.py",
        """
        @dp.materialized_view(name="other.shop.numbers")
        def theirs():
            return spark.range(2)

        @dp.materialized_view(name="main.shop.numbers")
        def ours():
            return spark.read.table("other.shop.numbers").where("id = 1")
        """,
    )
    project.run()
    assert project.rows("select * from other.shop.numbers order by 1") == [(0,), (1,)]
    assert (
        project.rows("select * from main.shop.numbers")
        == project.rows("select * from shop.numbers")
        == [(1,)]
    )


def test_a_function_that_asks_a_model_is_refused_by_its_name(project: Project) -> None:
    project.write(
        "transformations/kinds.sql",
        "CREATE MATERIALIZED VIEW kinds AS SELECT AI_CLASSIFY('x', array('a', 'b')) AS kind",
    )
    with pytest.raises(UserError, match=r"kinds\.sql:1: shop\.kinds: .*AI_CLASSIFY: it asks a model"):
        project.run()
