"""What an update did to a table."""

from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from common.home import Home
from lakehouse.dev.comparing import RowChanges, TableState, first_rows, row_changes, table_state

BEFORE = pa.table({"id": [1, 2, 3], "name": ["a", "b", None]})
AFTER = pa.table({"id": [2, 3, 4, 5], "name": ["b", "c", "d", "e"]})


def written(home: Home, rows: pa.Table) -> TableState:
    """The state of shop.t once these are its rows and columns."""
    folder = home.warehouse / "shop.db" / "t"
    folder.mkdir(parents=True, exist_ok=True)
    write_deltalake(folder, rows, mode="overwrite", schema_mode="overwrite")
    return table_state(home, "shop.t")


def test_rows_are_matched_by_key_and_without_one_as_a_whole(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = written(home, BEFORE)
    now = written(home, AFTER)
    assert row_changes(home, "shop.t", before, ["id"]) == RowChanges(2, 1, 1)
    assert row_changes(home, "shop.t", before, []) == RowChanges(3, 2, 0)
    assert row_changes(home, "shop.t", now, []) == RowChanges(0, 0, 0)
    assert row_changes(home, "shop.t", TableState(None, None), ["id"]) == "it is new"
    assert len(first_rows(home, "shop.t", 2).rows) == 2


def test_other_columns_are_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = written(home, pa.table({"id": [1]}))
    written(home, pa.table({"id": [1], "n": [2]}))
    assert row_changes(home, "shop.t", before, ["id"]) == "its columns have changed: id bigint before"


def test_rows_of_one_key_are_matched_one_by_one_whatever_their_columns_are_called(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = written(home, pa.table({"id": [1, 2], "number": [5, 6], "row": ["a", "b"]}))
    written(home, pa.table({"id": [1, 1, 2], "number": [5, 5, 7], "row": ["a", "a", "b"]}))
    assert row_changes(home, "shop.t", before, ["id"]) == RowChanges(1, 0, 1)
    assert row_changes(home, "shop.t", before, []) == RowChanges(2, 1, 0)
    empty = written(home, pa.table({"id": pa.array([], pa.int64())}))
    assert row_changes(home, "shop.t", empty, ["id"]) == RowChanges(0, 0, 0)
