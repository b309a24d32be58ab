"""The Pipelines API: start, watch and stop updates, and read their events."""

import re
from typing import Any

from fastapi import APIRouter, Query, Request

from local.workspace.calls.context import Ws
from local.workspace.calls.errors import invalid
from local.workspace.calls.pages import page_of
from local.workspace.pipelines import updates

router = APIRouter(prefix="/api/2.0/pipelines")

_EVENT_FILTER = re.compile(r"""\s*(level|id|timestamp)\s*(<=|>=|<|>|=|in)\s*(.+)""", re.IGNORECASE)


@router.post("/{pipeline_id}/updates")
async def start_update(
    request: Request, pipeline_id: str, body: updates.Options | None = None
) -> dict[str, Any]:
    """Queue an update; 409 while another one of this pipeline is under way."""
    options = body or updates.Options()
    update = request.app.state.background.updates.start(pipeline_id, options)
    return {"update_id": update["update_id"]}


@router.get("/{pipeline_id}/updates")
async def list_updates(
    ws: Ws, pipeline_id: str, max_results: int = 25, page_token: str = "", until_update_id: str = ""
) -> dict[str, Any]:
    """Updates of a pipeline, the newest first."""
    updates.pipeline(ws, pipeline_id)
    found = updates.history(ws, pipeline_id)
    if until_update_id:
        ids = [update["update_id"] for update in found]
        if until_update_id not in ids:
            raise invalid(f"{until_update_id} is no update of this pipeline")
        found = found[ids.index(until_update_id) :]
    rows, token = page_of(found, max_results, page_token)
    return {"updates": [updates.answer(update) for update in rows]} | token


@router.get("/{pipeline_id}/updates/{update_id}")
async def get_update(ws: Ws, pipeline_id: str, update_id: str) -> dict[str, Any]:
    """One update."""
    return {"update": updates.answer(updates.find(ws, pipeline_id, update_id))}


@router.post("/{pipeline_id}/stop")
async def stop(request: Request, ws: Ws, pipeline_id: str) -> dict[str, Any]:
    """Stop the update under way; an idle pipeline stays as it is."""
    updates.pipeline(ws, pipeline_id)
    await request.app.state.background.updates.stop(pipeline_id)
    return {}


@router.get("/{pipeline_id}/events")
async def list_events(
    ws: Ws,
    pipeline_id: str,
    text: str = Query("", alias="filter"),
    max_results: int = 25,
    order_by: list[str] = Query([]),  # noqa: B008 - FastAPI's way to say where a value comes from
    page_token: str = "",
) -> dict[str, Any]:
    """Events of a pipeline, the newest first unless asked for by `timestamp asc`."""
    updates.pipeline(ws, pipeline_id)
    found = [event for event in updates.events(ws, pipeline_id) if _matches(event, text)]
    if "timestamp asc" not in order_by:
        found.reverse()
    rows, token = page_of(found, max_results, page_token)
    return {"events": rows} | token


def _matches(event: dict[str, Any], text: str) -> bool:
    return (
        all(_condition(event, part) for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE))
        if text
        else True
    )


def _condition(event: dict[str, Any], text: str) -> bool:
    found = _EVENT_FILTER.fullmatch(text)
    if not found:
        raise invalid(f"The filter {text!r} is not understood: level, id or timestamp, =, <, >, <=, >= or in")
    value, operator = event[found[1].lower()], found[2].lower()
    given = [item or other for item, other in re.findall(r"'([^']*)'|\"([^\"]*)\"", found[3])]
    if not given:
        raise invalid(f"The filter {text!r} needs quoted values")
    if operator == "in":
        return value in given
    orders = {"=": value == given[0], "<": value < given[0], ">": value > given[0]}
    return any(orders[sign] for sign in operator)
