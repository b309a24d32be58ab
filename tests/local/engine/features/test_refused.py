"""What is not to be had on one machine is refused by its name, with file and line and what to do instead."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

QUERY = """
        @dp.table
        def t():
            return {}
"""
SINK = """
dp.create_sink("k", "kafka", {})
@dp.append_flow(target="k")
def f(): return spark.readStream.table("u")
"""
TWO_SEQUENCES = """
dp.create_streaming_table("t")
dp.create_auto_cdc_flow("t", "s", ["id"], "n", system_sequence_by="m")
"""
NOTIFIED = (
    "spark.readStream.format('cloudFiles').option('cloudFiles.format', 'json')"
    ".option('cloudFiles.useNotifications', 'true').load('/Volumes/main/shop/files')"
)
# Code, the line that is named, and what is said.
PYTHON = {
    "update_flow": (
        "\n@dp.update_flow(target='t')\ndef f(): pass",
        6,
        "write the aggregate as a materialized view",
    ),
    "foreach_sink": ("\ndp.foreach_sink('x')", 6, "in a foreach_batch_sink"),
    "row_filter": ("\n@dp.table(row_filter='f ON (id)')\ndef t(): pass", 6, "filter in the query"),
    "Kafka / Event Hubs": (
        QUERY.format("spark.readStream.format('kafka').load()"),
        8,
        "read files (cloudFiles)",
    ),
    "readChangeFeed": (
        QUERY.format("spark.read.option('readChangeFeed', True).table('u')"),
        8,
        "read its rows",
    ),
    "format xml": (QUERY.format("spark.read.xml('/Volumes/main/shop/x', rowTag='x')"), 8, "choose csv"),
    "sources that are no files": (
        QUERY.format("spark.read.format('jdbc').option('dbtable', 'x').load()"),
        8,
        "read files (csv, json, parquet) or a table",
    ),
    "DeltaTable": (
        "\nfrom delta.tables import DeltaTable\n\n@dp.table\ndef t():\n    return DeltaTable.forName(spark, 'u')",
        10,
        "write AUTO CDC",
    ),
    "identity columns, DEFAULT, MASK": (
        "\n@dp.table(schema='id BIGINT GENERATED ALWAYS AS IDENTITY')\ndef t(): return spark.range(1)",
        6,
        "number the rows in the query",
    ),
    "INSERT, MERGE, DELETE, CREATE TABLE": (
        QUERY.format("spark.sql('CREATE OR REPLACE TABLE x AS SELECT 1 AS a')"),
        8,
        "CREATE TABLE is no query",
    ),
    "cloud storage": (QUERY.format("spark.read.json('s3://bucket/x')"), 8, "read /Volumes/"),
    "sinks of other formats": (SINK, 6, "write to format delta"),
    "system_sequence_by": (TWO_SEQUENCES, 7, "two tables"),
    "other questions to the catalog": (
        QUERY.format("len(spark.catalog.listTables('bronze'))"),
        8,
        "spark.catalog.listTables is not supplied",
    ),
    "cleanSource, useNotifications": (QUERY.format(NOTIFIED), 8, "useNotifications"),
}
SQL = {
    "other questions to the catalog": (
        "CREATE MATERIALIZED VIEW a AS SHOW TABLES",
        "SHOW is not supplied in a query",
    ),
    "ai_query, ai_*()": (
        "CREATE MATERIALIZED VIEW a AS SELECT ai_classify('x', array('a')) AS c",
        "asks a model",
    ),
    "ROW FILTER / MASK": (
        "CREATE MATERIALIZED VIEW a WITH ROW FILTER f ON (id) AS SELECT 1 AS id",
        "a row filter",
    ),
    "identity columns, DEFAULT, MASK": (
        "CREATE MATERIALIZED VIEW a (id INT, name STRING MASK f) AS SELECT 1 AS id, 'x' AS name",
        "a column mask",
    ),
    "functions of rows that are not here": (
        "CREATE STREAMING TABLE a AS SELECT * FROM STREAM read_kafka(bootstrapServers => 'x:1')",
        "read_kafka",
    ),
    "INSERT, MERGE, DELETE, CREATE TABLE": (
        "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE",
        "MERGE",
    ),
}


def refusal(project: Project) -> str:
    with pytest.raises(UserError) as raised:
        project.run(engine="sail")
    return str(raised.value)


@pytest.mark.lakeflow(
    "update_flow",
    "foreach_sink",
    "row_filter",
    "Kafka / Event Hubs",
    "readChangeFeed",
    "format xml",
    "sources that are no files",
    "DeltaTable",
    "identity columns, DEFAULT, MASK",
    "INSERT, MERGE, DELETE, CREATE TABLE",
    "cloud storage",
    "sinks of other formats",
    "system_sequence_by",
    "cleanSource, useNotifications",
    "other questions to the catalog",
    refused=True,
)
@pytest.mark.parametrize("feature", PYTHON)
def test_python(project: Project, feature: str, request: pytest.FixtureRequest) -> None:
    code, line, said = PYTHON[feature]
    project.write("transformations/a.py", code)
    message = refusal(project)
    assert f"transformations/a.py:{line}: " in message
    assert said in message
    assert feature in request.node.get_closest_marker("lakeflow").args


@pytest.mark.lakeflow(
    "ai_query, ai_*()",
    "other questions to the catalog",
    "ROW FILTER / MASK",
    "identity columns, DEFAULT, MASK",
    "functions of rows that are not here",
    "INSERT, MERGE, DELETE, CREATE TABLE",
    refused=True,
)
@pytest.mark.parametrize("feature", SQL)
def test_sql(project: Project, feature: str, request: pytest.FixtureRequest) -> None:
    code, said = SQL[feature]
    project.write("transformations/a.sql", f"-- {said} in a comment\n{code}")
    message = refusal(project)
    assert "transformations/a.sql:2: " in message
    assert said in message
    assert feature in request.node.get_closest_marker("lakeflow").args


@pytest.mark.lakeflow("functions of rows that are not here", refused=True)
@pytest.mark.parametrize("source", ["STREAM range(5)", "STREAM(range(5))"])
def test_a_stream_of_a_function_that_reads_no_files(project: Project, source: str) -> None:
    project.write("transformations/a.sql", f"\nCREATE STREAMING TABLE a AS SELECT * FROM {source}")
    assert "transformations/a.sql:2: STREAM range(...) is not supplied" in refusal(project)
