"""What differs between two homes is listed by table, key and column."""

from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from common.home import Home
from lakehouse.parity import EngineDifference, compare_homes


def written(folder: Path, rows: list[dict[str, str | None]]) -> Home:
    home = Home(folder)
    table = home.warehouse / "silver.db" / "sellers"
    table.mkdir(parents=True)
    write_deltalake(table, pa.Table.from_pylist(rows))
    return home


def test_equal_homes_differ_in_nothing_and_others_in_what_is_named(tmp_path: Path) -> None:
    rows = [{"seller_id": "a", "seller_city": "x"}, {"seller_id": "b", "seller_city": None}]
    first = written(tmp_path / "first", rows)
    same = written(tmp_path / "same", list(reversed(rows)))
    assert compare_homes(first, same) == []
    other = written(tmp_path / "other", [{"seller_id": "a", "seller_city": "y"}])
    assert compare_homes(first, other) == [
        EngineDifference("silver.sellers", "seller_id=a", "seller_city", "'x'", "'y'"),
        EngineDifference("silver.sellers", "seller_id=b", "", "there", "missing"),
    ]
