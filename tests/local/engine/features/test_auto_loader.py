"""Auto Loader and other reads of files, tried on both engines."""

import gzip

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from local.engine.sessions.engines import EngineName
from tests.local.engine.avro import write_avro
from tests.local.engine.project import Project

READ = """
        @dp.table
        def {name}():
            return (
                spark.readStream.format("cloudFiles").options(**{options})
                .load("/Volumes/main/shop/files/{path}").select("*", "_metadata.file_name")
            )
"""


def reading(name: str, path: str, **options: str) -> str:
    plain = {key.replace("__", "."): value for key, value in options.items()}
    return READ.format(name=name, path=path, options=plain)


@pytest.mark.lakeflow(
    "cloudFiles",
    "format csv",
    "format json",
    "inferColumnTypes",
    "inferSchema",
    "schemaHints",
    "schemaLocation",
    "schemaEvolutionMode",
    "addNewColumns, rescue, none, failOnNewColumns",
    "maxFilesPerTrigger",
    "includeExistingFiles",
    "rescuedDataColumn",
    "validateOptions",
    "header",
    "multiLine",
    "escape",
    "_metadata",
    "compressed files",
    "mergeSchema",
)
def test_text_formats(project: Project, engine: EngineName) -> None:
    csv = {
        "cloudFiles__format": "csv",
        "header": "true",
        "cloudFiles__inferColumnTypes": "true",
        "multiLine": "true",
        "cloudFiles__schemaHints": "price DECIMAL(8,2)",
        "cloudFiles__schemaLocation": "/somewhere",
        "escape": '"',
        "cloudFiles__maxFilesPerTrigger": "1",
        "cloudFiles__includeExistingFiles": "true",
        "mergeSchema": "true",
        "cloudFiles__validateOptions": "false",
    }
    rescue = {
        "cloudFiles__format": "json",
        "cloudFiles__schemaEvolutionMode": "rescue",
        "rescuedDataColumn": "_more",
    }
    files = reading("orders", "orders", **csv) + reading("events", "events", **rescue, inferSchema="true")
    project.write("transformations/a.py", files)
    project.volume(
        "shop/files/orders/1.csv.gz", gzip.compress(b'id,price,text\n1,1.50,"two ""quoted""\nlines"\n')
    )
    project.volume("shop/files/events/1.json", '{"id": 1}\n')
    project.run(engine=engine)
    assert project.rows("SELECT id, CAST(price AS STRING), text, file_name FROM shop.orders") == [
        (1, "1.50", 'two "quoted"\nlines', "1.csv.gz")
    ]
    project.volume("shop/files/orders/2.csv", "id,price,text,colour\n2,2,x,red\n")
    project.volume("shop/files/events/2.json", '{"id": 2, "colour": "red"}\n')
    project.run(engine=engine)
    assert project.rows("SELECT id, colour FROM shop.orders ORDER BY id") == [(1, None), (2, "red")]
    assert project.rows("SELECT id, _more:colour FROM shop.events ORDER BY id") == [("1", None), ("2", "red")]


