"""What each update made of each table, from the events of Lakeflow's log; the engine's own log has the same form."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipelines.shared.rules import NOTHING_RESCUED

# The view in which silver's rows are judged, by the table that takes what it keeps.
_VIEW_SUFFIX = "_valid"
_ENDED = ("COMPLETED", "FAILED", "SKIPPED", "STOPPED", "CANCELED")
LogLine = Mapping[str, Any]
"""One event: `timestamp`, `event_type`, `message`, `origin` and `details`, as objects."""


@dataclass(frozen=True)
class TableRun:
    """What an update made of a table.

    Attributes:
        table: `schema.table`.
        ended: when the last was heard of it.
        state: COMPLETED, FAILED and so on; empty where the update ended before the table was written.
        rows: what was written; of a table that reads files, the rows of new files.
        rejected: rows that a drop rule kept out.
        judged: rows that its rules looked at.
        rescued: rows of which a part did not fit the columns, of a table that reads files.
    """

    table: str
    ended: datetime
    state: str = ""
    rows: int = 0
    rejected: int = 0
    judged: int = 0
    rescued: int = 0


@dataclass(frozen=True)
class UpdateRun:
    """An update of a pipeline with its tables; `state` as Lakeflow's, `error` is why it failed."""

    pipeline: str
    update_id: str
    ended: datetime
    state: str
    error: str
    tables: tuple[TableRun, ...]


@dataclass
class _Flow:
    ended: datetime
    state: str = ""
    rows: int = 0
    rejected: int = 0
    judged: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rescued: int = 0


def update_runs(pipeline: str, events: Iterable[LogLine]) -> list[UpdateRun]:
    """The updates that the events of one pipeline tell of, the oldest first."""
    by_update: dict[str, list[LogLine]] = defaultdict(list)
    for event in sorted(events, key=lambda one: one["timestamp"]):
        if update_id := event["origin"].get("update_id"):
            by_update[update_id].append(event)
    found = [_update(pipeline, update_id, lines) for update_id, lines in by_update.items()]
    return sorted(found, key=lambda update: update.ended)


def _update(pipeline: str, update_id: str, events: list[LogLine]) -> UpdateRun:
    flows: dict[str, _Flow] = {}
    state, error = "", ""
    for event in events:
        details = event["details"]
        state = details.get("update_progress", {}).get("state") or state
        if event.get("level") == "ERROR":
            error = event["message"]
        if progress := details.get("flow_progress"):
            _add(flows, event, progress)
    failed = any(flow.state == "FAILED" for flow in flows.values())
    # The engine's own log tells of tables only.
    state = state or ("FAILED" if failed else "COMPLETED")
    tables = tuple(
        TableRun(
            name,
            flow.ended,
            flow.state,
            flow.rows,
            flow.rejected,
            max(flow.judged.values(), default=0),
            flow.rescued,
        )
        for name, flow in flows.items()
    )
    return UpdateRun(pipeline, update_id, events[-1]["timestamp"], state, error, tables)


def _add(flows: dict[str, _Flow], event: LogLine, progress: Mapping[str, Any]) -> None:
    origin = event["origin"]
    dataset = _short(origin.get("dataset_name") or origin.get("flow_name") or "")
    flow = flows.setdefault(_table(dataset), _Flow(event["timestamp"]))
    flow.ended = event["timestamp"]
    # Of several flows into one table the one that failed decides.
    if progress.get("status") in _ENDED and flow.state != "FAILED" and not dataset.endswith(_VIEW_SUFFIX):
        flow.state = progress["status"]
    flow.rows += (progress.get("metrics") or {}).get("num_output_rows") or 0
    quality = progress.get("data_quality") or {}
    flow.rejected += quality.get("dropped_records") or 0
    for count in quality.get("expectations") or []:
        judged = flows.setdefault(_table(_short(count["dataset"])), _Flow(event["timestamp"]))
        judged.judged[count["name"]] += count["passed_records"] + count["failed_records"]
        if count["name"] == NOTHING_RESCUED:
            judged.rescued += count["failed_records"]


def _short(dataset: str) -> str:
    """`schema.table` of a dataset's name, whatever stands before it."""
    return ".".join(dataset.replace("`", "").split(".")[-2:])


def _table(dataset: str) -> str:
    """The table of a dataset: of silver's views the one that takes what they keep."""
    last = dataset.rpartition(".")[2]
    return f"silver.{last.removesuffix(_VIEW_SUFFIX)}" if last.endswith(_VIEW_SUFFIX) else dataset
