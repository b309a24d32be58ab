"""The Pipelines API: create, read, edit, delete and list."""

import re
import uuid
from typing import Any

from fastapi import APIRouter, Query, Request

from local.workspace.calls.context import USER, JsonBody, Workspace, Ws, now_ms
from local.workspace.calls.errors import DatabricksError, conflict, invalid
from local.workspace.calls.pages import page_of
from local.workspace.pipelines import updates
from local.workspace.pipelines.pipeline_spec import parse
from local.workspace.unity import permissions, tables

router = APIRouter(prefix="/api/2.0/pipelines")

KIND = "pipelines"
_NOT_SETTINGS = {"allow_duplicate_names", "dry_run", "expected_last_modified", "pipeline_id"}
_NAME_FILTER = re.compile(r"""\s*name\s+like\s+(['"])(.*)\1\s*""", re.IGNORECASE)


@router.post("")
async def create_pipeline(ws: Ws, body: JsonBody) -> dict[str, Any]:
    """Create a pipeline; its name is unique unless the caller allows otherwise."""
    spec = _checked(ws, body, None)
    if body.get("dry_run"):
        return {"effective_settings": spec}
    pipeline_id = str(uuid.uuid4())
    moment = now_ms()
    document = {"pipeline_id": pipeline_id, "spec": spec | {"id": pipeline_id}, "created_at": moment}
    ws.store.put(KIND, pipeline_id, document | {"last_modified": moment})
    return {"pipeline_id": pipeline_id}


@router.get("")
async def list_pipelines(
    ws: Ws, text: str = Query("", alias="filter"), max_results: int = 25, page_token: str = ""
) -> dict[str, Any]:
    """Pipelines by name; the filter is `name LIKE '...'`, the only one the local workspace knows."""
    pattern = _like(text)
    found = [document for document in ws.store.all(KIND) if pattern.fullmatch(document["spec"]["name"])]
    found.sort(key=lambda document: (document["spec"]["name"], document["pipeline_id"]))
    rows, token = page_of(found, max_results, page_token)
    return {"statuses": [_summary(ws, document) for document in rows]} | token


@router.get("/{pipeline_id}")
async def get_pipeline(ws: Ws, pipeline_id: str) -> dict[str, Any]:
    """One pipeline with its settings."""
    document = updates.pipeline(ws, pipeline_id)
    return _summary(ws, document) | {
        "spec": document["spec"],
        "last_modified": document["last_modified"],
        "run_as": document["spec"].get("run_as") or {"user_name": USER},
        "cause": "",
    }


@router.put("/{pipeline_id}")
async def edit_pipeline(ws: Ws, pipeline_id: str, body: JsonBody) -> dict[str, Any]:
    """Replace a pipeline's settings."""
    document = updates.pipeline(ws, pipeline_id)
    expected = body.get("expected_last_modified")
    if expected is not None and expected != document["last_modified"]:
        raise conflict(
            f"Pipeline {pipeline_id} was changed at {document['last_modified']}, after it was read"
        )
    spec = _checked(ws, body, pipeline_id)
    moment = max(now_ms(), document["last_modified"] + 1)
    ws.store.put(KIND, pipeline_id, document | {"spec": spec | {"id": pipeline_id}, "last_modified": moment})
    return {}


@router.delete("/{pipeline_id}")
async def delete_pipeline(request: Request, ws: Ws, pipeline_id: str, cascade: bool = True) -> dict[str, Any]:
    """Stop and delete a pipeline with its history and, unless `cascade` is false, its tables."""
    updates.pipeline(ws, pipeline_id)
    await request.app.state.background.updates.stop(pipeline_id)
    if cascade:
        tables.drop_of_pipeline(ws, pipeline_id)
    with ws.store.transaction():
        updates.forget(ws, pipeline_id)
        permissions.forget(ws, "pipelines", pipeline_id)
        ws.store.delete(KIND, pipeline_id)
    return {}


def _checked(ws: Workspace, body: dict[str, Any], pipeline_id: str | None) -> dict[str, Any]:
    settings = {key: value for key, value in body.items() if key not in _NOT_SETTINGS}
    name = parse(settings).name
    taken = [d for d in ws.store.all(KIND) if d["spec"]["name"] == name and d["pipeline_id"] != pipeline_id]
    if taken and not body.get("allow_duplicate_names"):
        message = f"The pipeline name '{name}' is already used by another pipeline"
        raise DatabricksError("RESOURCE_CONFLICT", message, 409)
    return settings


def _like(text: str) -> re.Pattern[str]:
    if not text:
        return re.compile(".*", re.DOTALL)
    found = _NAME_FILTER.fullmatch(text)
    if not found:
        raise invalid(f"The filter {text!r} is not understood: expected name LIKE '<pattern>'")
    return re.compile(re.escape(found[2]).replace("%", ".*"), re.DOTALL)


def _runner(spec: dict[str, Any]) -> str:
    run_as = spec.get("run_as") or {}
    return run_as.get("service_principal_name") or run_as.get("user_name") or USER


def _summary(ws: Workspace, document: dict[str, Any]) -> dict[str, Any]:
    latest = updates.latest(ws, document["pipeline_id"])
    running = bool(latest and latest[0]["state"] not in updates.TERMINAL)
    failed = bool(latest and latest[0]["state"] == "FAILED")
    return {
        "pipeline_id": document["pipeline_id"],
        "name": document["spec"]["name"],
        "state": "RUNNING" if running else "IDLE",
        "health": "UNHEALTHY" if failed else "HEALTHY",
        "creator_user_name": USER,
        "run_as_user_name": _runner(document["spec"]),
        "latest_updates": latest,
    }
