"""Settings of Spark that a dataset or a flow asks for."""

import pytest

from common.errors import UserError
from tests.java import need_java
from tests.local.engine.project import Project

CODE = """
KIND = "select typeof(timestamp '2024-01-01 00:00:00') as kind"

@dp.materialized_view(spark_conf={"spark.sql.timestampType": "TIMESTAMP_NTZ"})
def there():
    return spark.sql(KIND)

@dp.materialized_view
def here():
    return spark.sql(KIND)

@dp.view(spark_conf={"spark.sql.timestampType": "TIMESTAMP_NTZ"})
def seen_there():
    return spark.sql(KIND)

@dp.materialized_view
def seen_here():
    return spark.read.table("seen_there").selectExpr("kind", "typeof(timestamp '2024-01-01 00:00:00') as own")

dp.create_streaming_table("lines", spark_conf={"spark.sql.timestampType": "TIMESTAMP_NTZ"})

@dp.append_flow(target="lines", once=True)
def line():
    return spark.sql("select 1 as id")

dp.create_streaming_table("latest", spark_conf={"spark.sql.timestampType": "TIMESTAMP_NTZ"})
dp.create_auto_cdc_flow("latest", "changes", keys=["id"], sequence_by="kind")

@dp.view
def changes():
    return spark.readStream.table("lines").selectExpr("id", "typeof(timestamp '2024-01-01 00:00:00') as kind")
"""


def test_they_hold_for_that_flow_or_view_alone(project: Project) -> None:
    project.write("transformations/hours.py", CODE)
    project.run()
    assert project.rows("select kind from shop.there") == [("timestamp_ntz",)]
    assert project.rows("select kind from shop.here") == [("timestamp",)]
    assert project.rows("select kind, own from shop.seen_here") == [("timestamp_ntz", "timestamp")]
    assert project.rows("select kind from shop.latest") == [("timestamp_ntz",)]


AT_LOAD = """
spark.conf.set("spark.sql.ansi.enabled", False)

@dp.materialized_view
def lenient():
    return spark.sql("select cast('x' as int) as n")
"""
OF_A_FLOW = """
@dp.materialized_view(spark_conf={"spark.sql.ansi.enabled": "false"})
def lenient():
    return spark.sql("select cast('x' as int) as n")
"""


@pytest.mark.lakeflow("settings that change what Spark answers", engines=("spark",))
@pytest.mark.parametrize("code", [AT_LOAD, OF_A_FLOW])
def test_what_sail_does_not_heed_goes_to_spark(project: Project, code: str) -> None:
    project.write("transformations/lenient.py", code)
    with pytest.raises(UserError, match=r"spark\.sql\.ansi\.enabled=false: Sail does not heed this setting"):
        project.run(engine="sail")
    need_java()
    assert project.run().engine == "spark"
    assert project.rows("select n from shop.lenient") == [(None,)]
