"""What a SQL file of a pipeline may say, tried on both engines."""

from decimal import Decimal

import pytest

from common.errors import UserError
from local.engine.sessions.engines import EngineName
from tests.java import need_java
from tests.local.engine.project import Project

EVENTS = "id,name,price,at\n1,a,1.50,2018-01-01\n2,b,2.25,2018-01-02\n2,c,3.00,2018-01-03\n"


@pytest.mark.lakeflow(
    "CREATE OR REFRESH STREAMING TABLE",
    "CREATE MATERIALIZED VIEW",
    "CREATE TEMPORARY VIEW",
    "STREAM(x) and STREAM x",
    "read_files",
    "TBLPROPERTIES",
    "PARTITIONED BY and CLUSTER BY",
    "typed columns, PRIMARY KEY, GENERATED",
    "SCHEDULE, PRIVATE",
    "${parameter}",
    "SET between statements",
    "three-part names in SQL",
    "double-quoted strings",
    "CREATE FLOW",
    "words only in comments or strings",
    "QUALIFY, * EXCEPT, GROUP BY ALL, column:path",
    "JOIN ... USING",
    "PIVOT",
)
def test_the_statements_of_today(project: Project, engine: EngineName) -> None:
    project.volume("shop/files/orders/1.csv", EVENTS)
    project.write(
        "transformations/a.sql",
        """
        -- CREATE LIVE TABLE nothing: APPLY CHANGES INTO is in a comment only
        SET mine.least = 1.6;
        CREATE OR REFRESH STREAMING TABLE main.shop.orders (
            id INT NOT NULL PRIMARY KEY COMMENT 'key', name STRING, price DECIMAL(8,2), at DATE,
            year INT GENERATED ALWAYS AS (year(at))
        ) PARTITIONED BY (year) COMMENT "the 'orders'" TBLPROPERTIES ('quality' = 'bronze')
        AS SELECT * EXCEPT (at), CAST(at AS DATE) AS at, 2018 AS year FROM STREAM read_files(
            '/Volumes/main/shop/files/orders', format => 'csv', header => true,
            schema => 'id INT, name STRING, price DECIMAL(8,2), at DATE');
        CREATE STREAMING TABLE all_orders CLUSTER BY (id);
        CREATE FLOW into_all AS INSERT INTO all_orders BY NAME SELECT id, name FROM STREAM(orders);
        CREATE FLOW once_more AS INSERT INTO ONCE all_orders BY NAME SELECT 9 AS id, "MERGE INTO" AS name;
        CREATE TEMPORARY VIEW latest AS
            SELECT *, '{"a": {"b": "deep"}}' AS js FROM orders WHERE price > ${mine.least}
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY at DESC) = 1;
        CREATE PRIVATE MATERIALIZED VIEW hidden SCHEDULE EVERY 1 HOUR AS SELECT id, price / 3 AS third FROM latest;
        CREATE MATERIALIZED VIEW shown AS
            SELECT l.* EXCEPT (year, at), third, js:a.b AS deep, count(*) AS n
            FROM latest l JOIN main.shop.hidden USING (id) GROUP BY ALL;
        CREATE MATERIALIZED VIEW wide AS
            SELECT * FROM (SELECT name, id FROM all_orders) PIVOT (sum(id) FOR name IN ('a' AS a, 'b' AS b));
        """,
    )
    project.run(engine=engine)
    price = (Decimal("3.00"), '{"a": {"b": "deep"}}', Decimal("1.00000000"), "deep", 1)
    assert project.rows("SELECT * FROM shop.shown") == [(2, "c", *price)]
    assert project.rows("SELECT id, name FROM shop.all_orders WHERE id > 1 ORDER BY name") == [
        (9, "MERGE INTO"),
        (2, "b"),
        (2, "c"),
    ]
    assert project.rows("SELECT * FROM shop.wide") == [(1, 2)]


@pytest.mark.lakeflow("CREATE LIVE TABLE, LIVE VIEW", "LIVE.x in SQL", "cloud_files", "CONSTRAINT ... EXPECT")
def test_the_old_statements(project: Project, engine: EngineName) -> None:
    project.volume("shop/files/orders/1.csv", EVENTS)
    project.write(
        "transformations/a.sql",
        """
        CREATE OR REFRESH STREAMING LIVE TABLE raw AS SELECT * FROM cloud_files(
            "/Volumes/main/shop/files/orders", "csv", map("header", "true", "cloudFiles.inferColumnTypes", "true"));
        CREATE STREAMING LIVE TABLE clean (CONSTRAINT named EXPECT (name != "b") ON VIOLATION DROP ROW)
            AS SELECT id, name FROM STREAM(LIVE.raw);
        CREATE TEMPORARY LIVE VIEW seen AS SELECT * FROM LIVE.clean;
        CREATE LIVE TABLE counts AS SELECT count(*) AS n, max(id) AS id FROM LIVE.seen;
        """,
    )
    project.run(engine=engine)
    assert project.rows("SELECT * FROM shop.counts") == [(2, 2)]


