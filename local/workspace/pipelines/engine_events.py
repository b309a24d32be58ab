"""The engine's events, in the shape of the Lakeflow event log."""

import re
from typing import Any

from local.workspace.calls.context import Workspace
from local.workspace.pipelines import updates
from local.workspace.unity.tables import DATASETS

_EXPECTATION = re.compile(
    r"expectation '(?P<name>[^']+)' of (?P<dataset>\S+) failed: (?P<failed>[\d,]+) of (?P<records>[\d,]+) rows"
)


def keep(ws: Workspace, update: dict[str, Any], event: dict[str, Any]) -> None:
    """Add one event of the engine to the log; the views that a dataset read have an event each for what they count."""
    dataset, state = event["dataset"], event["state"]
    if not dataset:
        updates.record(ws, update, "update_progress", event["message"], {})
        return
    counted = _by_dataset(event["expectations"])
    progress: dict[str, Any] = {"status": state}
    if event["rows"] is not None:
        progress["metrics"] = {"num_output_rows": event["rows"]}
    own = counted.pop(dataset, [])
    if own or event["dropped"]:
        progress["data_quality"] = {"dropped_records": event["dropped"], "expectations": own}
    if state == "FAILED":
        progress |= failed_expectation(event["message"])
    message = f"Flow '{dataset}' is {state}."
    level = "ERROR" if state == "FAILED" else "INFO"
    error = event["message"] if state == "FAILED" else ""
    updates.record(
        ws,
        update,
        "flow_progress",
        message,
        {"flow_progress": progress},
        dataset=dataset,
        level=level,
        error=error,
    )
    for view, expectations in counted.items():
        details = {"flow_progress": {"status": state, "data_quality": {"expectations": expectations}}}
        updates.record(ws, update, "flow_progress", f"Expectations of '{view}'.", details, dataset=view)


def _by_dataset(expectations: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    counted: dict[str, list[dict[str, Any]]] = {}
    for each in expectations:
        line = {
            "name": each["name"],
            "dataset": each["dataset"],
            "passed_records": each["passed"],
            "failed_records": each["failed"],
        }
        counted.setdefault(each["dataset"], []).append(line)
    return counted


def finish(ws: Workspace, update: dict[str, Any], datasets: list[dict[str, Any]]) -> None:
    """Note which tables the update wrote."""
    for event in datasets:
        if "." in event["dataset"]:
            ws.store.put(DATASETS, event["dataset"], {"pipeline_id": update["pipeline_id"]})


def failed_expectation(error: str) -> dict[str, Any]:
    """What an error says of the FAIL expectation that raised it; empty for any other error."""
    found = _EXPECTATION.search(error)
    if not found:
        return {}
    failed = int(found["failed"].replace(",", ""))
    expectation = {
        "name": found["name"],
        "dataset": found["dataset"],
        "passed_records": int(found["records"].replace(",", "")) - failed,
        "failed_records": failed,
    }
    return {"data_quality": {"expectations": [expectation]}}
