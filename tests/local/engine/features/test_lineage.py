"""Both engines are told the same of where columns come from: the plan is the client's."""

import pytest

from local.engine.sessions.engines import EngineName
from tests.local.engine.lineage.told import told_of
from tests.local.engine.project import Project


@pytest.mark.slow_on_spark
def test_lineage_by_column(project: Project, engine: EngineName) -> None:
    project.write(
        "transformations/a.py",
        """
        @dp.materialized_view
        def numbers():
            return spark.createDataFrame([(1, "a"), (2, "b")], "id INT, name STRING")

        @dp.materialized_view
        def sums():
            rows = spark.read.table("numbers").selectExpr("*", "id + 1 AS more").filter("id > 0")
            return rows.groupBy("name").agg(F.expr("sum(more) AS total")).orderBy("total")
        """,
    )
    sql = "CREATE MATERIALIZED VIEW large AS SELECT s.*, upper(name) AS loud FROM sums s WHERE total > 1;"
    project.write("transformations/b.sql", sql)
    project.run(engine=engine)
    assert told_of(project, "numbers") == {"id": set(), "name": set(), "rows": set()}
    assert told_of(project, "sums") == {
        "name": {"numbers.name IDENTITY"},
        "total": {"numbers.id AGGREGATION"},
        "rows": {"numbers.id FILTER, SORT", "numbers.name GROUP_BY"},
    }
    assert told_of(project, "large") == {
        "name": {"sums.name IDENTITY"},
        "total": {"sums.total IDENTITY"},
        "loud": {"sums.name TRANSFORMATION"},
        "rows": {"sums.total FILTER"},
    }
