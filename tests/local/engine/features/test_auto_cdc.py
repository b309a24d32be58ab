"""AUTO CDC, tried on both engines."""

from datetime import UTC, datetime

import pytest

from common.errors import UserError
from local.engine.sessions.engines import EngineName
from tests.local.engine.project import Project

CHANGES = """
        @dp.view
        def changes():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
                .schema("id INT, name STRING, city STRING, op STRING, seq INT")
                .load("/Volumes/main/shop/files/changes")
            )
"""
FIRST = """{"id": 1, "name": "a", "city": "x", "op": "I", "seq": 1}
{"id": 2, "name": "b", "city": "x", "op": "I", "seq": 2}
{"id": 1, "name": "c", "city": null, "op": "U", "seq": 4}
"""
LATE = """{"id": 1, "name": "late", "city": "y", "op": "U", "seq": 3}
{"id": 2, "op": "D", "seq": 5}
"""


def deliver(project: Project, engine: EngineName) -> None:
    project.volume("shop/files/changes/1.json", FIRST)
    project.run(engine=engine)
    project.volume("shop/files/changes/2.json", LATE)
    project.run(engine=engine)


@pytest.mark.slow_on_spark
@pytest.mark.lakeflow(
    "create_auto_cdc_flow",
    "apply_changes",
    "SCD type 2",
    "apply_as_deletes",
    "except_column_list",
    "column_list",
    "track_history_*",
    "flow name=",
    "ignore_null_updates=True",
)
def test_types_1_and_2(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        CHANGES
        + """
        import dlt

        for name in ("now", "kept", "history"):
            dp.create_streaming_table(name)
        dp.create_auto_cdc_flow(
            target="now", source="changes", keys=["id"], sequence_by=F.col("seq"), apply_as_deletes=F.expr("op = 'D'"),
            except_column_list=["op", "seq"], stored_as_scd_type=1, name="changes_into_now")
        dlt.apply_changes(
            target="kept", source="changes", keys=["id"], sequence_by="seq", ignore_null_updates=True,
            column_list=["id", "name", "city"])
        dp.create_auto_cdc_flow(
            target="history", source="changes", keys=["id"], sequence_by="seq", apply_as_deletes="op = 'D'",
            except_column_list=["op"], stored_as_scd_type=2, track_history_except_column_list=["seq", "city"])
        """,
    )
    deliver(project, engine)
    assert project.rows("SELECT id, name, city FROM shop.now") == [(1, "c", None)]
    assert project.rows("SELECT id, name, city FROM shop.kept ORDER BY id") == [(1, "c", "y"), (2, "b", "x")]
    history = "SELECT id, name, __START_AT, __END_AT FROM shop.history ORDER BY id, __START_AT"
    assert project.rows(history) == [(1, "a", 1, 3), (1, "late", 3, 4), (1, "c", 4, None), (2, "b", 2, 5)]


@pytest.mark.slow_on_spark
@pytest.mark.lakeflow(
    "several flows into one target", "AUTO CDC once=True", "apply_as_truncates", "sequence_by a clock"
)
def test_two_flows_and_a_truncation(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        CHANGES
        + """
        @dp.view
        def initial():
            columns = "id INT, name STRING, city STRING, op STRING, seq INT"
            return spark.createDataFrame([(7, "seven", "z", "I", 0)], columns)

        @dp.view
        def stamped():
            return spark.readStream.table("changes").withColumn("at", F.current_timestamp())

        dp.create_streaming_table("t")
        dp.create_streaming_table("latest")
        dp.create_auto_cdc_flow("t", "initial", ["id"], "seq", once=True, name="first_load")
        dp.create_auto_cdc_flow("t", "changes", ["id"], "seq", name="then", apply_as_truncates="op = 'T'")
        dp.create_auto_cdc_flow("latest", "stamped", ["id"], "at")
        """,
    )
    project.volume("shop/files/changes/1.json", FIRST)
    project.run(engine=engine)
    assert project.rows("SELECT id FROM shop.t ORDER BY id") == [(1,), (2,), (7,)]
    project.volume("shop/files/changes/2.json", '{"op": "T", "seq": 9}\n{"id": 3, "seq": 10, "op": "I"}\n')
    project.run(engine=engine)
    assert project.rows("SELECT id FROM shop.t") == [(3,)]
    assert project.rows("SELECT count(*) FROM shop.latest WHERE id IN (1, 2)") == [(2,)]


