"""What a check knows without a run, what it says that it does not know, and that it changes nothing."""

import json
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from local.engine.checking.check import check
from tests.local.engine.project import Project

READS = "@dp.materialized_view\ndef sums():\n    return spark.read.table('{}').select('{}')\n"
LANDED = """
@dp.table
def landed():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
        .option("cloudFiles.inferColumnTypes", "true").load("/Volumes/main/raw/orders")
    )
"""


def told(project: Project) -> list[str]:
    """What the check says: code, line and text of each finding."""
    return [f"{one.code} {one.place.line} {one.message}" for one in check([project.spec], project.home)]


def test_a_table_of_another_pipeline_is_the_homes(project: Project) -> None:
    folder = project.home.warehouse / "other.db" / "orders"
    folder.mkdir(parents=True)
    write_deltalake(folder, pa.table({"order_id": ["1"], "price": [1.5]}))
    project.write("transformations/a.py", READS.format("other.orders", "price"))
    assert told(project) == []
    project.write("transformations/a.py", READS.format("other.orders", "prices"))
    [one] = told(project)
    assert one.startswith("unknown-column 7 ")
    assert "in other.orders: did you mean price?" in one


def test_columns_of_files_are_inferred_and_later_known_from_the_last_update(project: Project) -> None:
    project.write("transformations/a.py", LANDED + READS.format("landed", "price"))
    assert [one.split(" ")[0] for one in told(project)] == ["not-checked", "not-checked"]
    file = project.volume("raw/orders/a.json", json.dumps({"price": 1}))
    assert told(project) == []
    project.run()
    file.unlink()
    assert told(project) == []
    project.write("transformations/a.py", LANDED + READS.format("landed", "prices"))
    assert [one.split(" ")[0] for one in told(project)] == ["unknown-column"]


def test_a_view_and_a_sink_may_read_files(project: Project) -> None:
    view = LANDED.replace("@dp.table", "@dp.view")
    project.write(
        "transformations/a.py",
        f"""
{view}
@dp.foreach_batch_sink(name="batches")
def handle(batch, number): pass
{LANDED.replace("@dp.table", '@dp.append_flow(target="batches")').replace("landed", "into_batches")}
@dp.table
def prices():
    return spark.readStream.table("landed").select("price")
""",
    )
    project.volume("raw/orders/a.json", json.dumps({"price": 1}))
    assert told(project) == []


def test_what_only_rows_can_tell_is_a_note(project: Project) -> None:
    project.write(
        "transformations/a.py",
        """
        @dp.materialized_view
        def orders():
            return spark.sql("SELECT 1 AS price")

        @dp.materialized_view
        def by_row():
            first = spark.read.table("orders").first()
            return spark.range(first["price"])

        @dp.materialized_view
        def by_file():
            return spark.createDataFrame([(one.name,) for one in dbutils.fs.ls("/Volumes/a/b/c")], "name STRING")

        @dp.materialized_view
        def by_frame():
            rows = spark.read.table("orders").toPandas()
            spark.read.table("later")
            return spark.createDataFrame(rows)

        @dp.materialized_view
        def later():
            return spark.range(1)

        @dp.materialized_view
        def of_both():
            return spark.read.table("by_row").select("anything")
        """,
    )
    assert [one.split(" ")[:2] for one in told(project)] == [
        ["not-checked", n] for n in ("13", "17", "23", "29")
    ]


def test_what_cannot_be_read_makes_no_finding_of_what_reads_it(project: Project) -> None:
    project.write("transformations/a.sql", "CREATE MATERIALIZED VIEW orders AS SELECT FROM WHERE;")
    project.write("transformations/b.py", "1 / 0\n\n@dp.table\ndef lost():\n    return spark.range(1)\n")
    project.write("transformations/c.py", READS.format("orders", "price"))
    project.write("transformations/d.py", READS.format("lost", "id").replace("sums", "others"))
    assert [one.split(" ")[:2] for one in told(project)] == [
        ["file", "1"],
        ["file", "5"],
        ["not-checked", "5"],
        ["not-checked", "5"],
    ]


def test_tables_made_of_rows_are_not_missed(project: Project) -> None:
    project.write(
        "transformations/a.py",
        """
        for row in spark.sql("SELECT 'orders' AS name").collect():
            @dp.materialized_view(name=row["name"])
            def made():
                return spark.range(1)

        @dp.materialized_view
        def sums():
            return spark.read.table("customers")
        """,
    )
    assert [one.split(" ")[0] for one in told(project)] == ["not-checked"]


def test_a_notebook_has_its_own_lines(project: Project) -> None:
    cells = [
        {"cell_type": "code", "source": ["%sql\n", "CREATE MATERIALIZED VIEW a AS\n", "SELECT 1 AS price"]},
        {"cell_type": "code", "source": ["%sql\n", "CREATE MATERIALIZED VIEW b AS\n", "SELECT prise FROM a"]},
        {"cell_type": "code", "source": ["%scala\n", "val a = 1"]},
    ]
    notebook = json.dumps({"metadata": {}, "cells": cells}, indent=1)
    file = project.write("transformations/a.ipynb", notebook)
    lines = file.read_text().splitlines()
    expected = [n for word in ("prise", "%scala") for n, line in enumerate(lines, 1) if word in line]
    assert [one.split(" ")[:2] for one in told(project)] == [
        ["unknown-column", str(expected[0])],
        ["not-supplied", str(expected[1])],
    ]


def test_nothing_is_written(project: Project, tmp_path: Path) -> None:
    project.volume("raw/kept/a.txt", "a")
    project.write(
        "transformations/a.py",
        f"""
        dbutils.fs.put("/Volumes/main/raw/made/a.txt", "a")
        dbutils.fs.mkdirs("/Volumes/main/raw/made")
        dbutils.fs.cp("/Volumes/main/raw/kept/a.txt", "/Volumes/main/raw/made/b.txt")
        dbutils.fs.rm("/Volumes/main/raw/kept", True)

        @dp.materialized_view
        def written():
            rows = spark.range(3)
            rows.write.parquet("{tmp_path}/out")
            return rows

        @dp.materialized_view
        def trips():
            return spark.read.table("samples.nyctaxi.trips").select("fare_amount")
        """,
    )
    before = sorted(tmp_path.rglob("*"))
    assert [one.split(" ")[:2] for one in told(project)] == [["not-checked", "14"]]
    assert sorted(tmp_path.rglob("*")) == before
