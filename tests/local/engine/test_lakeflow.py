"""Pipelines of other teams, in styles that are not ours, on what is supplied here."""

import sys

import pytest

from common.errors import UserError
from tests.local.engine.conftest import Project

HEAD = """
from pyspark import pipelines as dp
from pyspark.sql import functions as F
"""


def test_sql_and_python_files_make_one_pipeline(project: Project) -> None:
    """Names without a schema, SQL files, an inferred CSV schema, expectations of each kind, a temporary view."""
    project.volume("landing/in/sales/one.csv", "id,amount\n1,5\n2,-1\n,7\n")
    project.write(
        "transformations/ingest.py",
        HEAD
        + """
@dp.table
@dp.expect("positive", "cast(amount as int) > 0")
@dp.expect_or_drop("has_id", "id is not null")
def sales_raw():
    return (
        spark.readStream.format("cloudFiles")
        .option("cloudFiles.format", "csv").option("header", "true")
        .option("cloudFiles.schemaLocation", "/Volumes/main/landing/schemas")
        .load("/Volumes/main/landing/in/sales")
    )

@dp.view
def limited():
    return spark.read.table("sales_raw").where(F.col("amount").cast("int") < spark.conf.get("shop.limit"))
""",
    )
    project.write(
        "transformations/report.sql",
        "CREATE MATERIALIZED VIEW report AS SELECT count(*) AS sales, sum(cast(amount AS int)) AS total FROM limited;",
    )
    project.run()
    assert project.rows("shop.report") == [{"sales": 2, "total": 4}]
    project.volume("landing/in/sales/two.csv", "amount,id\n3,4\n")
    project.run()
    assert project.rows("shop.report") == [{"sales": 3, "total": 7}]
    assert {row["id"]: row["amount"] for row in project.rows("shop.sales_raw")} == {
        "1": "5",
        "2": "-1",
        "4": "3",
    }


def test_change_events_into_history_with_a_view_and_typed_json(project: Project) -> None:
    """AUTO CDC from a streaming view, a typed schema as DDL, expectations on a target, an append flow."""
    project.volume(
        "landing/users/a.json",
        '{"id": 1, "name": "Ann", "op": "I", "at": "2024-01-01 00:00:00", "n": 1}\n'
        '{"id": 1, "name": "Anna", "op": "U", "at": "2024-01-02 00:00:00", "n": 2}\n'
        '{"id": 2, "name": "Bob", "op": "I", "at": "2024-01-01 00:00:00", "n": "many"}\n'
        '{"id": 2, "name": "Bob", "op": "D", "at": "2024-01-03 00:00:00", "n": 1}\n',
    )
    project.write(
        "transformations/users.py",
        HEAD
        + """
@dp.temporary_view(name="user_events")
def events():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
        .option("rescuedDataColumn", "_rescued_data")
        .schema("id bigint, name string, op string, at timestamp, n int").load("/Volumes/main/landing/users")
    )

dp.create_streaming_table("users", expect_all_or_fail={"named": "name is not null"})
dp.create_auto_cdc_flow(
    target="users", source="user_events", keys=["id"], sequence_by=F.struct("at", "n"),
    apply_as_deletes=F.expr("op = 'D'"), except_column_list=["op", "n", "_rescued_data"], stored_as_scd_type="2",
    track_history_except_column_list=["at"],
)
dp.create_streaming_table("misfits")

@dp.append_flow(target="misfits")
def from_users():
    return spark.readStream.table("user_events_kept").where("_rescued_data is not null").select("id", "_rescued_data")

@dp.table
def user_events_kept():
    return spark.readStream.table("user_events")
""",
    )
    project.run()
    names = [(row["id"], row["name"], row["__END_AT"] is None) for row in project.rows("shop.users")]
    assert sorted(names) == [(1, "Ann", False), (1, "Anna", True), (2, "Bob", False)]
    assert project.rows("shop.misfits") == [{"id": 2, "_rescued_data": '{"n":"many"}'}]


def test_a_failed_expectation_names_itself_and_leaves_the_table_as_it_was(project: Project) -> None:
    numbers = project.volume("landing/n/one.csv", "n\n1\n2\n")
    project.write(
        "transformations/numbers.py",
        HEAD
        + """
@dp.table
def raw():
    return (spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").option("header", True)
            .load("/Volumes/main/landing/n"))

@dp.materialized_view
@dp.expect_all_or_fail({"small": "n < 10"})
def total():
    return spark.read.table("raw").select(F.col("n").cast("int").alias("n"))
""",
    )
    project.run()
    before = project.rows("shop.total")
    project.volume("landing/n/two.csv", "n\n11\n")
    with pytest.raises(UserError, match=r"numbers\.py:10: expectation .small. of shop\.total failed"):
        project.run()
    assert project.rows("shop.total") == before == [{"n": 1}, {"n": 2}]
    assert numbers.exists()


