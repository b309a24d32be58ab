"""Tables that a file reads while it is loaded: rules kept in a table, say."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

RULES = """
@dp.materialized_view(name="other.rules")
def rules():
    return spark.sql("select 'few' as name, 'id < {limit}' as rule")
"""
READER = """
def rules():
    return {row["name"]: row["rule"] for row in spark.read.table("other.rules").collect()}

@dp.materialized_view
@dp.expect_all_or_drop(rules())
def kept():
    return spark.range(5)
"""


def test_rules_are_read_from_a_table_and_a_new_rule_counts(project: Project) -> None:
    project.write("transformations/kept.py", READER)
    with pytest.raises(UserError, match=r"kept\.py:7: .*other\.rules, which is not there"):
        project.run()
    for limit in (3, 2):
        project.write("transformations/kept.py", RULES.format(limit=limit))
        project.run()
        project.write("transformations/kept.py", READER)
        project.run()
        assert project.rows("select count(*) from shop.kept") == [(limit,)]


def test_a_table_of_the_pipelines_own_is_read_as_it_is(project: Project) -> None:
    project.write("transformations/a_rules.py", RULES.format(limit=3))
    project.run()
    project.write("transformations/kept.py", READER)
    project.run()
    assert project.rows("select count(*) from shop.kept") == [(3,)]
    project.write("transformations/a_rules.py", RULES.format(limit=2))
    project.run()
    project.run()
    assert project.rows("select count(*) from shop.kept") == [(2,)]


def test_a_file_that_a_glob_chooses_is_found_when_it_comes_later(project: Project) -> None:
    project.write(
        "transformations/orders.py",
        """
        @dp.table
        def orders():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").schema("id INT")
                .load("/Volumes/main/shop/files/*/orders_*.csv")
            )
        """,
    )
    project.volume("shop/files/2025/orders_1.csv", "1\n")
    project.run()
    project.volume("shop/files/2026/notes.csv", "9\n")
    project.run()
    assert project.states() == {"shop.orders": "EXCLUDED"}
    project.volume("shop/files/2026/orders_2.csv", "2\n")
    project.run()
    assert project.rows("select id from shop.orders order by 1") == [(1,), (2,)]


def test_a_relative_path_goes_by_the_pipelines_root(project: Project) -> None:
    project.write(
        "transformations/orders.py",
        """
        @dp.materialized_view
        def orders():
            return spark.read.schema("id INT").csv("data/")
        """,
    )
    project.write("data/orders.csv", "1\n")
    project.run()
    assert project.rows("select id from shop.orders") == [(1,)]


def test_cloud_storage_is_refused_by_its_path(project: Project) -> None:
    project.write(
        "transformations/orders.py",
        """
        @dp.materialized_view
        def orders():
            return spark.read.csv("s3://bucket/orders")
        """,
    )
    with pytest.raises(UserError, match=r"orders\.py:8: s3://bucket/orders: cloud storage is not read"):
        project.run()


def test_the_sample_of_taxi_trips_is_there_when_it_is_asked_for(project: Project) -> None:
    project.write(
        "transformations/trips.py",
        """
        @dp.materialized_view
        def trips():
            return spark.read.table("samples.nyctaxi.trips").where("tpep_dropoff_datetime > tpep_pickup_datetime")

        @dp.table
        def far():
            return spark.readStream.table("samples.nyctaxi.trips").where("trip_distance > 10")
        """,
    )
    project.run()
    assert project.rows("select count(*) from shop.trips") == [(21932,)]
    assert project.rows("select count(*) > 0, typeof(min(fare_amount)) from shop.far") == [(True, "double")]
    project.run()
    assert set(project.states().values()) == {"EXCLUDED"}


def test_frames_and_temporary_views_are_read_by_name_in_sql(project: Project) -> None:
    project.write(
        "transformations/numbers.py",
        """
        @dp.materialized_view
        def numbers():
            return spark.range(3)

        @dp.materialized_view
        def doubled():
            spark.read.table("numbers").createOrReplaceTempView("plain")
            least = spark.sql("select * from plain where id > 0")
            return spark.sql(
                "select {least}.id, n.id + {more} as other from {least} join numbers n on {least}.id = n.id",
                least=least, more=1,
            )
        """,
    )
    project.run()
    assert project.rows("select * from shop.doubled order by 1") == [(1, 2), (2, 3)]


def test_sql_names_the_hidden_column_of_files_and_no_star_finds_it(project: Project) -> None:
    project.write(
        "transformations/orders.sql",
        """
        CREATE STREAMING TABLE named AS SELECT *, _metadata.file_name AS file
        FROM STREAM read_files('/Volumes/main/shop/files/orders', format => 'csv', schema => 'id INT');
        CREATE STREAMING TABLE whole AS SELECT _metadata
        FROM STREAM read_files('/Volumes/main/shop/files/orders', format => 'csv', schema => 'id INT');
        CREATE STREAMING TABLE bare AS SELECT * -- not _metadata
        FROM STREAM read_files('/Volumes/main/shop/files/orders', format => 'csv', schema => 'id INT');
        """,
    )
    project.volume("shop/files/orders/1.csv", "1\n")
    project.run()
    assert project.rows("select id, file from shop.named") == [(1, "1.csv")]
    assert project.rows("select _metadata.file_size from shop.whole") == [(2,)]
    names = [project.columns(table) for table in ("named", "bare")]
    assert [[name for name in each if name != "_rescued_data"] for each in names] == [["id", "file"], ["id"]]
