"""SQL of a pipeline's datasets and of spark.sql computes as Apache Spark does, or the update fails."""

from decimal import Decimal

import pytest

from common.errors import UserError
from tests.local.engine.project import Project

SOURCE = (
    "CREATE MATERIALIZED VIEW a AS SELECT 2147483647 AS n, CAST(1.50 AS DECIMAL(8,3)) AS price, 1e20D AS w;\n"
)


def test_values_are_those_of_spark(project: Project) -> None:
    project.write(
        "transformations/a.sql", f"{SOURCE} CREATE VIEW v AS SELECT price / 3 AS third, w, n FROM a;"
    )
    project.write(
        "transformations/b.py",
        """
        @dp.materialized_view
        def b():
            query = "SELECT third * 2 AS twice, v.w || '' AS text, v.n FROM v JOIN a USING (n)"
            return spark.sql(query + " UNION ALL SELECT 1, '', 1")
        """,
    )
    project.run(engine="sail")
    rows = project.rows("SELECT twice / 7 AS x, text FROM shop.b ORDER BY text DESC LIMIT 1")
    assert rows == [(Decimal("0.14285714"), "1.0E20")]
    assert project.rows("SELECT n FROM shop.b ORDER BY n") == [(1,), (2147483647,)]


def test_an_integer_that_does_not_fit_fails_the_update(project: Project) -> None:
    project.write(
        "transformations/a.sql", f"{SOURCE} CREATE MATERIALIZED VIEW b AS SELECT n + 1 AS m FROM a;"
    )
    with pytest.raises(UserError, match=r"a\.sql:2: shop\.b: .*2147483648"):
        project.run(engine="sail")


def test_what_sail_cannot_tell_names_the_dataset(project: Project) -> None:
    project.write(
        "transformations/a.sql",
        f"{SOURCE} CREATE MATERIALIZED VIEW b AS SELECT (SELECT max(x.n - a.n) FROM a AS x) AS m FROM a;",
    )
    with pytest.raises(UserError, match=r"a\.sql:2: shop\.b: x\.n - a\.n: Sail cannot tell .*--engine spark"):
        project.run(engine="sail")


def test_a_wrong_column_is_said_first(project: Project) -> None:
    project.write(
        "transformations/a.sql", f"{SOURCE} CREATE MATERIALIZED VIEW b AS SELECT nothing + 1 AS m FROM a;"
    )
    with pytest.raises(UserError, match=r"a\.sql:2: shop\.b: .*nothing"):
        project.run(engine="sail")
