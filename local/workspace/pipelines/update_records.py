"""Updates of pipelines: what the store knows of them, and the events that tell it."""

import uuid
from typing import Literal

from local.workspace.calls.caller import OWNER
from local.workspace.calls.context import Workspace, now_ms, rfc3339
from local.workspace.calls.errors import conflict, not_found
from local.workspace.pipelines import event_log, pipeline_records
from local.workspace.pipelines.event_log import Details, Origin, StartOptions, UpdateProgress
from local.workspace.pipelines.pipeline_records import PIPELINE_RECORDS, Pipeline, Spec, runner_of
from local.workspace.storage.records import Collection, Record

UpdateState = Literal[
    "QUEUED", "WAITING_FOR_RESOURCES", "INITIALIZING", "RUNNING", "COMPLETED", "FAILED", "CANCELED"
]
TERMINAL = {"COMPLETED", "FAILED", "CANCELED"}

_SHOWN_WITH_A_PIPELINE = 5


class UpdateInfo(StartOptions):
    """An update as its callers see it, with the pipeline's settings as they were when it began."""

    update_id: str
    pipeline_id: str
    state: UpdateState
    creation_time: int
    config: Spec


class Update(UpdateInfo):
    """An update as the store keeps it; `number` counts the updates of the workspace, `error` says why it failed.

    `run_as` is the principal whose rights it has.
    """

    number: int
    storage: str
    run_as: str = OWNER.name
    error: str | None = None

    @property
    def key(self) -> str:
        """The store's key: updates of one pipeline stand together, in the order of their beginning."""
        return f"{self.pipeline_id}/{self.number:012d}"

    @property
    def short_id(self) -> str:
        """What messages call it."""
        return self.update_id[:6]


class LatestUpdate(Record):
    """An update in a pipeline's answer; `creation_time` in RFC 3339."""

    update_id: str
    state: UpdateState
    creation_time: str


UPDATE_RECORDS = Collection("updates", Update)


def history(ws: Workspace, pipeline_id: str) -> list[Update]:
    """All updates of a pipeline, the newest first."""
    return UPDATE_RECORDS.below(ws.store, f"{pipeline_id}/")[::-1]


def find(ws: Workspace, pipeline_id: str, update_id: str) -> Update:
    """One update; 404 when there is none."""
    pipeline_records.find(ws, pipeline_id)
    for update in history(ws, pipeline_id):
        if update.update_id == update_id:
            return update
    raise not_found(f"Update {update_id} of pipeline {pipeline_id} was not found.")


def under_way(ws: Workspace, pipeline_id: str) -> Update | None:
    """The update under way, if there is one."""
    return next((update for update in history(ws, pipeline_id) if update.state not in TERMINAL), None)


def latest_updates(ws: Workspace, pipeline_id: str) -> tuple[LatestUpdate, ...]:
    """The newest updates as a pipeline's answer shows them."""
    return tuple(
        LatestUpdate(
            update_id=update.update_id, state=update.state, creation_time=rfc3339(update.creation_time)
        )
        for update in history(ws, pipeline_id)[:_SHOWN_WITH_A_PIPELINE]
    )


def create(ws: Workspace, pipeline_id: str, options: StartOptions) -> Update:
    """A queued update; 409 when one is under way."""
    found = pipeline_records.find(ws, pipeline_id)
    running = under_way(ws, pipeline_id)
    if running:
        raise conflict(f"An active update {running.update_id} already exists for pipeline '{pipeline_id}'.")
    update = Update(
        **dict(options),
        update_id=str(uuid.uuid4()),
        pipeline_id=pipeline_id,
        state="QUEUED",
        creation_time=now_ms(),
        config=found.spec,
        number=UPDATE_RECORDS.new_id(ws.store),
        run_as=runner_of(ws, found).principal,
        storage=found.storage or _claim_storage(ws, found),
    )
    with ws.store.transaction():
        UPDATE_RECORDS.put(ws.store, update.key, update)
        message = f"Update {update.short_id} started by {options.cause}."
        details = Details(create_update=StartOptions(**dict(options)))
        event_log.add(ws, origin_of(ws, update), "create_update", message, details)
        set_state(ws, update, "QUEUED")
    return update


def _claim_storage(ws: Workspace, found: Pipeline) -> str:
    """What the engine knows the pipeline by, chosen at the first update and the pipeline's for good."""
    key = found.spec.storage_key
    if any(other.storage == key for other in PIPELINE_RECORDS.all(ws.store)):
        key = f"{key}_{found.pipeline_id[:8]}"
    pipeline_records.save(ws, found.changed(storage=key))
    return key


def state_of(ws: Workspace, update: Update) -> UpdateState | None:
    """The state of an update now; None when its pipeline has been deleted."""
    now = UPDATE_RECORDS.get(ws.store, update.key)
    return now.state if now else None


def set_state(ws: Workspace, update: Update, state: UpdateState, message: str = "", error: str = "") -> None:
    """Move an update on, unless it has ended, and tell it in the event log; `error` says why it failed."""
    now = UPDATE_RECORDS.get(ws.store, update.key)
    if now is None or now.state in TERMINAL:
        return
    text = message or f"Update {update.short_id} is {state}."
    details = Details(update_progress=UpdateProgress(state=state))
    with ws.store.transaction():
        UPDATE_RECORDS.put(ws.store, update.key, now.changed(state=state, error=error or None))
        event_log.add(ws, origin_of(ws, update), "update_progress", text, details, error)


def origin_of(ws: Workspace, update: Update, dataset: str | None = None) -> Origin:
    """What an event of an update, or of one of its datasets, is about."""
    return Origin(
        pipeline_id=update.pipeline_id,
        pipeline_name=update.config.name,
        update_id=update.update_id,
        org_id=int(ws.identity.workspace_id),
        request_id=update.update_id,
        dataset_name=dataset,
        flow_name=dataset,
    )


def recover(ws: Workspace) -> None:
    """Fail what was under way when the workspace ended without saying so."""
    for update in UPDATE_RECORDS.all(ws.store):
        if update.state not in TERMINAL:
            error = (
                "The workspace stopped in the middle of this update. Each table stands at its last committed "
                "version; start the update again."
            )
            set_state(ws, update, "FAILED", f"Update {update.short_id} has failed: {error}", error)


def forget(ws: Workspace, pipeline_id: str) -> None:
    """Drop a deleted pipeline's history."""
    with ws.store.transaction():
        event_log.forget(ws, pipeline_id)
        UPDATE_RECORDS.delete_below(ws.store, f"{pipeline_id}/")
