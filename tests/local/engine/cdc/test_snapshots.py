"""AUTO CDC from snapshots."""

from datetime import datetime
from typing import Any

import pytest
from pyspark.sql import SparkSession

from common.errors import UserError
from local.engine.cdc.apply import Applied
from local.engine.cdc.snapshots import apply_snapshot, latest_version
from local.engine.language.model import SnapshotCdcFlow
from local.engine.storage import delta
from tests.local.engine.cdc.conftest import PLACE, NewTable, Table

Rows = list[tuple[Any, ...]]
FIRST: Rows = [(1, "a", 1), (2, "b", 1), (3, "c", 1), (None, "n", 1)]
SECOND: Rows = [(1, "a", 1), (2, "b2", 1), (4, "d", 1), (None, "n", 2)]


def apply(table: Table, rows: Rows, version: Any, scd_type: Any, **options: Any) -> Applied:
    flow = SnapshotCdcFlow(
        "target", "target", "source", PLACE, ("id",), scd_type, track_history_except_column_list=("seen",)
    )
    snapshot = table.session.createDataFrame(rows, "id int, name string, seen int")
    commit = delta.Commit({"target": 1})
    layout = delta.Layout()
    return apply_snapshot(
        table.session, flow, snapshot, version, table.target, table.state, None, layout, commit, **options
    )


def test_type_1_is_what_the_snapshot_says(new_table: NewTable) -> None:
    table = new_table()
    apply(table, FIRST, 1, 1)
    assert apply(table, SECOND, 2, 1) == Applied(1, 2, 1)
    assert table.rows() == sorted(SECOND, key=repr)
    assert not apply(table, SECOND, 3, 1).changed


def test_type_2_keeps_the_versions(new_table: NewTable) -> None:
    table = new_table()
    apply(table, FIRST, 1, 2)
    assert apply(table, SECOND, 2, 2) == Applied(2, 3, 0)
    apply(table, FIRST, 5, 2)
    assert table.rows() == sorted(
        [
            (1, "a", 1, 1, None),
            (2, "b", 1, 1, 2),
            (2, "b2", 1, 2, 5),
            (2, "b", 1, 5, None),
            (3, "c", 1, 1, 2),
            (3, "c", 1, 5, None),
            (4, "d", 1, 2, 5),
            (None, "n", 1, 1, None),
        ],
        key=repr,
    )


def test_a_version_is_known_with_its_type_and_rises(sail: SparkSession, new_table: NewTable) -> None:
    table = new_table()
    assert latest_version(sail, table.target, table.state) is None
    apply(table, FIRST, datetime(2026, 1, 2), 2)
    assert latest_version(sail, table.target, table.state) == datetime(2026, 1, 2)
    with pytest.raises(UserError, match="versions must rise"):
        apply(table, FIRST, datetime(2026, 1, 1), 2)
    apply(table, FIRST, datetime(2026, 1, 1), 2, refresh=True)
    assert len(table.rows()) == 4


def test_a_key_stands_once_in_a_snapshot(new_table: NewTable) -> None:
    with pytest.raises(UserError, match="a snapshot holds 2 rows of id 1"):
        apply(new_table(), [(1, "a", 1), (1, "b", 1)], 1, 1)
