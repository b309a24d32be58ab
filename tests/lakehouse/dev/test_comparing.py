"""What an update did to a table."""

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from common.home import Home
from lakehouse.dev.comparing import Difference, State, difference, first_rows, state_of
from local.engine.catalog import create_schemas
from local.engine.session import Engine, start_engine

BEFORE = "select * from values (1, 'a'), (2, 'b'), (3, null) as t(id, name)"
AFTER = "select * from values (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e') as t(id, name)"


@pytest.fixture
def home(tmp_path: Path, engine: Engine) -> Home:
    engine.serve(tmp_path / "warehouse")
    return Home(tmp_path)


def created(home: Home, table: str, text: str) -> tuple[SparkSession, State]:
    """A session, and the state of the table that it has created."""
    session = start_engine(home.warehouse).session()
    create_schemas(session, home, ["shop"])
    session.sql(f"create table {table} using delta {text}")
    return session, state_of(home, table)


def test_rows_are_matched_by_key_and_without_one_as_a_whole(home: Home) -> None:
    session, before = created(home, "shop.t", f"as {BEFORE}")
    session.sql(f"insert overwrite shop.t {AFTER}")
    assert difference(session, home, "shop.t", before, ["id"]) == Difference(2, 1, 1)
    assert difference(session, home, "shop.t", before, []) == Difference(3, 2, 0)
    assert len(first_rows(session, home, "shop.t", 2).rows) == 2
    now = state_of(home, "shop.t")
    assert difference(session, home, "shop.t", now, []) == Difference(0, 0, 0)
    assert difference(session, home, "shop.t", State(None, 0), ["id"]) == "it is new"


def test_other_columns_are_told(home: Home) -> None:
    session, before = created(home, "shop.c", "as select 1 as id")
    session.sql("create or replace table shop.c using delta as select 1 as id, 2 as n")
    assert difference(session, home, "shop.c", before, ["id"]) == "its columns have changed: id int before"


def test_a_partitioned_table_is_compared_too(home: Home) -> None:
    session, before = created(home, "shop.p", "partitioned by (day) as select 1 as n, 2 as day")
    session.sql("insert into shop.p values (3, 4)")
    assert difference(session, home, "shop.p", before, ["n"]) == Difference(1, 0, 0)
    assert {row["day"] for row in first_rows(session, home, "shop.p", 5).as_dicts()} == {2, 4}
