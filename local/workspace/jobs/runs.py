"""The Jobs API: run a job, watch its tasks, read their output, cancel and delete runs."""

from fastapi import Request
from pydantic import JsonValue

from local.workspace.calls import routing
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import invalid, not_found, not_now
from local.workspace.calls.pages import Page, page_of
from local.workspace.jobs import jobs, run_records
from local.workspace.jobs.run_records import RUN_RECORDS, SUCCEEDED, Run, RunInfo, RunOptions, TaskRun
from local.workspace.jobs.settings import JobSettings, Parameter, Queue, Task, check_graph
from local.workspace.jobs.task_runner import log_of
from local.workspace.storage.records import Collection, Record

router = routing.router()

_OUTPUT_LIMIT = 5 * 1024 * 1024


class RunNow(RunOptions):
    """A job and what this one run changes."""

    job_id: int
    idempotency_token: str = ""
    queue: Queue | None = None
    only: tuple[str, ...] = ()


class SubmitBody(JobSettings):
    """Tasks to run once, and what they need."""

    run_name: str = ""
    idempotency_token: str = ""


class RunBody(Record):
    """A call that names one run."""

    run_id: int


class CancelAll(Record):
    """All runs of one job, or of every job."""

    job_id: int | None = None
    all_queued_runs: bool = False


class StartedRun(Record):
    """The id of a new run."""

    run_id: int
    number_in_job: int


class ParameterValue(Parameter):
    """A job's parameter with its value in one run."""

    value: str


class RunAnswer(RunInfo):
    """A run, with its tasks where they are asked for."""

    run_page_url: str
    job_parameters: tuple[ParameterValue, ...]
    tasks: tuple[TaskRun, ...] | None = None


class RunsPage(Page):
    """A page of runs."""

    runs: list[RunAnswer]
    has_more: bool


class Output(Record):
    """What a task printed, the end of it; `metadata` is the run with the fields of the task's own run over it."""

    metadata: dict[str, JsonValue]
    logs: str
    logs_truncated: bool
    error: str | None = None
    error_trace: str | None = None


# The run that a call with an idempotency token began, for when it is repeated.
_TOKENS = Collection("run_tokens", StartedRun)


@router.post("/run-now")
async def run_now(request: Request, ws: Ws, body: RunNow) -> StartedRun:
    """Start a run of a job with the settings that it has now."""
    known = _TOKENS.get(ws.store, body.idempotency_token)
    if known:
        return known
    settings = jobs.find(ws, body.job_id).settings
    if body.queue:
        settings = settings.changed(queue=body.queue)
    if body.only:
        settings = settings.changed(tasks=_chosen(settings, set(body.only)))
    unknown = body.job_parameters.keys() - {parameter.name for parameter in settings.parameters}
    if unknown:
        raise invalid(f"The job has no parameters named {', '.join(sorted(unknown))}")
    options = RunOptions(
        job_parameters=body.job_parameters,
        python_params=body.python_params,
        pipeline_params=body.pipeline_params,
    )
    run = request.app.state.background.runs.start(body.job_id, settings, options)
    return _started(ws, run, body.idempotency_token)


def _chosen(settings: JobSettings, keys: set[str]) -> tuple[Task, ...]:
    if unknown := keys - {task.task_key for task in settings.tasks}:
        raise invalid(f"The job has no tasks named {', '.join(sorted(unknown))}")
    return tuple(
        task.changed(depends_on=tuple(edge for edge in task.depends_on if edge.task_key in keys))
        for task in settings.tasks
        if task.task_key in keys
    )


@router.post("/runs/submit")
async def submit(request: Request, ws: Ws, body: SubmitBody) -> StartedRun:
    """Run tasks once without a job."""
    known = _TOKENS.get(ws.store, body.idempotency_token)
    if known:
        return known
    if not body.tasks:
        raise invalid("tasks is missing: name at least one task")
    check_graph(body.tasks)
    settings = body.changed(name=body.run_name or "Untitled")
    run = request.app.state.background.runs.start(None, settings, RunOptions())
    return _started(ws, run, body.idempotency_token)


def _started(ws: Workspace, run: Run, token: str) -> StartedRun:
    started = StartedRun(run_id=run.run_id, number_in_job=run.number_in_job)
    if token:
        _TOKENS.put(ws.store, token, started)
    return started