@pytest.mark.lakeflow(
    "format parquet",
    "format binaryFile, text",
    "format orc",
    "format avro",
    "pathGlobFilter",
    "a glob in load(path)",
    "partition folders",
    "allowOverwrites",
)
def test_other_formats(project: Project, engine: EngineName) -> None:
    table = pa.table({"id": pa.array([1, 2], pa.int32())})
    for folder in ("plain/day=2018-01-01", "orc"):
        project.volume(f"shop/files/{folder}/none", b"").unlink()
    parquet.write_table(table, project.home.volumes / "shop/files/plain/day=2018-01-01/1.parquet")
    orc.write_table(table, project.home.volumes / "shop/files/orc/1.orc")
    records = [{"id": 1, "code": "007"}, {"id": 2, "code": None}]
    write_avro(
        project.volume("shop/files/avro/1.avro", b""), records, "snappy", id="int", code=["null", "string"]
    )
    project.volume("shop/files/texts/a.txt", "one\ntwo\n")
    project.volume("shop/files/texts/b.md", "three\n")
    project.write(
        "transformations/a.py",
        reading("plain", "pl*n", cloudFiles__format="parquet")
        + reading("orcs", "orc", cloudFiles__format="orc")
        + reading("avros", "avro", cloudFiles__format="avro")
        + reading(
            "texts",
            "texts",
            cloudFiles__format="text",
            pathGlobFilter="*.txt",
            cloudFiles__allowOverwrites="true",
        )
        + reading("bytes", "texts/*.md", cloudFiles__format="binaryFile"),
    )
    project.run(engine=engine)
    assert project.rows("SELECT id, CAST(day AS STRING) FROM shop.plain ORDER BY id") == [
        (1, "2018-01-01"),
        (2, "2018-01-01"),
    ]
    assert project.rows("SELECT id FROM shop.orcs ORDER BY id") == [(1,), (2,)]
    assert project.rows("SELECT id, code FROM shop.avros ORDER BY id") == [(1, "007"), (2, None)]
    assert project.rows("SELECT value, file_name FROM shop.texts ORDER BY value") == [
        ("one", "a.txt"),
        ("two", "a.txt"),
    ]
    assert project.rows("SELECT length, content FROM shop.bytes") == [(6, b"three\n")]


@pytest.mark.lakeflow("skipChangeCommits", "samples.nyctaxi.trips")
def test_reads_of_tables(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        """
        @dp.materialized_view
        def numbers():
            return spark.read.table("samples.nyctaxi.trips").selectExpr("count(*) AS n", "current_timestamp() AS at")

        @dp.table
        def seen():
            return spark.readStream.option("skipChangeCommits", "true").table("numbers").select("n")
        """,
    )
    project.run(engine=engine)
    project.run(engine=engine)
    assert project.rows("SELECT count(*), min(n) > 0 FROM shop.seen") == [(1, True)]


@pytest.mark.lakeflow(
    "input_file_name()", "csv without header and schema", "schemaHints", "a glob in load(path)"
)
def test_names_hints_and_globs(project: Project, engine: EngineName) -> None:
    for name in ("a/1", "b/2", "b/3"):
        project.volume(f"shop/files/orders/{name}.csv", f"id,text\n1,{name}\n")
    project.volume(
        "shop/files/events/1.json",
        '{"id": 1, "place": {"zip": 1310}, "tags": [{"k": 1}], "points": {"x": 1}, "plain.name": 5}\n',
    )
    hints = (
        "place.zip STRING, tags.element.k STRING, points MAP<STRING, INT>, `plain.name` STRING, seen.at DATE"
    )
    project.write(
        "transformations/a.py",
        f"""
        @dp.table
        def orders():
            files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv")
            chosen = files.load("/Volumes/main/shop/files/orders/{{a/1,b/3}}.csv")
            return chosen.withColumn("file", F.input_file_name())

        @dp.table
        def events():
            return (
                spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
                .option("cloudFiles.inferColumnTypes", True).option("cloudFiles.schemaHints", {hints!r})
                .load("/Volumes/main/shop/files/events")
            )
        """,
    )
    project.write(
        "transformations/b.sql",
        """
        CREATE MATERIALIZED VIEW named AS
            SELECT 'input_file_name()' AS name, input_file_name() AS file
            FROM read_files(path => '/Volumes/main/shop/files/orders/a', format => 'csv');
        """,
    )
    project.run(engine=engine)
    ends = "substring_index(file, '/files/', -1)"
    assert project.rows(f"SELECT id, text, {ends} FROM shop.orders ORDER BY text") == [
        ("1", "a/1", "orders/a/1.csv"),
        ("1", "b/3", "orders/b/3.csv"),
    ]
    assert project.rows(f"SELECT name, {ends} FROM shop.named") == [("input_file_name()", "orders/a/1.csv")]
    assert project.rows("SELECT place, tags, points, `plain.name`, typeof(seen) FROM shop.events") == [
        ({"zip": "1310"}, [{"k": "1"}], [("x", 1)], "5", "struct<at:date>")
    ]
