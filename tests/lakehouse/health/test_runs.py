"""What the events say of each table, in the forms of the engine's log and of Lakeflow's."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lakehouse.health.runs import TableRun, update_runs
from pipelines.shared.rules import BRONZE_RULES, NOTHING_RESCUED
from tests.pipelines.recorder import ROOT

PROJECT = Path(ROOT / "pipelines" / "medallion" / "silver")


def at(minute: int) -> datetime:
    return datetime(2026, 11, 27, 6, minute, tzinfo=UTC)


def flow(minute: int, dataset: str, status: str, update: str = "u", **progress: Any) -> dict[str, Any]:
    return {
        "timestamp": at(minute),
        "level": "ERROR" if status == "FAILED" else "INFO",
        "message": f"Flow '{dataset}' is {status}.",
        "origin": {"update_id": update, "dataset_name": dataset, "flow_name": dataset},
        "details": {"flow_progress": {"status": status, **progress}},
    }


def state(minute: int, state: str, update: str = "u") -> dict[str, Any]:
    return {
        "timestamp": at(minute),
        "level": "ERROR" if state == "FAILED" else "INFO",
        "message": f"Update {update} is {state}.",
        "origin": {"update_id": update},
        "details": {"update_progress": {"state": state}},
    }


def rows(number: int) -> dict[str, Any]:
    return {"num_output_rows": number}


def quality(dataset: str, name: str, passed: int, failed: int, dropped: int) -> dict[str, Any]:
    counts = {"name": name, "dataset": dataset, "passed_records": passed, "failed_records": failed}
    return {"dropped_records": dropped, "expectations": [counts]}


def test_the_batches_of_a_flow_are_one_run_of_its_table() -> None:
    orders = "olist.bronze.orders"
    [update] = update_runs(
        "medallion",
        [
            state(1, "RUNNING"),
            flow(2, orders, "RUNNING", metrics=rows(10), data_quality=quality(orders, "a", 9, 1, 1)),
            flow(3, orders, "RUNNING", metrics=rows(5), data_quality=quality(orders, "a", 6, 0, 0)),
            flow(4, orders, "COMPLETED"),
            state(5, "COMPLETED"),
        ],
    )
    assert (update.state, update.error, update.ended) == ("COMPLETED", "", at(5))
    assert update.tables == (TableRun("bronze.orders", at(4), "COMPLETED", 15, 1, 16),)


def test_a_view_is_counted_with_the_table_of_its_rows() -> None:
    [update] = update_runs(
        "medallion",
        [
            flow(1, "orders_valid", "COMPLETED", data_quality=quality("orders_valid", "a", 9, 1, 1)),
            flow(2, "silver.orders", "COMPLETED", metrics=rows(8)),
        ],
    )
    assert update.tables == (TableRun("silver.orders", at(2), "COMPLETED", 8, 1, 10),)


def test_the_counts_of_a_view_may_stand_with_its_table() -> None:
    counts = quality("olist.silver.orders_valid", "a", 9, 1, 1)
    [update] = update_runs("medallion", [flow(2, "olist.silver.orders", "COMPLETED", data_quality=counts)])
    assert update.tables == (TableRun("silver.orders", at(2), "COMPLETED", 0, 1, 10),)


def test_a_table_has_failed_when_one_of_its_flows_has() -> None:
    [first, second] = update_runs(
        "quality",
        [
            flow(1, "utils.quarantine", "COMPLETED", metrics=rows(3)),
            flow(2, "utils.quarantine", "FAILED"),
            flow(3, "utils.quarantine", "COMPLETED"),
            state(7, "CANCELED", "v"),
        ],
    )
    assert (first.state, first.error) == ("FAILED", "Flow 'utils.quarantine' is FAILED.")
    assert first.tables[0].state == "FAILED"
    assert (second.update_id, second.state, second.tables) == ("v", "CANCELED", ())


def test_rows_that_were_rescued_are_counted() -> None:
    counts = quality("bronze.orders", NOTHING_RESCUED, 9, 1, 0)
    [update] = update_runs("medallion", [flow(1, "bronze.orders", "COMPLETED", data_quality=counts)])
    assert (update.tables[0].judged, update.tables[0].rescued) == (10, 1)
    assert all(NOTHING_RESCUED in rules.warn for rules in BRONZE_RULES.values())


@pytest.mark.parametrize("file", sorted(PROJECT.glob("*.py")), ids=lambda file: file.stem)
def test_silver_judges_its_rows_in_a_view_that_is_named_like_its_table(file: Path) -> None:
    text = file.read_text()
    if ".drop)" in text:
        assert f'@dp.temporary_view(name="{file.stem}_valid")' in text
