"""What a delivery of events does to a target."""

import shutil
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType, LongType, StringType, StructType

from common.errors import UserError
from local.engine.cdc import target
from local.engine.cdc.apply import Applied
from local.engine.storage import delta
from local.engine.storage.log import changes_after
from tests.local.engine.cdc.conftest import NewTable, Table, flow, frame
from tests.local.engine.cdc.replay import Change

FIRST = [
    Change("a", 1, "INSERT", "x", 1),
    Change("b", 1, "INSERT", "y", 1),
    Change("c", 5, "DELETE", None, None),
]


def test_rows_are_counted_and_an_event_that_comes_again_changes_nothing(
    sail: SparkSession, new_table: NewTable
) -> None:
    table = new_table()
    assert table.apply(flow(), frame(sail, FIRST)) == Applied(2, 0, 0)
    second = [
        Change("a", 2, "UPDATE", "z", 1),
        Change("b", 2, "DELETE", None, None),
        Change("d", 1, "INSERT", "n", 1),
    ]
    assert table.apply(flow(), frame(sail, second)) == Applied(1, 1, 1)
    again = table.apply(flow(), frame(sail, [*FIRST, *second]))
    assert not again.changed
    assert table.rows() == [("a", "z", 1), ("d", "n", 1)]
    assert table.progress("target") == 3


def test_only_new_keys_append_and_no_file_is_removed(sail: SparkSession, new_table: NewTable) -> None:
    table = new_table()
    table.apply(flow(), frame(sail, FIRST))
    before = delta.open_table(table.target)
    assert before is not None
    table.apply(flow(), frame(sail, [Change("e", 1, "INSERT", "n", 1), Change("c", 4, "INSERT", "late", 1)]))
    [change] = changes_after(table.target, before.version(), before.version() + 1)
    assert (len(change.added), change.removed) == (1, False)


