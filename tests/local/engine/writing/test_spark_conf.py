"""Settings of Spark that a dataset or a flow asks for."""

from tests.local.engine.project import Project

CODE = """
HOUR = "select hour(timestamp '2024-01-01 00:00:00Z') as hour"

@dp.materialized_view(spark_conf={"spark.sql.session.timeZone": "America/New_York"})
def there():
    return spark.sql(HOUR)

@dp.materialized_view
def here():
    return spark.sql(HOUR)
"""


def test_they_hold_for_that_flow_alone(project: Project) -> None:
    project.write("transformations/hours.py", CODE)
    project.run()
    assert project.rows("select hour from shop.there") == [(19,)]
    assert project.rows("select hour from shop.here") == [(0,)]
