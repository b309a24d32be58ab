"""The engine's events, in the shape of the Lakeflow event log."""

import re
from collections import Counter
from typing import Any

from common.home import Home
from local.workspace.http.context import Workspace
from local.workspace.pipelines import updates
from local.workspace.unity import delta_tables
from local.workspace.unity.tables import DATASETS

_EXPECTATION = re.compile(r"expectation '(?P<name>[^']+)' of (?P<dataset>\S+) failed")
_RESULTS, _QUARANTINE = "expectation_results", "quarantine"


def keep(ws: Workspace, update: dict[str, Any], event: dict[str, Any]) -> None:
    """Add one event of the engine to the log."""
    dataset, state = event["dataset"], event["state"]
    progress: dict[str, Any] = {"status": state}
    if event["rows"] is not None:
        progress["metrics"] = {"num_output_rows": event["rows"]}
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


def finish(ws: Workspace, update: dict[str, Any], datasets: list[dict[str, Any]]) -> None:
    """Note which tables the update wrote, and what was expected of them."""
    for event in datasets:
        if "." in event["dataset"]:
            ws.store.put(DATASETS, event["dataset"], {"pipeline_id": update["pipeline_id"]})
    results = next((e["dataset"] for e in datasets if e["dataset"].endswith(f".{_RESULTS}")), None)
    if results:
        _quality_events(ws, update, results)


def failed_expectation(error: str) -> dict[str, Any]:
    """What an error says of the FAIL expectation that raised it; empty for any other error."""
    found = _EXPECTATION.search(error)
    if not found:
        return {}
    # The engine stops at the first broken row, so it knows of one.
    expectation = {"name": found["name"], "dataset": found["dataset"], "failed_records": 1}
    return {"data_quality": {"expectations": [expectation]}}


def _quality_events(ws: Workspace, update: dict[str, Any], table: str) -> None:
    """One event a dataset with its expectations' counts, from the tables where the pipelines put them."""
    quarantine = table.replace(_RESULTS, _QUARANTINE)
    dropped = Counter(row["dataset"] for row in _rows(ws.home, quarantine, ["dataset"]))
    by_dataset: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(ws.home, table):
        counted = {"name": row["expectation"], "dataset": row["dataset"]}
        counted |= {field: row[field] for field in ("passed_records", "failed_records")}
        by_dataset.setdefault(row["dataset"], []).append(counted)
    for dataset, expectations in sorted(by_dataset.items()):
        quality = {"dropped_records": dropped[dataset], "expectations": expectations}
        details = {"flow_progress": {"status": "COMPLETED", "data_quality": quality}}
        updates.record(ws, update, "flow_progress", f"Expectations of '{dataset}'.", details, dataset=dataset)


def _rows(home: Home, table: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    schema, name = table.split(".")
    found = delta_tables.read(home, schema, name)
    return delta_tables.rows(found, columns) if found else []