def test_a_small_target_is_written_anew_and_of_a_large_one_the_files_of_the_keys(
    sail: SparkSession, new_table: NewTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    for small_bytes in (target.SMALL_BYTES, 0):
        monkeypatch.setattr(target, "SMALL_BYTES", small_bytes)
        table = new_table()
        table.apply(flow(), frame(sail, FIRST))
        table.apply(flow(), frame(sail, [Change("e", 1, "INSERT", "n", 1)]))
        before = delta.data_files(DeltaTable(table.target))
        assert table.apply(flow(), frame(sail, [Change("e", 2, "UPDATE", "m", 1)])) == Applied(0, 1, 0)
        kept.append(len({*before} & {*delta.data_files(DeltaTable(table.target))}))
        assert table.rows() == [("a", "x", 1), ("b", "y", 1), ("e", "m", 1)]
    assert kept == [0, len(before) - 1]


def test_a_row_of_type_2_is_rewritten_only_when_it_differs(sail: SparkSession, new_table: NewTable) -> None:
    table, scd_flow = new_table(), flow(stored_as_scd_type=2)
    assert table.apply(scd_flow, frame(sail, FIRST)) == Applied(2, 0, 0)
    assert table.apply(scd_flow, frame(sail, [Change("a", 3, "UPDATE", "z", 1)])) == Applied(1, 1, 0)
    assert table.apply(scd_flow, frame(sail, [Change("c", 6, "DELETE", None, 1)])) == Applied(0, 0, 0)
    assert table.apply(scd_flow, frame(sail, [Change("a", 2, "DELETE", None, 1)])) == Applied(0, 1, 0)
    assert table.rows() == [("a", "x", 1, 1, 2), ("a", "z", 1, 3, None), ("b", "y", 1, 1, None)]


@pytest.mark.parametrize("scd_type", [1, 2])
def test_a_crash_between_the_two_commits_loses_and_doubles_nothing(
    sail: SparkSession, new_table: NewTable, scd_type: int
) -> None:
    table, scd_flow = new_table(), flow(stored_as_scd_type=scd_type)
    table.apply(scd_flow, frame(sail, FIRST))
    second = frame(sail, [Change("a", 2, "UPDATE", "z", 1)])
    shutil.copytree(table.target, table.root / "kept")
    table.apply(scd_flow, second)
    expected = table.rows()
    # As after a SIGKILL: the hidden table was committed, the target was not.
    shutil.rmtree(table.target)
    (table.root / "kept").rename(table.target)
    assert table.rows() != expected
    assert table.apply(scd_flow, second).changed
    assert table.rows() == expected
    assert not table.apply(scd_flow, second).changed


def test_many_deliveries_become_one_file(sail: SparkSession, new_table: NewTable) -> None:
    table = new_table()
    for number in range(20):
        table.apply(flow(), frame(sail, [Change("a", number, "UPDATE", f"n{number}", 1)]))
    assert not table.apply(flow(), frame(sail, [Change("a", 7, "UPDATE", "late", 1)])).changed
    hidden = delta.open_table(table.state)
    assert hidden is not None and len(hidden.file_uris()) < 16
    assert table.rows() == [("a", "n19", 1)]


def test_a_full_refresh_takes_what_was_there_for_nothing(sail: SparkSession, new_table: NewTable) -> None:
    table = new_table()
    table.apply(flow(), frame(sail, FIRST))
    table.apply(flow(), frame(sail, [Change("c", 1, "INSERT", "n", 1)]), refresh=True)
    assert table.rows() == [("c", "n", 1)]


def test_two_flows_go_by_the_sequence(sail: SparkSession, new_table: NewTable) -> None:
    table = new_table()
    table.apply(
        flow(name="east"), frame(sail, [Change("a", 1, "INSERT", "a", 1), Change("b", 1, "INSERT", "b", 1)])
    )
    table.apply(
        flow(name="west"), frame(sail, [Change("b", 2, "INSERT", "b2", 1), Change("a", 0, "INSERT", "a0", 1)])
    )
    assert table.rows() == [("a", "a", 1), ("b", "b2", 1)]
    assert (table.progress("east"), table.progress("west")) == (1, 2)


@pytest.mark.parametrize("ignore_nulls", [False, True])
@pytest.mark.parametrize("before", [0, 200])
def test_a_truncation_is_remembered_beside_events_of_the_null_key(
    sail: SparkSession, new_table: NewTable, before: int, ignore_nulls: bool
) -> None:
    table = new_table()
    typed = flow(apply_as_truncates="operation = 'TRUNCATE'", ignore_null_updates=ignore_nulls)
    nobody = Change(None, before, "UPDATE", "n", 1)
    truncation = Change("a", 191, "TRUNCATE", None, None)
    for delivery in ([nobody], [truncation], [nobody], [Change("b", 1, "UPDATE", "x", 1)]):
        table.apply(typed, frame(sail, delivery))
    assert set(table.rows()) == ({(None, "n", 1)} if before == 200 else set())


def test_a_truncation_empties_what_has_a_lower_sequence(sail: SparkSession, new_table: NewTable) -> None:
    table, scd_flow = new_table(), flow(apply_as_truncates="operation = 'TRUNCATE'")
    table.apply(scd_flow, frame(sail, [*FIRST, Change("z", 9, "INSERT", "stays", 1)]))
    assert table.apply(scd_flow, frame(sail, [Change("q", 6, "TRUNCATE", None, None)])) == Applied(0, 0, 2)
    table.apply(
        scd_flow, frame(sail, [Change("n", 4, "INSERT", "late", 1), Change("a", 7, "INSERT", "back", 1)])
    )
    assert table.rows() == [("a", "back", 1), ("z", "stays", 1)]


@pytest.mark.parametrize(
    "lists", [{"ignore_null_updates": True}, {"ignore_null_updates_column_list": ("name",)}]
)
def test_nulls_leave_what_is_there(sail: SparkSession, new_table: NewTable, lists: dict[str, Any]) -> None:
    table, scd_flow = new_table(), flow(**lists)
    table.apply(
        scd_flow, frame(sail, [Change("a", 1, "INSERT", "x", 1), Change("a", 5, "UPDATE", None, None)])
    )
    kept = 1 if "ignore_null_updates" in lists else None
    assert table.rows() == [("a", "x", kept)]
    table.apply(scd_flow, frame(sail, [Change("a", 3, "UPDATE", "late", None)]))
    assert table.rows() == [("a", "late", kept)]
    table.apply(scd_flow, frame(sail, [Change("a", 4, "DELETE", "gone", 9)]))
    assert table.rows() == [("a", None, None)]


def test_a_struct_orders_by_its_fields_in_turn_and_nulls_come_first(
    sail: SparkSession, new_table: NewTable
) -> None:
    events = [
        Change("a", 1, "I", "none", None),
        Change("a", 1, "I", "second", 3),
        Change("a", 1, "I", "first", 2),
    ]
    ordered = {"sequence_by": F.struct("sequence", "seen_at")}
    one, two = new_table(), new_table()
    for event in events:
        one.apply(flow(**ordered), frame(sail, [event]))
        two.apply(flow(**ordered, stored_as_scd_type=2), frame(sail, [event]))
    assert one.rows() == [("a", "second", 3)]
    assert sorted((row[3][1] or 0, row[1], row[4] and row[4][1]) for row in two.rows()) == [
        (0, "none", 2),
        (2, "first", 3),
        (3, "second", None),
    ]


def test_a_decimal_orders_as_a_number(sail: SparkSession, new_table: NewTable) -> None:
    table, scd_flow = new_table(), flow(sequence_by="cast(sequence as decimal(20, 2))")
    for sequence in (9, 10, 2):
        table.apply(scd_flow, frame(sail, [Change("a", sequence, "I", str(sequence), 1)]))
    assert table.rows() == [("a", "10", 1)]


def test_what_is_missing_is_an_error_that_names_the_target(sail: SparkSession, new_table: NewTable) -> None:
    events = frame(sail, FIRST).withColumn("sequence", F.expr("cast(null as bigint)"))
    with pytest.raises(UserError, match="AUTO CDC into target: a change event has no sequence"):
        new_table().apply(flow(), events)
    with pytest.raises(UserError, match="AUTO CDC into target: there is no column nokey"):
        new_table().apply(flow(keys=("nokey",)), frame(sail, FIRST))


def _changed(table: Table, **given: Any) -> None:
    table.apply(flow(**given), frame(table.session, [Change("a", 9, "UPDATE", "new", 1)]))


@pytest.mark.parametrize(
    "given",
    [
        {"stored_as_scd_type": 2},
        {"ignore_null_updates": True},
        {"keys": ("key", "name")},
        {"sequence_by": "cast(sequence as string)"},
    ],
)
def test_a_flow_that_was_changed_asks_for_a_full_refresh(
    sail: SparkSession, new_table: NewTable, given: dict[str, Any]
) -> None:
    table = new_table()
    table.apply(flow(), frame(sail, FIRST))
    with pytest.raises(UserError, match="full-refresh"):
        _changed(table, **given)


def test_lists_of_columns(sail: SparkSession, new_table: NewTable) -> None:
    table = new_table()
    lists = {"except_column_list": (), "column_list": ("NAME", "key"), "track_history_column_list": ("key",)}
    events = frame(sail, [Change("a", 1, "INSERT", "x", 1), Change("a", 2, "UPDATE", "y", 1)])
    table.apply(flow(stored_as_scd_type=2, keys=("KEY",), **lists), events)
    assert table.rows() == [("y", "a", 1, None)]


def test_declared_columns_are_cast_commented_and_complete(sail: SparkSession, new_table: NewTable) -> None:
    table = new_table()
    table.schema = (
        StructType()
        .add("key", StringType(), True, {"comment": "whose"})
        .add("seen_at", LongType())
        .add("name", StringType())
        .add("more", IntegerType())
    )
    table.apply(flow(), frame(sail, FIRST[:1]))
    assert table.rows() == [("a", 1, "x", None)]
    assert table.frame().schema["seen_at"].dataType == LongType()
    written = delta.open_table(table.target)
    assert written is not None and delta.schema_of(written)["key"].metadata == {"comment": "whose"}
    table.schema = StructType().add("key", StringType())
    with pytest.raises(UserError, match="its schema lacks name string, seen_at int"):
        _changed(table)


@pytest.mark.parametrize("scd_type", [1, 2])
def test_a_new_column_joins_the_table(sail: SparkSession, new_table: NewTable, scd_type: int) -> None:
    table, scd_flow = new_table(), flow(stored_as_scd_type=scd_type)
    table.apply(scd_flow, frame(sail, FIRST))
    wider = frame(sail, [Change("a", 2, "UPDATE", "z", 1)]).withColumn("more", F.lit(7))
    table.apply(scd_flow, wider)
    shown = table.frame().select("key", "name", "more").collect()
    assert {("a", "z", 7), ("b", "y", None)} <= {tuple(row) for row in shown}
    other = frame(sail, [Change("a", 3, "UPDATE", "z", 1)]).withColumn("more", F.lit("seven"))
    with pytest.raises(UserError, match=r"more is .*full-refresh"):
        table.apply(scd_flow, other)


def test_truncations_are_for_type_1(sail: SparkSession, new_table: NewTable) -> None:
    with pytest.raises(UserError, match="apply_as_truncates is for SCD type 1"):
        new_table().apply(flow(stored_as_scd_type=2, apply_as_truncates="true"), frame(sail, FIRST))
