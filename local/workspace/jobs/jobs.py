"""The Jobs API: create, read, change and delete jobs."""

from enum import StrEnum
from typing import Any, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, model_validator

from local.workspace.calls.context import USER, JsonBody, Workspace, Ws, now_ms
from local.workspace.calls.errors import invalid, missing
from local.workspace.calls.pages import page_of
from local.workspace.unity import permissions

router = APIRouter()

KIND = "jobs"


class RunIf(StrEnum):
    """When a task runs, given how the tasks before it ended."""

    ALL_SUCCESS = "ALL_SUCCESS"
    ALL_DONE = "ALL_DONE"
    NONE_FAILED = "NONE_FAILED"
    AT_LEAST_ONE_SUCCESS = "AT_LEAST_ONE_SUCCESS"
    ALL_FAILED = "ALL_FAILED"
    AT_LEAST_ONE_FAILED = "AT_LEAST_ONE_FAILED"


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Dependency(_Open):
    """One task that another waits for."""

    task_key: str


class PythonTask(_Open):
    """A workspace file and its arguments."""

    python_file: str
    parameters: list[str] = []


class PipelineTask(_Open):
    """A pipeline to update."""

    pipeline_id: str
    full_refresh: bool = False


class Task(_Open):
    """The fields of a task that the local workspace acts on; times as named, max_retries -1 is for ever."""

    task_key: str
    depends_on: list[Dependency] = []
    run_if: RunIf = RunIf.ALL_SUCCESS
    spark_python_task: PythonTask | None = None
    pipeline_task: PipelineTask | None = None
    max_retries: int = 0
    min_retry_interval_millis: int = 0
    retry_on_timeout: bool = False
    timeout_seconds: int = 0
    disabled: bool = False


class Parameter(_Open):
    """A job's parameter, used as `{{job.parameters.<name>}}`."""

    name: str
    default: str = ""


class Queue(_Open):
    """Whether a run waits for its turn instead of being skipped."""

    enabled: bool = False


class Runner(_Open):
    """Who a job runs as."""

    user_name: str | None = None
    service_principal_name: str | None = None


class Environment(_Open):
    """A serverless environment; the local workspace keeps it and runs in its own."""

    environment_key: str


class Cluster(_Open):
    """A job cluster; kept, not started."""

    job_cluster_key: str


class Settings(_Open):
    """The settings that the local workspace acts on; all others are kept and given back."""

    name: str = "Untitled"
    tasks: list[Task] = []
    parameters: list[Parameter] = []
    max_concurrent_runs: int = 1
    timeout_seconds: int = 0
    queue: Queue | None = None
    run_as: Runner | None = None
    environments: list[Environment] = []
    job_clusters: list[Cluster] = []

    @model_validator(mode="after")
    def _tasks_make_a_graph(self) -> Self:
        keys = [task.task_key for task in self.tasks]
        if len(set(keys)) != len(keys):
            raise ValueError(f"task_key must be unique: {', '.join(sorted(keys))}")
        waiting = {task.task_key: {before.task_key for before in task.depends_on} for task in self.tasks}
        for key, before in waiting.items():
            if unknown := before - set(keys):
                raise ValueError(
                    f"task {key} depends on {', '.join(sorted(unknown))}, which the job does not have"
                )
        while ready := {key for key, before in waiting.items() if not before}:
            waiting = {key: before - ready for key, before in waiting.items() if key not in ready}
        if waiting:
            raise ValueError(f"the tasks {', '.join(sorted(waiting))} wait for each other")
        return self


class JobBody(BaseModel):
    """A call that names one job."""

    job_id: int


class ResetBody(JobBody):
    """New settings in place of the old."""

    new_settings: dict[str, Any]


class UpdateBody(JobBody):
    """Settings to set and to remove."""

    new_settings: dict[str, Any] = {}
    fields_to_remove: list[str] = []


