import pytest

from common.errors import UserError
from local.engine.language.sql_queries import bind, references


def bound(query: str, *views: str) -> str:
    return bind(query, views or [f"v{number}" for number, _ in enumerate(references(query))])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * FROM orders", "SELECT * FROM v0 AS `orders`"),
        ("SELECT o.id FROM orders o", "SELECT o.id FROM v0 o"),
        ("SELECT o.id FROM STREAM(LIVE.orders) AS o", "SELECT o.id FROM v0 AS o"),
        ("SELECT orders.id FROM stream live.orders", "SELECT orders.id FROM v0 AS `orders`"),
        (
            "SELECT main.t.orders.id, T.Orders.n FROM main.t.orders, t.orders",
            "SELECT orders.id, Orders.n FROM v0 AS `orders`, v1 AS `orders`",
        ),
        ("SELECT LIVE.x.a.b FROM LIVE.x", "SELECT x.a.b FROM v0 AS `x`"),
        (
            "SELECT * FROM a.`b c` TABLESAMPLE (50 PERCENT)",
            "SELECT * FROM v0 TABLESAMPLE (50 PERCENT) AS `b c`",
        ),
        ("SELECT EXTRACT(year FROM d) FROM x WHERE a IS DISTINCT FROM b", None),
        ("SELECT 1 FROM range(3)", "SELECT 1 FROM range(3)"),
        (
            "SELECT y FROM x LATERAL VIEW explode(x.ys) e AS y",
            "SELECT y FROM v0 AS `x` LATERAL VIEW explode(x.ys) e AS y",
        ),
        ("SELECT 'FROM x' AS `FROM y` -- FROM z", "SELECT 'FROM x' AS `FROM y` -- FROM z"),
    ],
)
def test_a_view_takes_the_place_of_each_table_and_the_rest_stays(query: str, expected: str | None) -> None:
    assert bound(query) == (expected or query.replace("FROM x", "FROM v0 AS `x`"))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("WITH a AS (SELECT * FROM b) SELECT * FROM a JOIN c ON a.id = c.id", ["b", "c"]),
        ("WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a) SELECT * FROM b", ["a"]),
        ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a", ["a"]),
        ("WITH a AS (SELECT 1) SELECT * FROM s.a WHERE id IN (SELECT id FROM a)", ["s.a"]),
        ("WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a", []),
        ("SELECT (SELECT max(n) FROM d) FROM e UNION ALL SELECT 1 FROM f", ["d", "e", "f"]),
        ("SET x = 1", []),
    ],
)
def test_names_of_with_are_no_tables(query: str, names: list[str]) -> None:
    assert [read.name for read in references(query)] == names


def test_files_are_read_with_their_options() -> None:
    query = "SELECT * FROM STREAM read_files('/a' || '/b', format => \"csv\", header => true, schema => 'id INT') r"
    (read,) = references(query)
    assert read.is_stream
    assert read.files
    assert (read.files.format, read.files.path, read.files.schema) == ("read_files", "/a/b", "id INT")
    assert read.files.options == {"format": "csv", "header": "true"}
    assert bound(query) == "SELECT * FROM v0 r"


@pytest.mark.parametrize("form", ["{}", "STREAM({})", "stream {}"])
def test_cloud_files_are_a_stream(form: str) -> None:
    query = "SELECT * FROM " + form.format('cloud_files("/a", "csv", map("header", "true", "sep", "\\t"))')
    (read,) = references(query)
    assert read.is_stream
    assert read.files
    assert read.files.format == "cloudFiles"
    assert read.files.options == {"cloudFiles.format": "csv", "header": "true", "sep": "\t"}
    assert bound(query) == "SELECT * FROM v0"


def test_a_path_after_a_format_is_files() -> None:
    (read,) = references("SELECT * FROM json.`/Volumes/a/b`")
    assert read.files
    assert (read.files.format, read.files.path) == ("json", "/Volumes/a/b")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("TABLE x", "write SELECT"),
        ("INSERT INTO x SELECT 1", "INSERT is no query"),
        ("SELECT 1 FROM", "does not parse"),
        ("SELECT 'a", "no SQL"),
        ("SELECT * FROM read_files(path_of('x'))", "no constant"),
    ],
)
def test_what_is_no_query_is_said(query: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        references(query)
