"""A table that stays open shows what is there now."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyspark.sql.types import LongType, StructField, StructType

from common.errors import UserError
from local.engine.storage import delta
from local.engine.storage.log import checkpoint_files
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


def committed(folder: Path, count: int) -> None:
    schema = StructType([StructField("n", LongType())])
    delta.create_table(folder, schema, delta.Layout())
    for number in range(1, count + 1):
        delta.append(folder, [], schema, delta.Commit({"flow": number}))


def test_a_long_log_is_read_from_a_checkpoint_on(tmp_path: Path) -> None:
    committed(tmp_path, 25)
    assert [file.name for file in checkpoint_files(tmp_path)][-2:] == [
        f"{20:020}.checkpoint.parquet",
        "_last_checkpoint",
    ]
    (tmp_path / "_delta_log" / f"{3:020}.json").write_text("not needed")
    table = DeltaTable(tmp_path)
    assert (table.version(), table.transaction_version("flow")) == (25, 25)


@pytest.mark.parametrize("cut", ["*.checkpoint.parquet", "_last_checkpoint"])
def test_a_checkpoint_that_was_cut_short_hides_no_table(tmp_path: Path, cut: str) -> None:
    committed(tmp_path, 25)
    for file in (tmp_path / "_delta_log").glob(cut):
        file.write_bytes(file.read_bytes()[:20])
    table = newest(tmp_path)
    assert table
    assert (table.version(), table.transaction_version("flow")) == (25, 25)
    delta.append(tmp_path, [], delta.schema_of(table), delta.Commit({"flow": 26}))


def test_a_checkpoint_is_kept_where_commits_before_it_are_gone(tmp_path: Path) -> None:
    committed(tmp_path, 25)
    log = tmp_path / "_delta_log"
    (log / f"{3:020}.json").unlink()
    found = checkpoint_files(tmp_path)
    for file in found:
        file.write_bytes(file.read_bytes()[:20])
    with pytest.raises(UserError, match="its Delta log cannot be read"):
        newest(tmp_path)
    assert checkpoint_files(tmp_path) == found