@router.post("/create")
async def create_job(ws: Ws, body: JsonBody) -> dict[str, Any]:
    """Create a job; its access_control_list becomes permissions."""
    settings = {field: value for field, value in body.items() if field != "access_control_list"}
    Settings.model_validate(settings)
    job_id = ws.store.next_id(KIND)
    ws.store.put(KIND, job_id, {"job_id": job_id, "created_time": now_ms(), "settings": settings})
    if body.get("access_control_list"):
        access = permissions.AccessControlList.model_validate(body)
        await permissions.set_permissions(ws, KIND, str(job_id), access)
    return {"job_id": job_id}


@router.get("/get")
async def get_job(ws: Ws, job_id: int) -> dict[str, Any]:
    """One job with its settings."""
    return _answer(find(ws, job_id))


@router.get("/list")
async def list_jobs(
    ws: Ws, limit: int = 20, page_token: str = "", name: str = "", expand_tasks: bool = False
) -> dict[str, Any]:
    """Jobs, the newest first; tasks only when asked for."""
    found = sorted(ws.store.all(KIND), key=lambda job: -job["job_id"])
    found = [job for job in found if name.lower() in ("", job["settings"].get("name", "").lower())]
    rows, token = page_of(found, min(limit, 100), page_token)
    jobs = [_answer(job) for job in rows]
    if not expand_tasks:
        for job in jobs:
            job["settings"] = {field: value for field, value in job["settings"].items() if field != "tasks"}
    return {"jobs": jobs, "has_more": bool(token)} | token


@router.post("/reset")
async def reset_job(ws: Ws, body: ResetBody) -> dict[str, Any]:
    """Replace all settings."""
    return _save(ws, find(ws, body.job_id), body.new_settings)


@router.post("/update")
async def update_job(ws: Ws, body: UpdateBody) -> dict[str, Any]:
    """Change some settings; lists with keys (tasks, parameters, environments, clusters) merge by key."""
    job = find(ws, body.job_id)
    settings = dict(job["settings"])
    for field, value in body.new_settings.items():
        settings[field] = _merged(field, settings.get(field), value)
    for field in body.fields_to_remove:
        _remove(settings, field.split("/"))
    return _save(ws, job, settings)


@router.post("/delete")
async def delete_job(ws: Ws, body: JobBody) -> dict[str, Any]:
    """Delete a job; its runs stay in the history."""
    find(ws, body.job_id)
    with ws.store.transaction():
        ws.store.delete(KIND, body.job_id)
        permissions.forget(ws, "jobs", str(body.job_id))
    return {}


def find(ws: Workspace, job_id: int) -> dict[str, Any]:
    """One job's document; 404 when there is none."""
    job = ws.store.get(KIND, job_id)
    if job is None:
        raise missing(f"Job {job_id} does not exist.")
    return job


_LIST_KEYS = {
    "tasks": "task_key",
    "parameters": "name",
    "environments": "environment_key",
    "job_clusters": "job_cluster_key",
}


def _merged(field: str, old: Any, new: Any) -> Any:
    key = _LIST_KEYS.get(field)
    if key is None or not isinstance(old, list) or not isinstance(new, list):
        return new
    if not all(isinstance(row, dict) and isinstance(row.get(key), str) for row in new):
        raise invalid(f"each entry of {field} must be an object with a {key}")
    return list({row[key]: row for row in [*old, *new]}.values())


def _remove(settings: dict[str, Any], steps: list[str]) -> None:
    field, rest = steps[0], steps[1:]
    value = settings.get(field)
    if not rest:
        settings.pop(field, None)
    elif isinstance(value, list):
        settings[field] = [row for row in value if row.get(_LIST_KEYS.get(field, "")) != rest[0]]
    elif isinstance(value, dict):
        settings[field] = dict(value)
        _remove(settings[field], rest)


def _save(ws: Workspace, job: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    Settings.model_validate(settings)
    ws.store.put(KIND, job["job_id"], job | {"settings": settings})
    return {}


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    # The provider reads who runs a job from this field, a service principal too.
    run_as = job["settings"].get("run_as") or {}
    runner = run_as.get("service_principal_name") or run_as.get("user_name") or USER
    return job | {"creator_user_name": USER, "run_as_user_name": runner}
