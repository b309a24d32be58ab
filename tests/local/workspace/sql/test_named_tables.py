"""Which tables a query reads, which decides whether its caller may ask it."""

import pytest
from minilake.errors import DatabricksError

from local.workspace.sql.named_tables import tables_of


def test_tables_are_found_wherever_a_query_names_them() -> None:
    query = "WITH a AS (SELECT * FROM s.one) SELECT (SELECT max(x) FROM s.two) FROM a JOIN c.s.three ON true"
    assert tables_of(query, "m") == ["c.s.three", "m.s.one", "m.s.two"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $$ ' $$, (SELECT max(x) FROM csv.`/secret`) -- '",
        "SELECT $a$ ' $a$, (SELECT max(x) FROM s.secret) -- '",
        "SELECT * FROM read_files('/secret')",
        "SELECT * FROM IDENTIFIER('s.secret')",
        "SELECT * FROM s.open, LATERAL read_files('/secret')",
        "TABLE s.secret",
        "SELECT 1; SELECT * FROM s.secret",
        "EXPLAIN SELECT * FROM s.secret",
    ],
)
def test_what_the_engine_would_read_otherwise_is_refused(query: str) -> None:
    """Sail takes $$ for quotes, and read the file; the other forms it knows, or may come to know."""
    with pytest.raises(DatabricksError):
        tables_of(query, "m")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM s.open /* /* */ JOIN s.hidden -- */\n",
        "SELECT r'\\', (SELECT max(x) FROM s.open), ''",
        "SELECT '\\\\', (SELECT max(x) FROM s.open)",
    ],
)
def test_comments_nest_and_quotes_are_escaped_as_the_engine_reads_them(query: str) -> None:
    assert tables_of(query, "m") == ["m.s.open"]
