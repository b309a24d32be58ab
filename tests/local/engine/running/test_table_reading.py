"""All rows of a table without the engine are those that the engine gives."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from common.errors import UserError
from local.engine.running.querying import query
from local.engine.running.table_reading import nearest_tables, rows_of_one_table
from tests.local.engine.project import Project

CHECKOUT = Path(__file__).parents[4]
EVERY_TYPE = """
@dp.materialized_view(name="shop.every_type")
def every_type():
    return spark.sql('''
        SELECT id, CAST(id AS TINYINT) AS tiny, id % 2 = 0 AS even, id / 3 AS third,
               CAST(id / 7 AS DECIMAL(12, 4)) AS money, CAST(id AS FLOAT) AS real,
               nullif(concat('São ', id), 'São 3') AS name, CAST('ab' AS BINARY) AS bytes,
               DATE'2018-02-03' AS day, TIMESTAMP'2018-02-03 04:05:06.789' AS at,
               TIMESTAMP_NTZ'2018-02-03 04:05:06.789' AS local_at,
               array(id, NULL) AS some, map('k', id) AS named, named_struct('a', id, 'b', array('x')) AS parts
        FROM range(50)''')
"""


def in_no_order(rows: Iterable[object]) -> Counter[str]:
    return Counter(map(repr, rows))


def test_values_of_every_type_are_those_of_the_engine(project: Project) -> None:
    project.write("transformations/every_type.py", EVERY_TYPE)
    project.run()
    found = rows_of_one_table(project.home, "select * from shop.every_type")
    [asked] = query(project.home, "select * from shop.every_type where true")
    assert found and found.columns == asked.columns
    assert in_no_order(found.rows) == in_no_order(asked.rows)
    limited = rows_of_one_table(project.home, " SELECT * FROM main.shop.EVERY_TYPE\n LIMIT 7 ")
    assert limited and len(limited.rows) == 7 and set(map(repr, limited.rows)) <= set(map(repr, found.rows))


@pytest.mark.parametrize(
    "statement",
    [
        "select * from shop.t where id = 1",
        "select id from shop.t",
        "select * from shop.t, shop.u",
        "select * from shop.t limit 1 + 1",
        "select * from parquet.`/tmp`",
        "show tables",
    ],
)
def test_what_is_more_than_a_tables_rows_is_the_engines(project: Project, statement: str) -> None:
    project.write("transformations/t.sql", "CREATE MATERIALIZED VIEW shop.t AS SELECT 1 AS id")
    project.run()
    assert rows_of_one_table(project.home, statement) is None


def test_a_table_that_is_not_there_is_told_with_those_that_are(project: Project) -> None:
    assert rows_of_one_table(project.home, "select * from shop.t") is None
    project.write("transformations/t.sql", "CREATE MATERIALIZED VIEW shop.t AS SELECT 1 AS id")
    project.run()
    for ask in (rows_of_one_table, query):
        with pytest.raises(UserError, match=r"there is no table shop\.u in .*: shop\.t"):
            ask(project.home, "select * from shop.u")


def test_of_many_tables_a_few_are_told_even_when_none_is_like_the_name() -> None:
    known = ["silver.orders", *(f"gold.t{number}" for number in range(40))]
    assert nearest_tables("silver.ordesr", known) == "the nearest that it has: silver.orders"
    told = nearest_tables("gold.nope_of_all_these", known)
    assert told.count("gold.t") == 4
    assert "silver" not in told


def test_a_column_that_came_later_is_null_in_rows_of_before(project: Project) -> None:
    project.volume("shop/in/1.json", '{"id": 1}\n')
    project.write(
        "transformations/t.py",
        """
        @dp.table(name="shop.t")
        def t():
            return (spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
                    .schema("id INT").load("/Volumes/main/shop/in"))
        """,
    )
    project.run()
    project.volume("shop/in/2.json", '{"id": 2, "name": "b"}\n')
    project.write(
        "transformations/t.py",
        """
        @dp.table(name="shop.t")
        def t():
            return (spark.readStream.format("cloudFiles").option("cloudFiles.format", "json")
                    .schema("id INT, name STRING").load("/Volumes/main/shop/in"))
        """,
    )
    project.run()
    found = rows_of_one_table(project.home, "select * from shop.t")
    assert found and found.columns == ["id", "name"] and sorted(found.rows) == [(1, None), (2, "b")]


def test_the_client_of_spark_and_pandas_stay_out(project: Project) -> None:
    project.write(
        "transformations/t.sql",
        "CREATE MATERIALIZED VIEW shop.t AS SELECT id, 'x' AS name, DATE'2018-02-03' AS day, "
        "CAST(1.5 AS DECIMAL(5, 2)) AS money FROM range(50)",
    )
    project.run()
    code = (
        "import sys; from pathlib import Path; from common.home import Home;"
        "from local.engine.running.table_reading import rows_of_one_table;"
        "rows = rows_of_one_table(Home(Path(sys.argv[1])), 'select * from shop.t limit 60').rows;"
        "print(len(rows), {'pyspark', 'pandas'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code, str(project.home.path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT)
    assert ran.stdout.strip() == "50 set()", ran.stderr


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("", "the query is empty"),
        (" -- nothing", "the query is empty"),
        ("SHOW TABLES", "SHOW is no query"),
        ("select current_catalog() as c", r"current_catalog\(\): a home has no current catalog"),
    ],
)
def test_what_a_home_cannot_be_asked_is_told(project: Project, statement: str, said: str) -> None:
    project.write("transformations/t.sql", "CREATE MATERIALIZED VIEW shop.t AS SELECT 1 AS id")
    project.run()
    with pytest.raises(UserError, match=said):
        query(project.home, statement)
