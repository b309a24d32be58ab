"""The runs: each update, why it ran, and what became of each dataset."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from common.errors import UserError
from common.home import Home
from lakehouse.page.reading.changes import changes_of
from lakehouse.page.reading.updates import DatasetStep, LoggedUpdate
from lakehouse.page.views.view import Context, Here
from local.engine.running.live import live_file
from local.engine.storage.lock import is_locked
from local.engine.storage.log import table_path

router = APIRouter()
AT_MOST = 60
POLL_SECONDS = 0.3


def content(context: Context) -> dict[str, Any]:
    """What the template shows."""
    updates = context.lake.updates
    return {"updates": updates[:AT_MOST], "older": max(0, len(updates) - AT_MOST), "bars": bars}


def bars(update: LoggedUpdate) -> list[tuple[DatasetStep, float, float]]:
    """Each step with its begin and its width, in percent of the update."""
    whole = max(update.seconds, 0.001)
    return [(step, _share(update.began, step.began, whole), _width(step, whole)) for step in update.steps]


def _share(start: datetime, moment: datetime, whole: float) -> float:
    return round(min(99.5, 100 * (moment - start).total_seconds() / whole), 2)


def _width(step: DatasetStep, whole: float) -> float:
    return round(max(0.5, 100 * (step.seconds or 0) / whole), 2)


def one_update(context: Context, key: str) -> LoggedUpdate:
    """The update of an id; UserError where there is none."""
    found = next((update for update in context.lake.updates if update.id == key), None)
    if found is None:
        raise UserError(f"there is no update {key} in the event log")
    return found


@router.get("/runs", response_class=HTMLResponse)
def runs(context: Here) -> str:
    """The page."""
    return context.page("runs", **content(context))


@router.get("/runs/{key}/changes/{dataset}", response_class=HTMLResponse)
def changes(context: Here, key: str, dataset: str) -> str:
    """How many rows a step added, removed and changed: the inside of a cell."""
    step = next((one for one in one_update(context, key).steps if one.dataset == dataset), None)
    if step is None or step.rows is None:
        raise UserError(f"the update {key} did not write {dataset}")
    declared = context.lake.declared(dataset)
    # Bronze and change events hold every delivery of a key.
    has_key = declared and not dataset.startswith("bronze.") and not dataset.endswith("_changes")
    keys = declared.keys if declared and has_key else ()
    folder = table_path(context.lake.home.warehouse, dataset)
    return context.pages.render("changes", changes=changes_of(folder, step, keys))


@router.get("/live")
async def live(context: Here, request: Request) -> StreamingResponse:
    """What the update that is under way tells, as server-sent events, until the browser goes."""
    return StreamingResponse(_followed(context.lake.home, request), media_type="text/event-stream")


async def _followed(home: Home, request: Request) -> AsyncIterator[str]:
    """First whether anything runs, then each line of the live file as it is written."""
    path, read, was_running = live_file(home), 0, None
    begun = _begun(home)
    while not await request.is_disconnected():
        running = is_locked(home)
        if running != was_running:
            yield _event("state", {"running": running})
            read = read if running or was_running is None else 0
            was_running = running
        if begun != _begun(home):
            begun, read = _begun(home), 0
        if running and path.exists():
            with path.open(encoding="utf-8") as file:
                file.seek(read)
                for line in iter(file.readline, ""):
                    if not line.endswith("\n"):
                        break
                    read = file.tell()
                    yield _event("step", json.loads(line))
        await asyncio.sleep(POLL_SECONDS)


def _begun(home: Home) -> str:
    """The first line of the live file, by which one update is told from the next."""
    try:
        with live_file(home).open(encoding="utf-8") as file:
            return file.readline()
    except OSError:
        return ""


def _event(kind: str, data: object) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"
