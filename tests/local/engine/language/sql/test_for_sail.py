import pytest
from pyspark.sql import SparkSession

from local.engine.language.sql_queries import for_sail


def rewritten(query: str, sail: SparkSession) -> str:
    return for_sail(query, lambda text: sail.sql(text).columns)


@pytest.mark.parametrize(
    "query",
    ["SELECT 1 AS `x''y`, 'a' 'b', \"it's\" -- * EXCEPT (a) QUALIFY ''", "SHOW TABLES", "SELECT * FROM a"],
)
def test_what_sail_takes_stays_to_the_letter(query: str, sail: SparkSession) -> None:
    assert rewritten(query, sail) == query


def test_a_quote_written_twice_in_a_string_is_one(sail: SparkSession) -> None:
    query = rewritten("SELECT 'Ann''s', \"a\"\"b\", '''', 'a' 'b'", sail)
    assert sail.sql(query).collect() == [("Ann's", 'a"b', "'", "ab")]
