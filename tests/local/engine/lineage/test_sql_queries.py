"""Lineage by column of datasets in SQL, as a run keeps it."""

from tests.local.engine.lineage.told import told_of
from tests.local.engine.project import Project

ROWS = "id,name,price,at\n1,a,1.50,2018-01-01\n2,b,2.25,2018-01-02\n2,c,3.00,2018-01-03\n"
FILES = "/Volumes/main/shop/files/orders"
ORDERS = f"""
CREATE OR REFRESH STREAMING TABLE orders (
    id INT, name STRING, price DECIMAL(8,2), at DATE, CONSTRAINT costs EXPECT (price > 0) ON VIOLATION DROP ROW
) AS SELECT id, name, price, CAST(at AS DATE) AS at FROM STREAM read_files(
    '{FILES}', format => 'csv', header => true, schema => 'id INT, name STRING, price DECIMAL(8,2), at STRING');
"""


def ran(project: Project, sql: str) -> Project:
    project.volume("shop/files/orders/1.csv", ROWS)
    project.write("transformations/a.sql", ORDERS + sql)
    project.run(engine="sail")
    return project


def test_files_casts_and_drop_rules(project: Project) -> None:
    assert told_of(ran(project, ""), "orders") == {
        "id": {f"{FILES}.id IDENTITY"},
        "name": {f"{FILES}.name IDENTITY"},
        "price": {f"{FILES}.price IDENTITY"},
        "at": {f"{FILES}.at TRANSFORMATION"},
        "rows": {f"{FILES}.price FILTER"},
    }


def test_common_tables_joins_subqueries_and_windows(project: Project) -> None:
    ran(
        project,
        """
        CREATE TEMPORARY VIEW latest AS
            SELECT *, 'x' AS word FROM orders QUALIFY row_number() OVER (PARTITION BY id ORDER BY at DESC) = 1;
        CREATE MATERIALIZED VIEW mixed AS
            WITH big AS (SELECT id, price, at FROM orders WHERE price > 1),
                 sums (k, total) AS (SELECT id, sum(price) FROM big GROUP BY id)
            SELECT o.* EXCEPT (price, at, word), s.total,
                   CASE WHEN o.name = 'a' THEN o.price ELSE 0 END AS chosen,
                   (SELECT max(at) FROM big) AS last_at,
                   avg(o.price) OVER (PARTITION BY o.name) AS usual,
                   upper(o.name) AS loud, loud || '!' AS louder
            FROM latest o LEFT JOIN sums s ON o.id = s.k
            WHERE o.id IN (SELECT id FROM orders) ORDER BY 2;
        """,
    )
    assert told_of(project, "mixed") == {
        "id": {"orders.id IDENTITY"},
        "name": {"orders.name IDENTITY"},
        "total": {"orders.price AGGREGATION"},
        "chosen": {"orders.name CONDITIONAL", "orders.price TRANSFORMATION"},
        "last_at": {"orders.at AGGREGATION", "orders.price CONDITIONAL"},
        "usual": {"orders.price AGGREGATION", "orders.name WINDOW"},
        "loud": {"orders.name TRANSFORMATION"},
        "louder": {"orders.name TRANSFORMATION"},
        "rows": {
            "orders.id FILTER, GROUP_BY, JOIN",
            "orders.name SORT",
            "orders.price FILTER",
            "orders.at FILTER",
        },
    }


def test_unions_fields_generators_and_pivots(project: Project) -> None:
    ran(
        project,
        """
        CREATE MATERIALIZED VIEW nested AS
            SELECT named_struct('x', name, 'y', at) AS s, array(id, 7) AS several, price FROM orders;
        CREATE MATERIALIZED VIEW flat AS
            SELECT n.s.x AS x, e.one FROM nested n LATERAL VIEW explode(several) e AS one;
        CREATE MATERIALIZED VIEW both AS SELECT id, name FROM orders UNION ALL SELECT one, x FROM flat;
        CREATE MATERIALIZED VIEW wide AS
            SELECT * FROM (SELECT id, name, price FROM orders) PIVOT (sum(price) FOR name IN ('a' AS a, 'b' AS b));
        """,
    )
    assert told_of(project, "flat") == {
        "x": {"nested.s TRANSFORMATION"},
        "one": {"nested.several TRANSFORMATION"},
        "rows": set(),
    }
    assert told_of(project, "both") == {
        "id": {"orders.id IDENTITY", "flat.one IDENTITY"},
        "name": {"orders.name IDENTITY", "flat.x IDENTITY"},
        "rows": set(),
    }
    pivoted = {"orders.price AGGREGATION", "orders.name CONDITIONAL"}
    assert told_of(project, "wide") == {
        "id": {"orders.id IDENTITY"},
        "a": pivoted,
        "b": pivoted,
        "rows": {"orders.id GROUP_BY"},
    }


def test_numbers_that_a_function_counts_come_from_nothing(project: Project) -> None:
    ran(
        project,
        "CREATE MATERIALIZED VIEW counted AS SELECT r.id, o.name FROM range(3) r JOIN orders o USING (id);",
    )
    assert told_of(project, "counted") == {
        "id": set(),
        "name": {"orders.name IDENTITY"},
        "rows": {"orders.id JOIN"},
    }


def test_what_is_not_told_is_said(project: Project) -> None:
    query = "SELECT o.* FROM orders o NATURAL JOIN (SELECT id FROM orders)"
    ran(project, f"CREATE MATERIALIZED VIEW odd AS {query};")
    assert {*told_of(project, "odd").values()} == {"unknown"}
