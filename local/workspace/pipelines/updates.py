"""Updates of pipelines and their events: what the store knows of them."""

import json
import uuid
from typing import Any

from pydantic import BaseModel

from local.workspace.calls.context import Workspace, now_ms, rfc3339
from local.workspace.calls.errors import conflict, missing
from local.workspace.pipelines.pipeline_spec import parse

TERMINAL = {"COMPLETED", "FAILED", "CANCELED"}

_KIND = "updates"
_SHOWN_WITH_A_PIPELINE = 5


class Options(BaseModel):
    """What a caller asks of one update."""

    full_refresh: bool = False
    full_refresh_selection: list[str] = []
    refresh_selection: list[str] = []
    validate_only: bool = False
    cause: str = "API_CALL"


def pipeline(ws: Workspace, pipeline_id: str) -> dict[str, Any]:
    """A pipeline's document; 404 when there is none."""
    found = ws.store.get("pipelines", pipeline_id)
    if found is None:
        raise missing(f"The specified pipeline {pipeline_id} was not found.")
    return found


def history(ws: Workspace, pipeline_id: str) -> list[dict[str, Any]]:
    """All updates of a pipeline, the newest first."""
    return ws.store.below(_KIND, f"{pipeline_id}/")[::-1]


def find(ws: Workspace, pipeline_id: str, update_id: str) -> dict[str, Any]:
    """One update; 404 when there is none."""
    pipeline(ws, pipeline_id)
    for update in history(ws, pipeline_id):
        if update["update_id"] == update_id:
            return update
    raise missing(f"Update {update_id} of pipeline {pipeline_id} was not found.")


def active(ws: Workspace, pipeline_id: str) -> dict[str, Any] | None:
    """The update under way, if there is one."""
    return next((update for update in history(ws, pipeline_id) if update["state"] not in TERMINAL), None)


def latest(ws: Workspace, pipeline_id: str) -> list[dict[str, Any]]:
    """The newest updates as a pipeline's answer shows them."""
    shown = history(ws, pipeline_id)[:_SHOWN_WITH_A_PIPELINE]
    return [
        {"update_id": u["update_id"], "state": u["state"], "creation_time": rfc3339(u["creation_time"])}
        for u in shown
    ]


def create(ws: Workspace, pipeline_id: str, options: dict[str, Any], cause: str) -> dict[str, Any]:
    """A queued update; 409 when one is under way."""
    document = pipeline(ws, pipeline_id)
    running = active(ws, pipeline_id)
    if running:
        raise conflict(
            f"An active update {running['update_id']} already exists for pipeline '{pipeline_id}'."
        )
    number = ws.store.next_id("updates")
    storage = document.get("storage") or _claim_storage(ws, document)
    update = {
        "update_id": str(uuid.uuid4()),
        "pipeline_id": pipeline_id,
        "state": "QUEUED",
        "cause": cause,
        "creation_time": now_ms(),
        "config": document["spec"],
        "number": number,
        "storage": storage,
    } | options
    with ws.store.transaction():
        save(ws, update)
        message = f"Update {update['update_id'][:6]} started by {cause}."
        record(ws, update, "create_update", message, {"create_update": options | {"cause": cause}})
        set_state(ws, update, "QUEUED")
    return update


def _claim_storage(ws: Workspace, document: dict[str, Any]) -> str:
    """What the engine knows the pipeline by, chosen at the first update and the pipeline's for good."""
    key = parse(document["spec"]).storage_key
    if any(other.get("storage") == key for other in ws.store.all("pipelines")):
        key = f"{key}_{document['pipeline_id'][:8]}"
    ws.store.put("pipelines", document["pipeline_id"], document | {"storage": key})
    return key


def save(ws: Workspace, update: dict[str, Any]) -> None:
    """Keep an update as it is now."""
    ws.store.put(_KIND, f"{update['pipeline_id']}/{update['number']:012d}", update)


def set_state(ws: Workspace, update: dict[str, Any], state: str, message: str = "", error: str = "") -> None:
    """Move an update on and tell it in the event log; `error` says why it failed."""
    if update["state"] in TERMINAL:
        return
    update["state"] = state
    update.update({"error": error} if error else {})
    text = message or f"Update {update['update_id'][:6]} is {state}."
    details = {"update_progress": {"state": state}}
    with ws.store.transaction():
        save(ws, update)
        record(ws, update, "update_progress", text, details, level="ERROR" if error else "INFO", error=error)


def record(
    ws: Workspace,
    update: dict[str, Any],
    event_type: str,
    message: str,
    details: dict[str, Any],
    *,
    dataset: str = "",
    level: str = "INFO",
    error: str = "",
) -> None:
    """Add one event in the shape of the Lakeflow event log."""
    name = pipeline_name(update)
    origin = {
        "pipeline_id": update["pipeline_id"],
        "pipeline_name": name,
        "update_id": update["update_id"],
        "org_id": int(ws.identity.workspace_id),
        "request_id": update["update_id"],
    } | ({"dataset_name": dataset, "flow_name": dataset} if dataset else {})
    event = {
        "id": str(uuid.uuid4()),
        "event_type": event_type,
        "level": level,
        "maturity_level": "STABLE",
        "message": message,
        "timestamp": rfc3339(now_ms()),
        "origin": origin,
        "details": details,
    } | ({"error": {"fatal": True, "exceptions": [{"message": error}]}} if error else {})
    with ws.store.transaction() as connection:
        connection.execute(
            "insert into events (pipeline_id, update_id, doc) values (?, ?, ?)",
            (update["pipeline_id"], update["update_id"], json.dumps(event)),
        )


def pipeline_name(update: dict[str, Any]) -> str:
    """The name the pipeline had when the update began."""
    return update["config"]["name"]


def events(ws: Workspace, pipeline_id: str) -> list[dict[str, Any]]:
    """All events of a pipeline, the oldest first, numbered by `sequence`."""
    rows = ws.store.query("select seq, doc from events where pipeline_id = ? order by seq", pipeline_id)
    return [json.loads(doc) | {"sequence": {"control_plane_seq_no": seq}} for seq, doc in rows]


def recover(ws: Workspace) -> None:
    """Fail what was under way when the workspace ended without saying so."""
    for update in ws.store.all(_KIND):
        if update["state"] not in TERMINAL:
            error = (
                "The workspace stopped in the middle of this update. Each table stands at its last committed "
                "version; start the update again."
            )
            set_state(ws, update, "FAILED", f"Update {update['update_id'][:6]} has failed: {error}", error)


def forget(ws: Workspace, pipeline_id: str) -> None:
    """Drop a deleted pipeline's history."""
    with ws.store.transaction() as connection:
        connection.execute("delete from events where pipeline_id = ?", (pipeline_id,))
        ws.store.delete_below(_KIND, f"{pipeline_id}/")


def answer(update: dict[str, Any]) -> dict[str, Any]:
    """The API's UpdateInfo."""
    hidden = {"number", "error", "storage"}
    return {field: value for field, value in update.items() if field not in hidden}