def test_a_warn_rule_keeps_every_row_and_names_columns_that_are_there(project: Project) -> None:
    dataset = HEAD + "@dp.materialized_view\n@dp.expect('large', '{}')\ndef t():\n    return spark.range(3)\n"
    project.write("transformations/t.py", dataset.format("id > 1 and now() is not null"))
    project.run()
    assert len(project.rows("shop.t")) == 3
    assert [event.state for event in project.run().datasets] == ["EXCLUDED"]
    project.write("transformations/t.py", dataset.format("ids > 1"))
    with pytest.raises(UserError, match=r"t\.py:4: shop\.t: .*`ids` cannot be resolved"):
        project.run()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (
            "dp.create_auto_cdc_from_snapshot_flow()",
            "a.py:4: dp.create_auto_cdc_from_snapshot_flow is not supplied",
        ),
        ("dp.table(path='/x')(lambda: None)", "a.py:4: dp.table: the parameter path is not supplied"),
        ("1 / 0", "a.py:4: ZeroDivisionError: division by zero"),
        ("def broken(:", "a.py:4: SyntaxError"),
        ("import nowhere", "a.py:4: ModuleNotFoundError: No module named 'nowhere'"),
        ("@dp.expect('a', 'true')\n@dp.table\ndef t(): pass", "write the expect decorators below"),
        (
            "@dp.table\ndef t():\n    return spark.readStream.format('cloudFiles').option('cloudFiles.format', 'csv')"
            ".option('cloudFiles.useNotifications', True).load('/Volumes/main/x')",
            "a.py:6: Auto Loader: the option cloudfiles.usenotifications = True is not supplied",
        ),
        (
            "@dp.table\ndef t():\n    return spark.readStream.format('cloudFiles').option('cloudFiles.format', 'csv')"
            ".load('/Volumes/main/nothing/here')",
            "nothing/here is not there",
        ),
        ("@dp.materialized_view\ndef t():\n    return spark.sql('selec 1')", "a.py:6: shop.t"),
    ],
)
def test_what_is_wrong_or_not_supplied_is_named_with_its_file_and_line(
    project: Project, code: str, error: str
) -> None:
    project.write("transformations/a.py", HEAD + code + "\n")
    with pytest.raises(UserError) as raised:
        project.run()
    assert error in str(raised.value)
    assert "JVM" not in str(raised.value)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE STREAMING TABLE t (CONSTRAINT c EXPECT (a > 0)) AS SELECT 1",
        "CREATE FLOW f AS AUTO CDC INTO t FROM s",
        "CREATE STREAMING TABLE t AS SELECT * FROM STREAM read_files('/x')",
    ],
)
def test_sql_that_open_source_lacks_is_refused_by_name(project: Project, statement: str) -> None:
    project.write("transformations/a.sql", f"-- a comment\n{statement};\n")
    with pytest.raises(UserError, match=r"transformations/a.sql:2: .* is not supplied on one machine"):
        project.run()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("spark.read.table('one').select('nothing')", r"a\.py:9: shop\.two: .*`nothing` cannot be resolved"),
        (
            "spark.read.table('one')"
            ".select(F.raise_error(F.concat(F.lit('boom'), F.col('id') * 0)).cast('int').alias('n'))",
            r"(?s)a\.py:9: shop\.two: .*boom0",
        ),
    ],
)
def test_a_query_that_fails_is_named_with_its_file_and_line(project: Project, query: str, error: str) -> None:
    project.write(
        "transformations/a.py",
        HEAD
        + f"""
@dp.materialized_view
def one():
    return spark.range(3)

@dp.materialized_view
def two():
    return {query}

@dp.materialized_view
def three():
    return spark.read.table("two")
""",
    )
    with pytest.raises(UserError, match=error) as raised:
        project.run()
    assert "shop.three" not in str(raised.value)


def test_an_unknown_table_to_select_is_an_error_that_lists_the_known(project: Project) -> None:
    project.write(
        "transformations/a.py", HEAD + "@dp.materialized_view\ndef t():\n    return spark.range(1)\n"
    )
    with pytest.raises(UserError, match=r"shop\.u is no table of this pipeline; it has: shop\.t"):
        project.run(select=["shop.u"])


def test_a_query_function_may_import_what_lies_below_the_root(project: Project) -> None:
    project.write("shop/rules.py", "LIMIT = 2")
    project.write("shop/__init__.py", "")
    project.write(
        "transformations/few.py",
        """
        from pyspark import pipelines as dp

        @dp.materialized_view(name="shop.few")
        def few():
            from shop.rules import LIMIT

            return spark.range(LIMIT)
        """,
    )
    project.run()
    assert project.rows("shop.few") == [{"id": 0}, {"id": 1}]
    assert "shop.rules" not in sys.modules
