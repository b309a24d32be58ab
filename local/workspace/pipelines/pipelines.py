"""The Pipelines API: create, read, edit, delete and list."""

import re
import uuid
from typing import Literal

from fastapi import Query, Request

from local.workspace.calls import routing
from local.workspace.calls.caller import caller_name
from local.workspace.calls.context import Workspace, Ws, now_ms
from local.workspace.calls.errors import DatabricksError, conflict, invalid
from local.workspace.calls.pages import Page, page_of
from local.workspace.pipelines import pipeline_records, published_log, update_records
from local.workspace.pipelines.pipeline_records import PIPELINE_RECORDS, Pipeline, RunAs, Spec, runner_of
from local.workspace.storage.records import Record
from local.workspace.unity import permissions, recovery, tables

router = routing.router("/api/2.0/pipelines")

_NAME_FILTER = re.compile(r"""\s*name\s+like\s+(['"])(.*)\1\s*""", re.IGNORECASE)


class SpecBody(Spec):
    """A pipeline's settings, and how the call deals with them."""

    allow_duplicate_names: bool = False
    dry_run: bool = False
    expected_last_modified: int | None = None
    pipeline_id: str | None = None

    @property
    def spec(self) -> Spec:
        """The settings alone."""
        how = set(SpecBody.model_fields) - set(Spec.model_fields)
        return Spec.model_validate(self.model_dump(by_alias=True, exclude_unset=True, exclude=how))


class CreatedPipeline(Record):
    """The id of a new pipeline, or, of a dry run, what its settings would be."""

    pipeline_id: str | None = None
    effective_settings: Spec | None = None


class PipelineStateInfo(Record):
    """A pipeline in a list."""

    pipeline_id: str
    name: str
    state: Literal["IDLE", "RUNNING"]
    health: Literal["HEALTHY", "UNHEALTHY"]
    creator_user_name: str
    run_as_user_name: str
    latest_updates: tuple[update_records.LatestUpdate, ...]


class PipelineAnswer(PipelineStateInfo):
    """A pipeline with its settings."""

    spec: Spec
    last_modified: int
    run_as: RunAs
    cause: str


class PipelinesPage(Page):
    """A page of pipelines."""

    statuses: list[PipelineStateInfo]


@router.post("")
async def create_pipeline(ws: Ws, body: SpecBody) -> CreatedPipeline:
    """Create a pipeline; its name is unique unless the caller allows otherwise."""
    _check_name(ws, body, None)
    if body.dry_run:
        return CreatedPipeline(effective_settings=body.spec)
    pipeline_id, moment = str(uuid.uuid4()), now_ms()
    spec = body.spec.changed(id=pipeline_id)
    created = Pipeline(
        pipeline_id=pipeline_id,
        spec=spec,
        creator_user_name=caller_name(),
        created_at=moment,
        last_modified=moment,
    )
    pipeline_records.save(ws, created)
    permissions.make_owner(ws, "pipelines", pipeline_id)
    return CreatedPipeline(pipeline_id=pipeline_id)


@router.get("")
async def list_pipelines(
    ws: Ws, text: str = Query("", alias="filter"), max_results: int = 25, page_token: str = ""
) -> PipelinesPage:
    """Pipelines by name; the filter is `name LIKE '...'`, the only one the local workspace knows."""
    pattern = _like(text)
    found = [one for one in PIPELINE_RECORDS.all(ws.store) if pattern.fullmatch(one.spec.name)]
    found.sort(key=lambda one: (one.spec.name, one.pipeline_id))
    rows, token = page_of(found, max_results, page_token)
    return PipelinesPage(statuses=[_summary(ws, one) for one in rows], next_page_token=token)


@router.get("/{pipeline_id}")
async def get_pipeline(ws: Ws, pipeline_id: str) -> PipelineAnswer:
    """One pipeline with its settings."""
    found = pipeline_records.find(ws, pipeline_id)
    return PipelineAnswer(
        **dict(_summary(ws, found)),
        spec=found.spec,
        last_modified=found.last_modified,
        run_as=runner_of(ws, found),
        cause="",
    )


@router.put("/{pipeline_id}")
async def edit_pipeline(ws: Ws, pipeline_id: str, body: SpecBody) -> Record:
    """Replace a pipeline's settings."""
    found = pipeline_records.find(ws, pipeline_id)
    if body.expected_last_modified not in (None, found.last_modified):
        raise conflict(f"Pipeline {pipeline_id} was changed at {found.last_modified}, after it was read")
    _check_name(ws, body, pipeline_id)
    moment = max(now_ms(), found.last_modified + 1)
    pipeline_records.save(ws, found.changed(spec=body.spec.changed(id=pipeline_id), last_modified=moment))
    return Record()


@router.delete("/{pipeline_id}")
async def delete_pipeline(request: Request, ws: Ws, pipeline_id: str, cascade: bool = True) -> Record:
    """Stop and delete a pipeline with its history and, unless `cascade` is false, its tables."""
    found = pipeline_records.find(ws, pipeline_id)
    await request.app.state.background.updates.stop(pipeline_id)
    if cascade:
        tables.drop_of_pipeline(ws, pipeline_id)
        published_log.drop_with_pipeline(ws, pipeline_id, found.spec)
    recovery.forget_pipeline(ws, pipeline_id)
    with ws.store.transaction():
        update_records.forget(ws, pipeline_id)
        permissions.forget(ws, "pipelines", pipeline_id)
        PIPELINE_RECORDS.delete(ws.store, pipeline_id)
    return Record()


def _check_name(ws: Workspace, body: SpecBody, pipeline_id: str | None) -> None:
    others = [one for one in PIPELINE_RECORDS.all(ws.store) if one.pipeline_id != pipeline_id]
    if any(one.spec.name == body.name for one in others) and not body.allow_duplicate_names:
        message = f"The pipeline name '{body.name}' is already used by another pipeline"
        raise DatabricksError("RESOURCE_CONFLICT", message, 409)


def _like(text: str) -> re.Pattern[str]:
    if not text:
        return re.compile(".*", re.DOTALL)
    found = _NAME_FILTER.fullmatch(text)
    if not found:
        raise invalid(f"The filter {text!r} is not understood: expected name LIKE '<pattern>'")
    return re.compile(re.escape(found[2]).replace("%", ".*"), re.DOTALL)


def _summary(ws: Workspace, found: Pipeline) -> PipelineStateInfo:
    latest = update_records.latest_updates(ws, found.pipeline_id)
    state = latest[0].state if latest else "COMPLETED"
    return PipelineStateInfo(
        pipeline_id=found.pipeline_id,
        name=found.spec.name,
        state="IDLE" if state in update_records.TERMINAL else "RUNNING",
        health="UNHEALTHY" if state == "FAILED" else "HEALTHY",
        creator_user_name=found.creator_user_name,
        run_as_user_name=runner_of(ws, found).principal,
        latest_updates=latest,
    )
