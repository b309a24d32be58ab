"""The events of pipelines, in the shape of the Lakeflow event log."""

import uuid
from typing import Literal

from local.workspace.calls.context import Workspace, now_ms, rfc3339
from local.workspace.storage.records import Record

EventType = Literal["create_update", "update_progress", "flow_progress", "user_action"]
EventLevel = Literal["INFO", "ERROR"]


class StartOptions(Record):
    """What a caller asks of one update."""

    full_refresh: bool = False
    full_refresh_selection: tuple[str, ...] = ()
    refresh_selection: tuple[str, ...] = ()
    validate_only: bool = False
    cause: str = "API_CALL"


class UpdateProgress(Record):
    """The state that an update has reached."""

    state: str


class ExpectationRows(Record):
    """How many rows of a dataset kept an expectation, and how many broke it."""

    name: str
    dataset: str
    passed_records: int
    failed_records: int


class DataQuality(Record):
    """What the expectations of a dataset counted, and how many rows they dropped."""

    dropped_records: int | None = None
    expectations: tuple[ExpectationRows, ...]


class Metrics(Record):
    """How many rows a flow wrote."""

    num_output_rows: int


class FlowProgress(Record):
    """The state that a flow has reached, with what it wrote and counted."""

    status: str
    metrics: Metrics | None = None
    data_quality: DataQuality | None = None


class UserAction(Record):
    """What somebody did to an update."""

    action: Literal["STOP"]


class Details(Record):
    """What an event tells beside its message: one of these, or nothing."""

    create_update: StartOptions | None = None
    update_progress: UpdateProgress | None = None
    flow_progress: FlowProgress | None = None
    user_action: UserAction | None = None


class Origin(Record):
    """What an event is about."""

    pipeline_id: str
    pipeline_name: str
    update_id: str
    org_id: int
    request_id: str
    dataset_name: str | None = None
    flow_name: str | None = None


class _Exception(Record):
    message: str


class EventError(Record):
    """Why an update or a flow failed."""

    fatal: bool
    exceptions: tuple[_Exception, ...]


class Sequence(Record):
    """The place of an event in the log."""

    control_plane_seq_no: int


class PipelineEvent(Record):
    """One line of the log; `timestamp` in RFC 3339."""

    id: str
    event_type: EventType
    level: EventLevel
    maturity_level: Literal["STABLE"]
    message: str
    timestamp: str
    origin: Origin
    details: Details
    error: EventError | None = None
    sequence: Sequence | None = None


def add(
    ws: Workspace, origin: Origin, event_type: EventType, message: str, details: Details, error: str = ""
) -> None:
    """Add an event; one with an error is of level ERROR."""
    event = PipelineEvent(
        id=str(uuid.uuid4()),
        event_type=event_type,
        level="ERROR" if error else "INFO",
        maturity_level="STABLE",
        message=message,
        timestamp=rfc3339(now_ms()),
        origin=origin,
        details=details,
        error=EventError(fatal=True, exceptions=(_Exception(message=error),)) if error else None,
    )
    with ws.store.transaction() as connection:
        connection.execute(
            "insert into events (pipeline_id, update_id, doc) values (?, ?, ?)",
            (origin.pipeline_id, origin.update_id, event.to_json()),
        )


def events_of_pipeline(ws: Workspace, pipeline_id: str) -> list[PipelineEvent]:
    """All events of a pipeline, the oldest first, numbered by `sequence`."""
    rows = ws.store.query("select seq, doc from events where pipeline_id = ? order by seq", pipeline_id)
    return [
        PipelineEvent.model_validate_json(doc).changed(sequence=Sequence(control_plane_seq_no=number))
        for number, doc in rows
    ]


def forget(ws: Workspace, pipeline_id: str) -> None:
    """Drop the events of a deleted pipeline."""
    with ws.store.transaction() as connection:
        connection.execute("delete from events where pipeline_id = ?", (pipeline_id,))
