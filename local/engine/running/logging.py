"""The events of an update as lines of the event log."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from common.home import Home
from local.engine.running.events import Event, ExpectationCount
from local.engine.storage.event_log import DatasetEvent, append_flow_progress


def log_events(home: Home, pipeline: str, update_id: str, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Keeps what became of each dataset; gives the lines of the event log."""
    lines = [line for event in events for line in _lines(event)]
    return append_flow_progress(home, pipeline, update_id, lines)


def _lines(event: Event) -> list[DatasetEvent]:
    now = datetime.fromtimestamp(event.at, UTC)
    by_dataset: dict[str, list[ExpectationCount]] = defaultdict(list)
    for count in event.expectations:
        by_dataset[count.dataset].append(count)
    own = by_dataset.pop(event.dataset, [])
    views = [
        DatasetEvent(
            name,
            now,
            False,
            _said(name, "COMPLETED"),
            _details("COMPLETED", None, event.dropped_in_views.get(name, 0), counts),
        )
        for name, counts in by_dataset.items()
    ]
    failed = event.state == "FAILED"
    details = _details(event.state, event.rows, event.dropped, own)
    message = event.message if failed else _said(event.dataset, event.state)
    return [
        *views,
        DatasetEvent(
            event.dataset, now, failed, message, {**details, "why": event.why, "seconds": event.seconds}
        ),
    ]


def _said(dataset: str, state: str) -> str:
    return f"Flow '{dataset}' is {state}."


def _details(
    status: str, rows: int | None, dropped: int, counts: Sequence[ExpectationCount]
) -> dict[str, Any]:
    details: dict[str, Any] = {"status": status}
    if rows is not None:
        details["metrics"] = {"num_output_rows": rows}
    expectations = [
        {
            "name": count.name,
            "dataset": count.dataset,
            "passed_records": count.passed,
            "failed_records": count.failed,
            "action": count.action,
        }
        for count in counts
    ]
    if expectations or dropped:
        details["data_quality"] = {"dropped_records": dropped, "expectations": expectations}
    return details
