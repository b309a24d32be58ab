"""What an update leaves as it was: applied events, tables whose rule broke, rows that older code wrote."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

READ = """
        def files(name, schema):
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json").schema(schema)
                .load(f"/Volumes/main/shop/files/{name}")
            )
"""


@pytest.mark.lakeflow("create_auto_cdc_flow", "except_column_list", "track_history_*")
def test_applied_events_stay_when_their_files_are_moved_away(project: Project) -> None:
    project.write(
        "transformations/a.py",
        READ
        + """
        @dp.view
        def changes():
            return files("changes", "id INT, name STRING, seen STRING, seq INT")

        dp.create_streaming_table("history")
        dp.create_auto_cdc_flow(
            "history", "changes", ["id"], "seq", stored_as_scd_type=2, except_column_list=["seq"],
            track_history_except_column_list=["seen", "seq"])
        """,
    )
    first = project.volume(
        "shop/files/changes/1.json",
        '{"id": 1, "name": "a", "seen": "x", "seq": 1}\n{"id": 1, "name": "a", "seen": "y", "seq": 2}\n',
    )
    project.run(engine="sail")
    first.unlink()
    project.volume(
        "shop/files/changes/2.json", '{"id": 2, "name": "b", "seq": 1}\n{"id": 1, "name": "c", "seq": 3}\n'
    )
    project.run(engine="sail")
    assert project.columns("history") == ["id", "name", "seen", "__START_AT", "__END_AT"]
    assert project.rows(
        "SELECT id, name, seen, __START_AT, __END_AT FROM shop.history ORDER BY id, __START_AT"
    ) == [
        (1, "a", "y", 1, 3),
        (1, "c", None, 3, None),
        (2, "b", None, 1, None),
    ]


@pytest.mark.lakeflow("expect_or_fail")
def test_a_broken_rule_leaves_the_rows_until_the_code_is_changed(project: Project) -> None:
    code = """
        @dp.materialized_view
        @dp.expect_or_fail("at most two", "id < {most}")
        def numbers():
            return spark.range({count}).selectExpr("CAST(id AS INT) AS id")
        """
    project.write("transformations/a.py", code.format(most=2, count=2))
    project.run(engine="sail")
    project.write("transformations/a.py", code.format(most=2, count=5))
    with pytest.raises(UserError, match=r"'at most two' of shop\.numbers failed: 3 of 5 rows"):
        project.run(engine="sail")
    assert project.rows("SELECT count(*) FROM shop.numbers") == [(2,)]
    project.write("transformations/a.py", code.format(most=9, count=5))
    project.run(engine="sail")
    assert project.rows("SELECT count(*) FROM shop.numbers") == [(5,)]


@pytest.mark.lakeflow("@table over a streaming query")
def test_changed_code_of_a_stream_holds_for_new_rows_until_a_full_refresh(project: Project) -> None:
    code = """
        @dp.table
        def numbers():
            return files("numbers", "n INT").selectExpr("n * {factor} AS n")
        """
    project.volume("shop/files/numbers/1.json", '{"n": 1}\n')
    project.write("transformations/a.py", READ + code.format(factor=1))
    project.run(engine="sail")
    project.volume("shop/files/numbers/2.json", '{"n": 2}\n')
    project.write("transformations/a.py", READ + code.format(factor=10))
    project.run(engine="sail")
    assert project.rows("SELECT n FROM shop.numbers ORDER BY n") == [(1,), (20,)]
    project.run(engine="sail", full_refresh=True)
    assert project.rows("SELECT n FROM shop.numbers ORDER BY n") == [(10,), (20,)]


@pytest.mark.lakeflow("rescuedDataColumn", "format json")
def test_what_does_not_fit_in_a_struct_is_rescued_and_letters_may_be_of_either_case(project: Project) -> None:
    project.write(
        "transformations/a.py",
        """
        @dp.table
        def events():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
                .option("rescuedDataColumn", "_rescued").option("readerCaseSensitive", "false")
                .schema("id INT, inside STRUCT<n: INT>").load("/Volumes/main/shop/files/events")
            )
        """,
    )
    project.volume("shop/files/events/1.json", '{"ID": 1, "Inside": {"n": "seven", "more": true}}\n')
    project.run(engine="sail")
    [(id_, n, rescued)] = project.rows("SELECT id, inside.n, _rescued FROM shop.events")
    assert (id_, n) == (1, None)
    assert '"seven"' in rescued and '"more":true' in rescued.replace(" ", "")