@pytest.mark.lakeflow(
    "APPLY CHANGES INTO",
    "AUTO CDC INTO",
    "COLUMNS * EXCEPT, APPLY AS DELETE, SCD TYPE 2, TRACK HISTORY",
    "IGNORE NULL UPDATES, APPLY AS TRUNCATE",
)
def test_auto_cdc(project: Project, engine: EngineName) -> None:
    project.volume("shop/files/orders/1.csv", "id,name,op,seq\n1,a,I,1\n1,b,U,2\n2,c,I,3\n2,,D,4\n")
    project.write(
        "transformations/a.sql",
        """
        CREATE STREAMING TABLE events AS SELECT * FROM STREAM read_files('/Volumes/main/shop/files/orders',
            format => 'csv', schema => 'id INT, name STRING, op STRING, seq INT', header => true);
        CREATE STREAMING TABLE now;
        APPLY CHANGES INTO now FROM STREAM(events) KEYS (id) APPLY AS DELETE WHEN op = 'D'
            APPLY AS TRUNCATE WHEN op = 'T' SEQUENCE BY seq COLUMNS * EXCEPT (op, seq) STORED AS SCD TYPE 1;
        CREATE STREAMING TABLE kept;
        CREATE FLOW kept_flow AS AUTO CDC INTO kept FROM STREAM events KEYS (id) IGNORE NULL UPDATES
            SEQUENCE BY seq COLUMNS * EXCEPT (op);
        CREATE STREAMING TABLE history;
        CREATE FLOW history_flow AS AUTO CDC INTO history FROM STREAM events KEYS (id) APPLY AS DELETE WHEN op = 'D'
            SEQUENCE BY seq COLUMNS * EXCEPT (op) STORED AS SCD TYPE 2 TRACK HISTORY ON name;
        """,
    )
    project.run(engine=engine)
    assert project.rows("SELECT * FROM shop.now") == [(1, "b")]
    assert project.rows("SELECT name FROM shop.kept ORDER BY id") == [("b",), ("c",)]
    assert project.rows("SELECT name, __START_AT, __END_AT FROM shop.history ORDER BY __START_AT") == [
        ("a", 1, 2),
        ("b", 2, None),
        ("c", 3, 4),
    ]


@pytest.mark.lakeflow(
    "what Sail does not parse, or lacks",
    "UNPIVOT, LATERAL explode(...), RANGE ... PRECEDING, (a, b) NOT IN",
    engines=("spark",),
)
def test_what_sail_lacks_goes_to_spark(project: Project) -> None:
    project.write(
        "transformations/a.sql",
        """
        CREATE MATERIALIZED VIEW numbers AS SELECT id, id * 10 AS tens FROM range(1, 4);
        CREATE MATERIALIZED VIEW deep AS
            SELECT data:a.b AS b FROM (SELECT '{"a": {"b": 1.50}}' AS data);
        CREATE MATERIALIZED VIEW long AS SELECT * FROM numbers UNPIVOT (value FOR name IN (id, tens));
        CREATE MATERIALIZED VIEW piped AS FROM numbers |> WHERE id > 1 |> SELECT id;
        CREATE MATERIALIZED VIEW summed AS
            SELECT id, sum(tens) FILTER (WHERE id > 1) OVER (ORDER BY id) AS later FROM numbers;
        CREATE MATERIALIZED VIEW counted AS
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n;
        CREATE MATERIALIZED VIEW alike AS SELECT id FROM numbers WHERE CAST(id AS STRING) LIKE ANY ('1', '3%');
        CREATE MATERIALIZED VIEW rolling AS SELECT id, count(*) OVER (
                ORDER BY date_add(DATE'2018-01-01', CAST(tens AS INT))
                RANGE BETWEEN INTERVAL 9 DAYS PRECEDING AND CURRENT ROW) AS n FROM numbers;
        CREATE MATERIALIZED VIEW exploded AS
            SELECT q.x FROM numbers, LATERAL explode(filter(array(id), one -> one > 1)) AS q(x);
        CREATE MATERIALIZED VIEW others AS
            SELECT id FROM numbers WHERE (id, tens) NOT IN (SELECT 2L, CAST(NULL AS BIGINT));
        """,
    )
    with pytest.raises(UserError, match="get_json_object: Sail gives numbers") as refused:
        project.run(engine="sail")
    assert "a.sql:5: shop.long: UNPIVOT: Sail keeps its nulls" in str(refused.value)
    assert "shop.rolling: RANGE ... PRECEDING: over dates Sail takes all rows before" in str(refused.value)
    assert "shop.exploded: LATERAL and a function" in str(refused.value)
    assert "shop.others: (a, b) NOT IN: Sail passes over nulls" in str(refused.value)
    assert "shop.counted: WITH RECURSIVE: Sail does not know it" in str(refused.value)
    assert "shop.alike: the query: Sail lacks a part of it" in str(refused.value)
    need_java()
    assert project.run().engine == "spark"
    assert project.rows("SELECT i FROM shop.counted ORDER BY i") == [(1,), (2,), (3,)]
    assert project.rows("SELECT id FROM shop.alike ORDER BY id") == [(1,), (3,)]
    assert project.rows("SELECT b FROM shop.deep") == [("1.5",)]
    assert project.rows("SELECT sum(value) FROM shop.long WHERE name = 'tens'") == [(60,)]
    assert project.rows("SELECT n FROM shop.rolling") == [(1,)] * 3
    assert project.rows("SELECT x FROM shop.exploded ORDER BY x") == [(2,), (3,)]
    assert project.rows("SELECT id FROM shop.others ORDER BY id") == [(1,), (3,)]
    assert project.rows("SELECT id FROM shop.piped ORDER BY id") == [(2,), (3,)]
    assert project.rows("SELECT later FROM shop.summed ORDER BY id") == [(None,), (20,), (50,)]
