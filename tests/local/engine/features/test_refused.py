"""What is not to be had on one machine is refused by its name, with file and line and what to do instead."""

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

QUERY = """
        @dp.table
        def t():
            return {}
"""


def refusal(project: Project) -> str:
    with pytest.raises(UserError) as raised:
        project.run(engine="sail")
    return str(raised.value)


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        pytest.param(code, line, said, marks=pytest.mark.lakeflow(feature, refused=True), id=feature)
        for feature, code, line, said in (
            (
                "update_flow",
                "\n@dp.update_flow(target='t')\ndef f(): pass",
                6,
                "write the aggregate as a materialized view",
            ),
            ("foreach_sink", "\ndp.foreach_sink('x')", 6, "in a foreach_batch_sink"),
            ("row_filter", "\n@dp.table(row_filter='f ON (id)')\ndef t(): pass", 6, "filter in the query"),
            (
                "Kafka / Event Hubs",
                QUERY.format("spark.readStream.format('kafka').load()"),
                8,
                "read files (cloudFiles)",
            ),
            (
                "readChangeFeed",
                QUERY.format("spark.read.option('readChangeFeed', 'true').table('u')"),
                8,
                "read its rows",
            ),
            (
                "format xml, avro",
                QUERY.format("spark.read.format('avro').load('/Volumes/main/shop/f/x')"),
                8,
                "csv",
            ),
            ("cloud storage", QUERY.format("spark.read.json('s3://bucket/x')"), 8, "read /Volumes/"),
            (
                "sinks of other formats",
                "\ndp.create_sink('k', 'kafka', {})\n@dp.append_flow(target='k')\n"
                "def f(): return spark.readStream.table('u')",
                6,
                "write to format delta",
            ),
            (
                "system_sequence_by",
                "\ndp.create_streaming_table('t')\n"
                "dp.create_auto_cdc_flow('t', 's', ['id'], 'n', system_sequence_by='m')",
                7,
                "two tables",
            ),
            (
                "cleanSource, useNotifications",
                QUERY.format(
                    "spark.readStream.format('cloudFiles').options(**{"
                    "'cloudFiles.format': 'json', 'cloudFiles.useNotifications': 'true'}).load('/Volumes/main/shop/f')"
                ),
                8,
                "useNotifications",
            ),
        )
    ],
)
def test_python(project: Project, code: str, line: int, said: str) -> None:
    project.write("transformations/a.py", code)
    message = refusal(project)
    assert f"transformations/a.py:{line}: " in message
    assert said in message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(code, said, marks=pytest.mark.lakeflow(feature, refused=True), id=feature)
        for feature, code, said in (
            (
                "ai_query, ai_*()",
                "CREATE MATERIALIZED VIEW a AS SELECT ai_classify('x', array('a', 'b')) AS c",
                "asks a model",
            ),
            (
                "ROW FILTER / MASK",
                "CREATE MATERIALIZED VIEW a WITH ROW FILTER f ON (id) AS SELECT 1 AS id",
                "a row filter",
            ),
            (
                "INSERT, MERGE, DELETE, CREATE TABLE",
                "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE",
                "MERGE",
            ),
        )
    ],
)
def test_sql(project: Project, code: str, said: str) -> None:
    project.write("transformations/a.sql", f"-- {said} in a comment\n{code}")
    message = refusal(project)
    assert "transformations/a.sql:2: " in message
    assert said in message
