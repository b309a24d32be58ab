"""The Pipelines API: start, watch and stop updates, and read their events."""

import re

from fastapi import Query, Request

from local.workspace.calls import routing
from local.workspace.calls.context import Ws
from local.workspace.calls.errors import invalid
from local.workspace.calls.pages import Page, page_of
from local.workspace.pipelines import event_log, pipeline_records, update_records
from local.workspace.pipelines.event_log import PipelineEvent, StartOptions
from local.workspace.pipelines.update_records import UpdateInfo
from local.workspace.storage.records import Record

router = routing.router("/api/2.0/pipelines")

_EVENT_FILTER = re.compile(r"""\s*(level|id|timestamp)\s*(<=|>=|<|>|=|in)\s*(.+)""", re.IGNORECASE)


class StartedUpdate(Record):
    """The id of a new update."""

    update_id: str


class UpdateAnswer(Record):
    """One update; an answer shows the fields of its declared form only."""

    update: UpdateInfo


class UpdatesPage(Page):
    """A page of updates."""

    updates: list[UpdateInfo]


class EventsPage(Page):
    """A page of events."""

    events: list[PipelineEvent]


@router.post("/{pipeline_id}/updates")
async def start_update(request: Request, pipeline_id: str, body: StartOptions | None = None) -> StartedUpdate:
    """Queue an update; 409 while another one of this pipeline is under way."""
    update = request.app.state.background.updates.start(pipeline_id, body or StartOptions())
    return StartedUpdate(update_id=update.update_id)


@router.get("/{pipeline_id}/updates")
async def list_updates(
    ws: Ws, pipeline_id: str, max_results: int = 25, page_token: str = "", until_update_id: str = ""
) -> UpdatesPage:
    """Updates of a pipeline, the newest first."""
    pipeline_records.find(ws, pipeline_id)
    found = update_records.history(ws, pipeline_id)
    if until_update_id:
        ids = [update.update_id for update in found]
        if until_update_id not in ids:
            raise invalid(f"{until_update_id} is no update of this pipeline")
        found = found[ids.index(until_update_id) :]
    rows, token = page_of(found, max_results, page_token)
    return UpdatesPage(updates=list[UpdateInfo](rows), next_page_token=token)


@router.get("/{pipeline_id}/updates/{update_id}")
async def get_update(ws: Ws, pipeline_id: str, update_id: str) -> UpdateAnswer:
    """One update."""
    return UpdateAnswer(update=update_records.find(ws, pipeline_id, update_id))


@router.post("/{pipeline_id}/stop")
async def stop(request: Request, ws: Ws, pipeline_id: str) -> Record:
    """Stop the update under way; an idle pipeline stays as it is."""
    pipeline_records.find(ws, pipeline_id)
    await request.app.state.background.updates.stop(pipeline_id)
    return Record()


@router.get("/{pipeline_id}/events")
async def list_events(
    ws: Ws,
    pipeline_id: str,
    text: str = Query("", alias="filter"),
    max_results: int = 25,
    order_by: list[str] = Query([]),  # noqa: B008 - FastAPI's way to say where a value comes from
    page_token: str = "",
) -> EventsPage:
    """Events of a pipeline, the newest first unless asked for by `timestamp asc`."""
    pipeline_records.find(ws, pipeline_id)
    found = [event for event in event_log.events_of_pipeline(ws, pipeline_id) if _matches(event, text)]
    if "timestamp asc" not in order_by:
        found.reverse()
    rows, token = page_of(found, max_results, page_token)
    return EventsPage(events=rows, next_page_token=token)


def _matches(event: PipelineEvent, text: str) -> bool:
    conditions = re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text else []
    return all(_condition(event, condition) for condition in conditions)


def _condition(event: PipelineEvent, text: str) -> bool:
    found = _EVENT_FILTER.fullmatch(text)
    if not found:
        raise invalid(f"The filter {text!r} is not understood: level, id or timestamp, =, <, >, <=, >= or in")
    value = {"level": event.level, "id": event.id, "timestamp": event.timestamp}[found[1].lower()]
    operator = found[2].lower()
    given = [item or other for item, other in re.findall(r"'([^']*)'|\"([^\"]*)\"", found[3])]
    if not given:
        raise invalid(f"The filter {text!r} needs quoted values")
    if operator == "in":
        return value in given
    orders = {"=": value == given[0], "<": value < given[0], ">": value > given[0]}
    return any(orders[sign] for sign in operator)
