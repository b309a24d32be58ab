"""What a table holds at a version, from its log alone."""

from pathlib import Path

import pyarrow.parquet
import pytest

from common.home import Home
from local.engine.catalog import create_schemas
from local.engine.delta_state import TableState, table_state
from local.engine.session import Engine


@pytest.fixture
def home(tmp_path: Path, engine: Engine) -> Home:
    engine.serve(tmp_path / "warehouse")
    return Home(tmp_path)


def rows(state: TableState) -> list[int]:
    return sorted(row["n"] for file in state.files for row in pyarrow.parquet.read_table(file).to_pylist())


def test_files_are_those_of_the_version_with_and_without_a_checkpoint(home: Home, engine: Engine) -> None:
    session = engine.session()
    create_schemas(session, home, ["shop"])
    session.sql("create table shop.t (n int) using delta tblproperties ('delta.checkpointInterval' = '3')")
    for n in range(1, 5):
        session.sql(f"insert into shop.t values ({n})")
    session.sql("insert overwrite shop.t values (9)")
    table = home.warehouse / "shop.db" / "t"
    assert list((table / "_delta_log").glob("*.checkpoint.parquet"))
    assert [rows(table_state(table, version)) for version in range(6)] == [
        [], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [9],
    ]  # fmt: skip
    newest = table_state(table)
    assert rows(newest) == [9]
    assert newest.is_plain
    assert newest.metadata["configuration"]["delta.checkpointInterval"] == "3"


def test_of_a_partitioned_table_the_files_do_not_say_it_all(home: Home, engine: Engine) -> None:
    session = engine.session()
    create_schemas(session, home, ["shop"])
    session.sql("create table shop.p using delta partitioned by (day) as select 1 as n, 2 as day")
    assert not table_state(home.warehouse / "shop.db" / "p").is_plain


def test_a_folder_without_a_log_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no Delta table"):
        table_state(tmp_path)
