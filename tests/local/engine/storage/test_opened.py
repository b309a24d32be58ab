"""A table that stays open shows what is there now."""

import shutil
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from local.engine.storage.opened import newest


def rows(folder: Path) -> list[int]:
    table = newest(folder)
    assert table
    return table.to_pyarrow_table()["n"].to_pylist()


def write(folder: Path, value: int) -> None:
    write_deltalake(folder, pa.table({"n": [value]}), mode="append")


def test_a_table_is_opened_again_when_another_has_written_to_it(tmp_path: Path) -> None:
    write(tmp_path, 1)
    first = newest(tmp_path)
    assert newest(tmp_path) is first
    write(tmp_path, 2)
    assert sorted(rows(tmp_path)) == [1, 2]


def test_a_table_that_another_replaced_is_not_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    for value in range(3):
        write(folder, value)
        assert rows(folder) == [value]
        shutil.rmtree(folder)
        assert newest(folder) is None


def test_a_folder_without_a_table_is_none_until_there_is_one(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    write(tmp_path, 7)
    assert rows(tmp_path) == [7]
