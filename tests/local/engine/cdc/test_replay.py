"""Any history, in any order, in any deliveries, some of it twice, gives what replay gives."""

import random
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from local.engine.cdc import target
from tests.local.engine.cdc.conftest import NewTable, flow, frame
from tests.local.engine.cdc.replay import Change, current, versions

changes = st.builds(
    Change,
    key=st.sampled_from(["a", "b", "c", None]),
    sequence=st.integers(0, 10_000),
    operation=st.sampled_from(["INSERT", "UPDATE", "UPDATE", "DELETE"]),
    name=st.sampled_from(["x", "y", None]),
    seen_at=st.integers(0, 9),
)
histories = st.lists(changes, max_size=40, unique_by=lambda change: (change.key, change.sequence))


@pytest.mark.parametrize("scd_type", [1, 2])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    history=histories,
    seed=st.integers(0, 1_000),
    deliveries=st.integers(1, 4),
    # Of a large target the files with the keys of the events are looked for.
    is_large=st.booleans(),
)
def test_deliveries_in_any_order_with_repeats_give_what_replay_gives(
    sail: SparkSession,
    new_table: NewTable,
    scd_type: Literal[1, 2],
    history: list[Change],
    seed: int,
    deliveries: int,
    is_large: bool,
) -> None:
    chance = random.Random(seed)
    arrived = history + chance.sample(history, len(history) // 2)
    chance.shuffle(arrived)
    table = new_table()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, "SMALL_BYTES", 0 if is_large else target.SMALL_BYTES)
        for number in range(deliveries):
            table.apply(flow(stored_as_scd_type=scd_type), frame(sail, arrived[number::deliveries]))
    expected = current(history) if scd_type == 1 else versions(history)
    rows = table.rows()
    assert set(rows) == expected
    assert len(rows) == len(expected)
    assert table.progress("target") == deliveries


truncating = st.builds(
    Change,
    key=st.sampled_from(["a", "b", None]),
    sequence=st.integers(0, 10_000),
    operation=st.sampled_from(["UPDATE", "UPDATE", "UPDATE", "DELETE", "TRUNCATE"]),
    name=st.sampled_from(["x", None]),
    seen_at=st.sampled_from([1, 2, None]),
)


@pytest.mark.parametrize("ignore_nulls", [False, True])
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    history=st.lists(truncating, max_size=25, unique_by=lambda change: change.sequence),
    deliveries=st.integers(1, 4),
)
def test_truncations_and_ignored_nulls_give_what_replay_gives(
    sail: SparkSession, new_table: NewTable, ignore_nulls: bool, history: list[Change], deliveries: int
) -> None:
    table = new_table()
    scd_flow = flow(apply_as_truncates="operation = 'TRUNCATE'", ignore_null_updates=ignore_nulls)
    for number in range(deliveries):
        table.apply(scd_flow, frame(sail, history[number::deliveries]))
    assert set(table.rows()) == current(history, ignore_nulls)
