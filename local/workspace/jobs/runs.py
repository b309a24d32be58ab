"""The Jobs API: run a job, watch its tasks, read their output, cancel and delete runs."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from local.workspace.calls.context import JsonBody, Workspace, Ws
from local.workspace.calls.errors import invalid, missing, not_now
from local.workspace.calls.pages import page_of
from local.workspace.jobs import jobs, run_records
from local.workspace.jobs.task_runner import log_of

router = APIRouter()

_OUTPUT_LIMIT = 5 * 1024 * 1024
_TOKENS = "run_tokens"


class RunNow(BaseModel):
    """A job and what this one run changes."""

    job_id: int
    job_parameters: dict[str, str] = {}
    python_params: list[str] = []
    pipeline_params: dict[str, bool] = {}
    idempotency_token: str = ""
    queue: jobs.Queue | None = None
    only: list[str] = []


class RunBody(BaseModel):
    """A call that names one run."""

    run_id: int


class CancelAll(BaseModel):
    """All runs of one job, or of every job."""

    job_id: int | None = None
    all_queued_runs: bool = False


@router.post("/run-now")
async def run_now(request: Request, ws: Ws, body: RunNow) -> dict[str, Any]:
    """Start a run of a job with the settings that it has now."""
    known = ws.store.get(_TOKENS, body.idempotency_token) if body.idempotency_token else None
    if known:
        return known
    settings = dict(jobs.find(ws, body.job_id)["settings"])
    if body.queue:
        settings["queue"] = body.queue.model_dump()
    if body.only:
        settings["tasks"] = _chosen(settings, body.only)
    _check_parameters(settings, body.job_parameters)
    options = body.model_dump(include={"job_parameters", "python_params", "pipeline_params"})
    run = request.app.state.background.runs.start(body.job_id, settings, options)
    return _started(ws, run, body.idempotency_token)


def _check_parameters(settings: dict[str, Any], given: dict[str, str]) -> None:
    known = {parameter["name"] for parameter in settings.get("parameters", [])}
    if unknown := set(given) - known:
        raise invalid(f"The job has no parameters named {', '.join(sorted(unknown))}")


def _chosen(settings: dict[str, Any], keys: list[str]) -> list[dict[str, Any]]:
    tasks = settings.get("tasks", [])
    if unknown := set(keys) - {task["task_key"] for task in tasks}:
        raise invalid(f"The job has no tasks named {', '.join(sorted(unknown))}")
    chosen = [task for task in tasks if task["task_key"] in keys]
    return [
        task | {"depends_on": [edge for edge in task.get("depends_on", []) if edge["task_key"] in keys]}
        for task in chosen
    ]


@router.post("/runs/submit")
async def submit(request: Request, ws: Ws, body: JsonBody) -> dict[str, Any]:
    """Run tasks once without a job."""
    token = str(body.get("idempotency_token") or "")
    known = ws.store.get(_TOKENS, token) if token else None
    if known:
        return known
    settings = body | {"name": body.get("run_name") or "Untitled"}
    if not jobs.Settings.model_validate(settings).tasks:
        raise invalid("tasks is missing: name at least one task")
    return _started(ws, request.app.state.background.runs.start(None, settings, {}), token)


def _started(ws: Workspace, run: dict[str, Any], token: str) -> dict[str, Any]:
    answer = {"run_id": run["run_id"], "number_in_job": run["number_in_job"]}
    if token:
        ws.store.put(_TOKENS, token, answer)
    return answer


@router.get("/runs/get")
async def get_run(ws: Ws, run_id: int, include_history: bool = False) -> dict[str, Any]:
    """One run with its tasks as they are now."""
    return run_records.answer(run_records.find(ws, run_id), history=include_history)


@router.get("/runs/list")
async def list_runs(
    ws: Ws,
    job_id: int | None = None,
    active_only: bool = False,
    completed_only: bool = False,
    expand_tasks: bool = False,
    limit: int = 20,
    page_token: str = "",
) -> dict[str, Any]:
    """Runs, the newest first."""
    if active_only and completed_only:
        raise invalid("active_only and completed_only exclude each other")
    found = [run for run in ws.store.all(run_records.KIND) if job_id in (None, run["job_id"])]
    if active_only or completed_only:
        found = [run for run in found if run_records.is_active(run) == active_only]
    found.sort(key=lambda run: -run["run_id"])
    rows, token = page_of(found, min(limit, 25), page_token)
    answers = [run_records.answer(run, tasks=expand_tasks) for run in rows]
    return {"runs": answers, "has_more": bool(token)} | token


@router.post("/runs/cancel")
async def cancel(request: Request, ws: Ws, body: RunBody) -> dict[str, Any]:
    """Stop a run; it ends as CANCELED soon after."""
    run_records.find(ws, body.run_id)
    await request.app.state.background.runs.cancel(body.run_id)
    return {}


@router.post("/runs/cancel-all")
async def cancel_all(request: Request, ws: Ws, body: CancelAll) -> dict[str, Any]:
    """Stop every run of a job."""
    for run in ws.store.all(run_records.KIND):
        if run_records.is_active(run) and (body.all_queued_runs or run["job_id"] == body.job_id):
            await request.app.state.background.runs.cancel(run["run_id"])
    return {}


@router.post("/runs/delete")
async def delete_run(ws: Ws, body: RunBody) -> dict[str, Any]:
    """Forget a run that has ended, with its output."""
    run = run_records.find(ws, body.run_id)
    if run_records.is_active(run):
        raise not_now(f"Run {body.run_id} is still active; cancel it first")
    for task in [*run["tasks"], *run["earlier_attempts"]]:
        log_of(ws, task["run_id"]).unlink(missing_ok=True)
    ws.store.delete(run_records.KIND, body.run_id)
    return {}


@router.get("/runs/get-output")
async def get_output(ws: Ws, run_id: int) -> dict[str, Any]:
    """What a task printed so far, and its error; a run of several tasks is asked task by task."""
    run, task = _task_of(ws, run_id)
    path = log_of(ws, task["run_id"])
    text = path.read_text(errors="replace") if path.exists() else ""
    failed = task["state"].get("result_state") not in {None, *run_records.SUCCEEDED}
    return {
        "metadata": run_records.answer(run, tasks=False) | task,
        "logs": text[-_OUTPUT_LIMIT:],
        "logs_truncated": len(text) > _OUTPUT_LIMIT,
    } | (
        {"error": _last_line(text) or task["state"]["state_message"], "error_trace": text[-_OUTPUT_LIMIT:]}
        if failed
        else {}
    )


def _task_of(ws: Workspace, run_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    run = ws.store.get(run_records.KIND, run_id)
    if run is not None:
        if len(run["tasks"]) != 1:
            raise invalid(
                "Retrieving the output of runs with multiple tasks is not supported. "
                "Please retrieve the output of each individual task run instead."
            )
        return run, run["tasks"][0]
    for run in ws.store.all(run_records.KIND):
        for task in [*run["tasks"], *run["earlier_attempts"]]:
            if task["run_id"] == run_id:
                return run, task
    raise missing(f"Run {run_id} does not exist.")


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")