@pytest.mark.slow_on_spark
@pytest.mark.lakeflow("create_auto_cdc_from_snapshot_flow", "apply_changes_from_snapshot")
def test_snapshots(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        """
        import dlt

        dp.create_streaming_table("people")
        dp.create_streaming_table("history")

        @dp.view
        def people_now():
            return spark.read.schema("id INT, name STRING").json("/Volumes/main/shop/files/people")

        def next_snapshot(last):
            number = (last or 0) + 1
            rows = [(1, "a"), (2, "b")] if number == 1 else [(1, "A")]
            return (spark.createDataFrame(rows, "id INT, name STRING"), number) if number < 3 else None

        dp.create_auto_cdc_from_snapshot_flow("people", "people_now", ["id"])
        dlt.apply_changes_from_snapshot("history", next_snapshot, keys=["id"], stored_as_scd_type=2)
        """,
    )
    project.volume("shop/files/people/1.json", '{"id": 1, "name": "a"}\n')
    project.run(engine=engine)
    assert project.rows("SELECT * FROM shop.people") == [(1, "a")]
    history = "SELECT id, name, __START_AT, __END_AT FROM shop.history ORDER BY id, __START_AT"
    assert project.rows(history) == [(1, "a", 1, 2), (1, "A", 2, None), (2, "b", 1, 2)]


@pytest.mark.lakeflow("create_auto_cdc_from_snapshot_flow")
def test_a_snapshot_that_is_taken_once(project: Project) -> None:
    project.write(
        "transformations/a.py",
        """
        @dp.view
        def people_now():
            return spark.read.schema("id INT, name STRING").json("/Volumes/main/shop/files/people")

        for name, once in (("first", True), ("now", False)):
            dp.create_streaming_table(name)
            dp.create_auto_cdc_from_snapshot_flow(name, "people_now", ["id"], stored_as_scd_type=2, once=once)
        """,
    )
    project.volume("shop/files/people/1.json", '{"id": 1, "name": "a"}\n')
    began = datetime.now(UTC)
    project.run(engine="sail")
    project.volume("shop/files/people/1.json", '{"id": 1, "name": "changed"}\n')
    project.run(engine="sail")
    assert project.rows("SELECT name FROM shop.first") == [("a",)]
    [(at,)] = project.rows("SELECT __START_AT FROM shop.now WHERE __END_AT IS NULL")
    assert began < at < datetime.now(UTC)
    project.run(engine="sail", full_refresh=True)
    assert project.rows("SELECT name FROM shop.first") == [("changed",)]
    project.volume("shop/files/people/2.json", '{"id": 1, "name": "twice"}\n')
    with pytest.raises(
        UserError, match=r"^transformations/a\.py:12: AUTO CDC into shop\.now: a snapshot holds 2 rows"
    ):
        project.run(engine="sail")


@pytest.mark.lakeflow(
    "AUTO CDC target read as a stream", "AUTO CDC target as source of AUTO CDC", "skipChangeCommits"
)
def test_a_target_is_read_as_a_stream(project: Project) -> None:
    project.write(
        "transformations/a.py",
        CHANGES
        + """
        dp.create_streaming_table("now")
        dp.create_auto_cdc_flow("now", "changes", ["id"], "seq")
        dp.create_streaming_table("again")
        dp.create_auto_cdc_flow("again", "from_now", ["id"], "seq", stored_as_scd_type=2)

        @dp.view
        def from_now():
            return spark.readStream.option("skipChangeCommits", "true").table("now")

        @dp.table
        def seen():
            return spark.readStream.table("now")
        """,
    )
    project.volume("shop/files/changes/1.json", FIRST)
    project.run(engine="sail")
    assert project.rows("SELECT id, seq FROM shop.seen ORDER BY id") == [(1, 4), (2, 2)]
    assert project.rows("SELECT id, __START_AT FROM shop.again ORDER BY id") == [(1, 4), (2, 2)]
    project.volume("shop/files/changes/2.json", LATE.replace('"seq": 3', '"seq": 7'))
    with pytest.raises(UserError, match=r"shop\.now, which shop\.seen reads as a stream, was changed"):
        project.run(engine="sail")
    assert project.rows("SELECT id, __START_AT FROM shop.again ORDER BY id") == [(1, 4), (2, 2)]
