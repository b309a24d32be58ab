"""What a real workspace answered to the same events, before and after late ones.

The answers are those of github.com/ivanvyd/lakeflow-auto-cdc-torture-test (commit 31ba31c3), told by the columns that
matter: city, status, email, and what orders the events.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from tests.local.engine.cdc.conftest import NewTable, flow

SCHEMA = (
    "customer_id int, email string, city string, status string, updated int, sequence int, part int, ingested int, "
    "operation string, synced int"
)
ACTIVE, SUSPENDED, PENDING = "ACTIVE", "SUSPENDED", "PENDING"


def event(sequence: int, status: str | None = ACTIVE, **given: Any) -> dict[str, Any]:
    usual = {
        "customer_id": 42,
        "email": "i@example.com",
        "city": "Antalya",
        "status": status,
        "updated": sequence,
    }
    more = {"sequence": sequence, "part": 1, "ingested": sequence, "operation": "UPDATE", "synced": sequence}
    return usual | more | given


def deletion(sequence: int) -> dict[str, Any]:
    return event(sequence, None, email=None, city=None, operation="DELETE")


@dataclass(frozen=True)
class Case:
    """A flow, the events of each of its deliveries, and what `shown` gives after each."""

    deliveries: list[list[dict[str, Any]]]
    answers: list[list[tuple[Any, ...]]]
    shown: tuple[str, ...]
    flow: dict[str, Any] = field(default_factory=dict)


VERSION = ("city", "status", "__START_AT", "__END_AT")
TYPE_2 = {"stored_as_scd_type": 2, "track_history_except_column_list": ("synced",)}
HISTORY = ("operation", "updated", "sequence", "ingested", "part")
REPLAYED = [
    event(10, PENDING),
    event(20),
    event(30, city="Izmir"),
    event(40, SUSPENDED, city="Ankara"),
    deletion(50),
]
COLLISION = [event(10, updated=0), event(10, SUSPENDED, updated=0, part=2, ingested=11)]
WRONG_CLOCK = [event(20, SUSPENDED, ingested=6), event(10, ingested=10)]
SPARSE = [event(10, email="x"), event(20, email=None, city="Istanbul")]
DELETED_LATE = [[event(17), deletion(20)], [event(18, SUSPENDED, ingested=99)]]
OUT_OF_ORDER = [[event(12)], [event(10, PENDING)]]
HEARTBEATS = [event(second, synced=60 * second) for second in range(51)]
VERSIONS_OF_REPLAYED = [
    ("Ankara", SUSPENDED, 40, 50),
    ("Antalya", ACTIVE, 20, 30),
    ("Antalya", PENDING, 10, 20),
    ("Izmir", ACTIVE, 30, 40),
]

CASES = {
    "repeated": Case([[event(10)], [event(10)]], [[(ACTIVE, 10)]] * 2, ("status", "sequence")),
    "out of order": Case(OUT_OF_ORDER, [[(ACTIVE, 12)]] * 2, ("status", "sequence")),
    "out of order, type 2": Case(
        OUT_OF_ORDER,
        [
            [("Antalya", ACTIVE, 12, None)],
            [("Antalya", ACTIVE, 12, None), ("Antalya", PENDING, 10, 12)],
        ],
        VERSION,
        TYPE_2,
    ),
    "one sequence twice": Case([COLLISION], [[(SUSPENDED, 2)]], ("status", "part")),
    "one sequence twice, by a struct": Case(
        [COLLISION], [[(SUSPENDED, 2)]], ("status", "part"), {"sequence_by": F.struct("updated", "part")}
    ),
    "by the wrong clock": Case([WRONG_CLOCK], [[(ACTIVE,)]], ("status",), {"sequence_by": "ingested"}),
    "by the source's clock": Case([WRONG_CLOCK], [[(SUSPENDED,)]], ("status",), {"sequence_by": "updated"}),
    "sparse": Case([SPARSE], [[(None, "Istanbul")]], ("email", "city")),
    "sparse, nulls ignored": Case(
        [SPARSE], [[("x", "Istanbul")]], ("email", "city"), {"ignore_null_updates": True}
    ),
    "late before a deletion": Case(DELETED_LATE, [[], []], ("status",)),
    "late before a deletion, type 2": Case(
        DELETED_LATE,
        [
            [("Antalya", ACTIVE, 17, 20)],
            [("Antalya", ACTIVE, 17, 18), ("Antalya", SUSPENDED, 18, 20)],
        ],
        VERSION,
        TYPE_2,
    ),
    "replayed": Case([REPLAYED, REPLAYED], [[], []], ("status",)),
    "replayed, type 2": Case([REPLAYED, REPLAYED], [VERSIONS_OF_REPLAYED] * 2, VERSION, TYPE_2),
    "each heartbeat a version": Case(
        [HEARTBEATS],
        [[(60 * second, second, second + 1 if second < 50 else None) for second in range(51)]],
        ("synced", "__START_AT", "__END_AT"),
        {"stored_as_scd_type": 2, "track_history_except_column_list": (), "except_column_list": HISTORY},
    ),
    "heartbeats not tracked": Case(
        [HEARTBEATS],
        [[(3000, 0, None)]],
        ("synced", "__START_AT", "__END_AT"),
        {**TYPE_2, "except_column_list": HISTORY, "sequence_by": "updated"},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_answers_are_those_of_a_workspace(sail: SparkSession, new_table: NewTable, case: Case) -> None:
    table = new_table()
    scd_flow = flow(**{"keys": ("customer_id",), "except_column_list": ("operation", "synced"), **case.flow})
    for events, answer in zip(case.deliveries, case.answers, strict=True):
        table.apply(scd_flow, sail.createDataFrame([tuple(one.values()) for one in events], SCHEMA))
        assert sorted(table.frame().select(*case.shown).collect()) == sorted(answer)