@router.get("/runs/get")
async def get_run(ws: Ws, run_id: int, include_history: bool = False) -> RunAnswer:
    """One run with its tasks as they are now."""
    run = run_records.find(ws, run_id)
    return _answer(run, run.attempts if include_history else run.tasks)


@router.get("/runs/list")
async def list_runs(
    ws: Ws,
    job_id: int | None = None,
    active_only: bool = False,
    completed_only: bool = False,
    expand_tasks: bool = False,
    limit: int = 20,
    page_token: str = "",
) -> RunsPage:
    """Runs, the newest first."""
    if active_only and completed_only:
        raise invalid("active_only and completed_only exclude each other")
    found = [run for run in RUN_RECORDS.all(ws.store) if job_id in (None, run.job_id)]
    if active_only or completed_only:
        found = [run for run in found if run.is_active == active_only]
    found.sort(key=lambda run: -run.run_id)
    rows, token = page_of(found, min(limit, 25), page_token)
    answers = [_answer(run, run.tasks if expand_tasks else None) for run in rows]
    return RunsPage(runs=answers, has_more=bool(token), next_page_token=token)


def _answer(run: Run, tasks: tuple[TaskRun, ...] | None) -> RunAnswer:
    parameters = (
        ParameterValue.model_validate(parameter.as_json() | {"value": run.parameters[parameter.name]})
        for parameter in run.settings.parameters
    )
    return RunAnswer(
        **{field: value for field, value in run if field in RunInfo.model_fields},
        run_page_url=f"/jobs/{run.job_id or 0}/runs/{run.run_id}",
        job_parameters=tuple(parameters),
        tasks=tasks,
    )


@router.post("/runs/cancel")
async def cancel(request: Request, ws: Ws, body: RunBody) -> Record:
    """Stop a run; it ends as CANCELED soon after."""
    run_records.find(ws, body.run_id)
    await request.app.state.background.runs.cancel(body.run_id)
    return Record()


@router.post("/runs/cancel-all")
async def cancel_all(request: Request, ws: Ws, body: CancelAll) -> Record:
    """Stop every run of a job."""
    for run in RUN_RECORDS.all(ws.store):
        of_all = body.all_queued_runs and body.job_id is None
        if run.is_active and (of_all or run.job_id == body.job_id):
            await request.app.state.background.runs.cancel(run.run_id)
    return Record()


@router.post("/runs/delete")
async def delete_run(ws: Ws, body: RunBody) -> Record:
    """Forget a run that has ended, with its output."""
    run = run_records.find(ws, body.run_id)
    if run.is_active:
        raise not_now(f"Run {body.run_id} is still active; cancel it first")
    for attempt in run.attempts:
        log_of(ws, attempt.run_id).unlink(missing_ok=True)
    RUN_RECORDS.delete(ws.store, body.run_id)
    return Record()


@router.get("/runs/get-output")
async def get_output(ws: Ws, run_id: int) -> Output:
    """What a task printed so far, and its error; a run of several tasks is asked task by task."""
    run, task = _task_of(ws, run_id)
    path = log_of(ws, task.run_id)
    text = path.read_text(errors="replace") if path.exists() else ""
    end = text[-_OUTPUT_LIMIT:]
    failed = task.result not in {"", *SUCCEEDED}
    return Output(
        metadata=_answer(run, None).as_json() | task.as_json(),
        logs=end,
        logs_truncated=len(text) > _OUTPUT_LIMIT,
        error=_last_line(text) or task.state.state_message if failed else None,
        error_trace=end if failed else None,
    )


def _task_of(ws: Workspace, run_id: int) -> tuple[Run, TaskRun]:
    run = RUN_RECORDS.get(ws.store, run_id)
    if run is not None:
        if len(run.tasks) != 1:
            raise invalid(
                "Retrieving the output of runs with multiple tasks is not supported. "
                "Please retrieve the output of each individual task run instead."
            )
        return run, run.tasks[0]
    for run in RUN_RECORDS.all(ws.store):
        for attempt in run.attempts:
            if attempt.run_id == run_id:
                return run, attempt
    raise not_found(f"Run {run_id} does not exist.")


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")
