"""Reads the event logs: those of this machine's lakehouse, or of a workspace's pipelines."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from common.errors import UserError
from common.home import Home
from lakehouse.health.runs import LogLine, UpdateRun, update_runs
from local.engine.storage.event_log import read_event_log
from pipelines.catalog import PIPELINES, Pipeline

if TYPE_CHECKING:
    # The SDK takes a second to load, and this machine's lakehouse needs none.
    from infra.drift.reading.calls import Answer, Calls
    from infra.stack.settings import Environment

# Databricks keeps a pipeline's events for 30 days.
DAYS = 30
_PIPELINES = "/api/2.0/pipelines"


def updates_here(home: Home) -> list[UpdateRun]:
    """The updates of a home; UserError where none has run."""
    events = read_event_log(home)
    by_name = {one.name: [e for e in events if e["origin"]["pipeline_name"] == one.name] for one in PIPELINES}
    updates = [update for name, lines in by_name.items() for update in update_runs(name, lines)]
    if not updates:
        raise UserError(f"no update has run in {home.path}: `lakehouse run`")
    return updates


def updates_of_workspace(environment: "Environment", calls: "Calls", now: datetime) -> list[UpdateRun]:
    """The last updates in an environment's workspace; UserError where a pipeline is missing or cannot be read."""
    since = (now - timedelta(days=DAYS)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    found = calls.each(lambda one: _updates(environment, calls, one, since), PIPELINES)
    return [update for updates in found for update in updates]


def _updates(environment: "Environment", calls: "Calls", pipeline: Pipeline, since: str) -> list[UpdateRun]:
    title = environment.titled(pipeline.title)
    rows = calls.pages(_PIPELINES, "statuses", filter=f"name LIKE '{title}'", max_results=100)
    pipeline_id = next((row["pipeline_id"] for row in rows if row["name"] == title), None)
    if pipeline_id is None:
        raise UserError(f"{calls.host} has no pipeline {title}: make deploy ENV={environment.name}")
    events = calls.pages(
        f"{_PIPELINES}/{pipeline_id}/events", "events", filter=f"timestamp >= '{since}'", max_results=250
    )
    return update_runs(pipeline.name, map(_line, events))


def _line(event: "Answer") -> LogLine:
    return event | {
        "timestamp": datetime.fromisoformat(event["timestamp"]),
        "details": event.get("details") or {},
    }
