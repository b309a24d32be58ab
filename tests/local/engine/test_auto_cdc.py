"""AUTO CDC as Databricks documents it: any history, in any order, delivered twice, gives what replay gives."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from common.errors import UserError
from local.engine.auto_cdc import create_auto_cdc_flow
from tests.local.engine.replay import Change, current, versions

SCHEMA = "key string, sequence bigint, operation string, name string, seen_at int"

changes = st.builds(
    Change,
    key=st.sampled_from("abc"),
    sequence=st.integers(0, 10_000),
    operation=st.sampled_from(["INSERT", "UPDATE", "UPDATE", "DELETE"]),
    name=st.sampled_from(["x", "y", None]),
    seen_at=st.integers(0, 9),
)
histories = st.lists(changes, max_size=40, unique_by=lambda change: (change.key, change.sequence))


def frame(spark: SparkSession, events: list[Change]) -> DataFrame:
    return spark.createDataFrame([tuple(vars(e).values()) for e in events], SCHEMA)


def applied(events: DataFrame, scd_type: int, **parameters: Any) -> set[tuple[Any, ...]]:
    arguments: dict[str, Any] = {
        "apply_as_deletes": "operation = 'DELETE'",
        "except_column_list": ["sequence", "operation"],
        "track_history_except_column_list": ["seen_at"] if scd_type == 2 else None,
    }
    flow = create_auto_cdc_flow(
        "target",
        "source",
        ["key"],
        F.col("sequence"),
        stored_as_scd_type=scd_type,
        **(arguments | parameters),
    )
    return {tuple(row) for row in flow.apply(events).collect()}


# Each example asks Spark twice; the histories are long rather than many.
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, seed=st.integers(0, 1_000))
def test_any_order_of_arrival_and_any_second_delivery_give_what_replay_gives(
    spark: SparkSession, history: list[Change], seed: int
) -> None:
    chance = random.Random(seed)
    arrived = history + chance.sample(history, len(history) // 2)
    chance.shuffle(arrived)
    half = len(arrived) // 2
    files = frame(spark, arrived[:half]).union(frame(spark, arrived[half:]))
    assert applied(files, 1) == current(history)
    assert applied(files, 2) == versions(history)


def test_a_struct_orders_by_its_fields_in_turn(spark: SparkSession) -> None:
    events = frame(spark, [Change("a", 1, "INSERT", "first", 2), Change("a", 1, "UPDATE", "second", 3)])
    flow = create_auto_cdc_flow(
        "t",
        "s",
        ["key"],
        F.struct("sequence", "seen_at"),
        except_column_list=["operation"],
        stored_as_scd_type=2,
    )
    found = [(r["name"], r["__START_AT"]["seen_at"], r["__END_AT"]) for r in flow.apply(events).collect()]
    assert sorted(found, key=lambda row: row[1]) == [("first", 2, (1, 3)), ("second", 3, None)]


def test_column_list_and_tracked_columns(spark: SparkSession) -> None:
    events = frame(spark, [Change("a", 1, "INSERT", "x", 1), Change("a", 2, "UPDATE", "y", 1)])
    one = applied(events, 2, except_column_list=None, column_list=["key", "name"],
                  track_history_except_column_list=None, track_history_column_list=["key"])  # fmt: skip
    assert one == {("a", "y", 1, None)}


def test_a_missing_sequence_is_an_error_that_names_the_target(spark: SparkSession) -> None:
    events = spark.sql(
        "select 'a' as key, cast(null as bigint) as sequence, 'INSERT' as operation, 'x' as name, 1 as seen_at"
    )
    with pytest.raises(Exception, match="AUTO CDC into target: a change event has no sequence"):
        applied(events, 1)


@pytest.mark.parametrize(
    "parameter",
    [{"ignore_null_updates": True}, {"apply_as_truncates": "true"}, {"once": True}, {"name": "other"}],
)
def test_a_parameter_that_is_not_supplied_is_refused_by_name(parameter: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=f"{next(iter(parameter))} is not supplied"):
        create_auto_cdc_flow("target", "source", ["key"], "sequence", **parameter)
