from typing import Any

import pytest
from pyspark.sql import SparkSession

from common.errors import UserError
from local.engine.language.sql_queries import for_sail


@pytest.fixture(scope="module")
def tables(sail: SparkSession) -> SparkSession:
    sail.sql(
        "SELECT * FROM VALUES (1, 'a', 10, '{\"a\": {\"b c\": [5, 6]}}'), (2, 'a', 30, null), (3, 'b', 20, '{}') "
        "AS t(id, kind, n, js)"
    ).createOrReplaceTempView("t")
    sail.sql("SELECT * FROM VALUES (1, 'one'), (2, 'two') AS u(id, name)").createOrReplaceTempView("u")
    return sail


def rewritten(query: str, session: SparkSession) -> str:
    return for_sail(query, lambda text: session.sql(text).columns)


def answer(query: str, session: SparkSession) -> list[Any]:
    rows = session.sql(rewritten(query, session))
    return [rows.columns, *sorted((tuple(row) for row in rows.collect()), key=str)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS `x''y`, 'a' 'b', \"it's\" -- * EXCEPT (a) QUALIFY ''",
        "SHOW TABLES",
        "SELECT * FROM t EXCEPT (SELECT * FROM t)",
        "SELECT id AS n, n + 1 AS m FROM t",
        "SELECT CAST(null AS STRUCT<a:INT, b: MAP<STRING,INT>>), x -> x FROM t GROUP BY a, b ORDER BY ALL_OF",
        "SELECT a, b FROM t WHERE js = :a",
    ],
)
def test_what_sail_takes_stays_to_the_letter(query: str, tables: SparkSession) -> None:
    assert rewritten(query, tables) == query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT 'Ann''s', \"a\"\"b\", '''', 'a' 'b'", [("Ann's", 'a"b', "'", "ab")]),
        ("SELECT * EXCEPT (js, KIND) FROM t", [["id", "n"], (1, 10), (2, 30), (3, 20)]),
        (
            "SELECT t.* EXCEPT (js, kind, n), u.* EXCEPT (id) FROM t JOIN u ON t.id = u.id",
            [["id", "name"], (1, "one"), (2, "two")],
        ),
        (
            "SELECT * EXCEPT (u.id, js, n) FROM t JOIN u ON t.id = u.id",
            [["id", "kind", "name"], (1, "a", "one"), (2, "a", "two")],
        ),
        ("SELECT count(*) AS c, max(struct(* EXCEPT (js, n))).id AS m FROM t", [["c", "m"], (3, 3)]),
        (
            "WITH a AS (SELECT * EXCEPT (js) FROM t), b AS (SELECT id FROM (SELECT * EXCEPT (n) FROM a)) "
            "SELECT * EXCEPT (x) FROM (SELECT *, 1 AS x FROM b)",
            [["id"], (1,), (2,), (3,)],
        ),
        ("SELECT id FROM t QUALIFY row_number() OVER (PARTITION BY kind ORDER BY n DESC) = 1", [["id"], (2,), (3,)]),
        (
            "SELECT *, rank() OVER (PARTITION BY kind ORDER BY n) AS r FROM t QUALIFY r = 1 AND n > 10",
            [["id", "kind", "n", "js", "r"], (3, "b", 20, "{}", 1)],
        ),
        (
            "SELECT kind, sum(n) AS s FROM t GROUP BY ALL QUALIFY rank() OVER (ORDER BY sum(n) DESC) = 1",
            [["kind", "s"], ("a", 40)],
        ),
        (
            "SELECT * EXCEPT (r) FROM (SELECT id, row_number() OVER (ORDER BY n) AS r FROM t QUALIFY r <= 1 OR id = 2)",
            [["id"], (1,), (2,)],
        ),
        ("SELECT id FROM t QUALIFY row_number() OVER (ORDER BY n DESC) = 1 UNION ALL SELECT 9", [["id"], (2,), (9,)]),
        ("SELECT id FROM t WHERE kind = 'a' QUALIFY max(n) OVER () = n ORDER BY id LIMIT 5", [["id"], (2,)]),
        (
            "SELECT n * 2 AS twice, twice + 1 AS more, more * twice m FROM t WHERE id = 1",
            [["twice", "more", "m"], (20, 21, 420)],
        ),
        ("SELECT id + 1 AS id, id * 10 AS ten FROM t WHERE id = 1", [["id", "ten"], (2, 10)]),
        ("SELECT kind, count(*) AS c FROM t GROUP BY ALL", [["kind", "c"], ("a", 2), ("b", 1)]),
        ("SELECT count(*) AS c FROM t GROUP BY ALL", [["c"], (3,)]),
        ("SELECT kind, id FROM t ORDER BY ALL DESC LIMIT 1", [["kind", "id"], ("b", 3)]),
        ("SELECT * EXCEPT (js, n, kind) FROM t ORDER BY ALL DESC LIMIT 1", [["id"], (3,)]),
        ("SELECT js:a['b c'][1]::int AS x, t.js:a.nothing AS y FROM t WHERE id = 1", [["x", "y"], (6, None)]),
        (
            "SELECT * FROM (SELECT kind, n FROM t) PIVOT (sum(n) AS s FOR kind IN ('a' AS k, 'b'))",
            [["k", "b"], (40, 20)],
        ),
    ],
)  # fmt: skip
def test_what_sail_does_not_take_is_written_anew(
    query: str, expected: list[Any], tables: SparkSession
) -> None:
    found = answer(query, tables)
    assert (found if isinstance(expected[0], list) else found[1:]) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * EXCEPT (x) FROM t", "names x, which is not among: id, kind, n, js"),
        ("SELECT * EXCEPT (id) FROM t JOIN u ON t.id = u.id", "which two tables have: write table.id"),
        ("SELECT * EXCEPT (id, name) FROM u", "leaves no column"),
        ("SELECT rand() AS r, r + 1 AS s FROM t", "another value at each use"),
    ],
)
def test_what_cannot_be_written_anew_is_said(query: str, message: str, tables: SparkSession) -> None:
    with pytest.raises(UserError, match=message):
        rewritten(query, tables)
