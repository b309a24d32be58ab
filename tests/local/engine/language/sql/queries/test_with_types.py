"""Queries whose values Sail would compute otherwise; the answers are Apache Spark's."""

from decimal import Decimal
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from local.engine.language.sql_queries import for_sail, with_types
from local.engine.sessions.errors import NeedsSpark

D = Decimal


@pytest.fixture(scope="module")
def tables(sail: SparkSession) -> SparkSession:
    sail.sql(
        "SELECT * FROM VALUES (1, 'a', CAST(1.50 AS DECIMAL(4,2)), 2.5D, 9223372036854775807L), "
        "(2, 'b', CAST(2.00 AS DECIMAL(4,2)), 1e20D, 1L) AS t(id, kind, price, weight, large)"
    ).createOrReplaceTempView("t")
    sail.sql("SELECT * FROM VALUES (1, 'one'), (3, 'three') AS u(id, name)").createOrReplaceTempView("u")
    return sail


def rewritten(query: str, session: SparkSession) -> str:
    plain = for_sail(query, lambda text: session.sql(text).columns)
    return with_types(plain, lambda text: session.sql(text).schema.fields)


def answer(query: str, session: SparkSession) -> list[Any]:
    rows = session.sql(rewritten(query, session))
    types = [field.dataType.simpleString() for field in rows.schema]
    return [rows.columns, types, *sorted((tuple(row) for row in rows.collect()), key=str)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id, upper(kind) AS k, count(*) FROM t GROUP BY ALL HAVING count(*) > 1 ORDER BY k",
        "SELECT date'2018-01-01' - INTERVAL 1 DAY AS d -- 1 / 3",
        "SELECT weight * 2 AS w, large = 3 FROM t WHERE weight / 2 > 1 AND kind LIKE '%a-b%'",
        "SELECT id FROM t UNION ALL SELECT id FROM u",
    ],
)
def test_what_sail_computes_alike_stays_to_the_letter(query: str, tables: SparkSession) -> None:
    plain = for_sail(query, lambda text: tables.sql(text).columns)
    assert with_types(plain, lambda text: tables.sql(text).schema.fields) == plain


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "SELECT price / 3, price * 2 AS p FROM t WHERE price / 3 < 0.6",
            [["(price / 3)", "p"], ["decimal(8,6)", "decimal(6,2)"], (D("0.500000"), D("3.00"))],
        ),
        (
            "WITH q AS (SELECT price / 7 AS s FROM t) "
            "SELECT max(s / 3) AS m FROM q GROUP BY s / 7 HAVING max(s / 3) < 0.08",
            [["m"], ["decimal(10,8)"], (D("0.07142867"),)],
        ),
        ("SELECT weight || '!' AS w FROM t", [["w"], ["string"], ("1.0E20!",), ("2.5!",)]),
        ("SELECT weight::string FROM t", [["weight"], ["string"], ("1.0E20",), ("2.5",)]),
        (
            "SELECT sum(id) OVER (PARTITION BY kind ORDER BY price / 3) AS s FROM t",
            [["s"], ["bigint"], (1,), (2,)],
        ),
        (
            "SELECT sum(price / 3) FILTER (WHERE price / 3 < 0.6) AS s FROM t",
            [["s"], ["decimal(18,6)"], (D("0.500000"),)],
        ),
        (
            "SELECT CASE kind WHEN 'a' THEN price ELSE 0 END AS c, if(id = 1, id, large) AS l, "
            "coalesce(price, weight) AS w FROM t WHERE id = 1",
            [["c", "l", "w"], ["decimal(12,2)", "bigint", "double"], (D("1.50"), 1, 1.5)],
        ),
        (
            "SELECT transform(array(price), x -> transform(array(x), y -> y / 3)) AS a, "
            "aggregate(array(id), 0L, (acc, x) -> acc + x) AS s FROM t WHERE id = 1",
            [["a", "s"], ["array<array<decimal(8,6)>>", "bigint"], ([[D("0.500000")]], 1)],
        ),
        (
            "SELECT to_json(struct(price, kind), map('ignoreNullFields', 'false')) AS j FROM t WHERE id = 1",
            [["j"], ["string"], ('{"price":1.50,"kind":"a"}',)],
        ),
        (
            "SELECT a.id FROM t a JOIN t b ON a.price / 3 = b.price / 3 LEFT JOIN u ON left(a.kind, 1) = u.name "
            "LATERAL VIEW explode(split(a.kind, '-')) e AS x WHERE b.price * 2 > 3",
            [["id"], ["int"], (2,)],
        ),
        (
            "SELECT (SELECT max(price / 3) FROM t) AS m FROM t WHERE id IN (SELECT id + 0 FROM u)",
            [["m"], ["decimal(8,6)"], (D("0.666667"),)],
        ),
    ],
)  # fmt: skip
def test_values_are_those_of_spark(query: str, expected: list[Any], tables: SparkSession) -> None:
    assert answer(query, tables) == expected


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 2147483647 + id FROM t",
        "SELECT large * 2 FROM t",
        "SELECT sum(large) FROM t",
        "SELECT sum(DISTINCT large) FROM t",
        "SELECT id FROM t ORDER BY large + id",
    ],
)
def test_integers_that_do_not_fit_are_an_error(query: str, tables: SparkSession) -> None:
    with pytest.raises(PySparkException):
        answer(query, tables)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "SELECT 1 AS x UNION ALL SELECT CAST(1.5 AS DECIMAL(3,1))",
            [["x"], ["decimal(11,1)"], (D("1.0"),), (D("1.5"),)],
        ),
        (
            "SELECT id, 'n' AS n FROM t UNION SELECT weight, 'w' FROM t UNION ALL SELECT large, 'l' FROM t "
            "ORDER BY id LIMIT 2",
            [["id", "n"], ["double", "string"], (1.0, "l"), (1.0, "n")],
        ),
        (
            "WITH q AS (SELECT NULL AS x UNION ALL SELECT 2.5) SELECT x FROM q EXCEPT SELECT 2.50",
            [["x"], ["decimal(3,2)"], (None,)],
        ),
        (
            "SELECT * FROM (SELECT date'2020-01-01' AS d UNION ALL SELECT timestamp'2020-01-01 01:00:00') LIMIT 0",
            [["d"], ["timestamp"]],
        ),
    ],
)  # fmt: skip
def test_the_queries_of_a_union_have_one_type(query: str, expected: list[Any], tables: SparkSession) -> None:
    assert answer(query, tables) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT t.* EXCEPT (weight, large) FROM t JOIN u USING (id)", [["id", "kind", "price"], (1, "a", D("1.50"))]),
        ("SELECT u.*, kind FROM t JOIN u USING (id)", [["id", "name", "kind"], (1, "one", "a")]),
        ("SELECT t.id, name FROM t LEFT JOIN u USING (id) WHERE t.id > 1", [["id", "name"], (2, None)]),
        ("SELECT u.id, count(*) AS n FROM t RIGHT JOIN u USING (id) GROUP BY u.id", [["id", "n"], (1, 1), (3, 1)]),
    ],
)  # fmt: skip
def test_common_columns_are_known_by_their_table(
    query: str, expected: list[Any], tables: SparkSession
) -> None:
    names, _, *rows = answer(query, tables)
    assert [names, *rows] == expected


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT u.id FROM t LEFT JOIN u USING (id)", r"u\.id: behind an outer join with USING"),
        ("SELECT date'2018-01-02' - date'2018-01-01'", "interval in Spark"),
        ("SELECT (SELECT max(name) FROM u WHERE u.id + t.id = 2) FROM t", r"u\.id \+ t\.id: Sail cannot tell"),
    ],
)  # fmt: skip
def test_what_has_no_such_form_is_for_spark(query: str, why: str, tables: SparkSession) -> None:
    with pytest.raises(NeedsSpark, match=why):
        answer(query, tables)
