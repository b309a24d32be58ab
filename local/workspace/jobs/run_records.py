"""Runs of jobs and of their tasks: what the store knows of them."""

from typing import Any

from local.workspace.calls.context import USER, Workspace, now_ms
from local.workspace.calls.errors import missing

KIND = "runs"
ENDED = {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}
SUCCEEDED = {"SUCCESS", "SUCCESS_WITH_FAILURES"}
FAILED = {"FAILED", "TIMEDOUT", "UPSTREAM_FAILED"}
CANCELED = {"CANCELED", "UPSTREAM_CANCELED"}


def find(ws: Workspace, run_id: int) -> dict[str, Any]:
    """One run of a job; 404 when there is none."""
    run = ws.store.get(KIND, run_id)
    if run is None:
        raise missing(f"Run {run_id} does not exist.")
    return run


def save(ws: Workspace, run: dict[str, Any]) -> None:
    """Keep a run as it is now."""
    ws.store.put(KIND, run["run_id"], run)


def state(life_cycle: str, result: str = "", message: str = "") -> dict[str, Any]:
    """The API's RunState."""
    told: dict[str, Any] = {"life_cycle_state": life_cycle, "state_message": message}
    told["user_cancelled_or_timedout"] = result in {"CANCELED", "TIMEDOUT"}
    return told | ({"result_state": result} if result else {})


def is_active(run: dict[str, Any]) -> bool:
    """Whether a run, or a task's run, has not ended."""
    return run["state"]["life_cycle_state"] not in ENDED


def end(record: dict[str, Any], life_cycle: str, result: str, message: str = "") -> None:
    """Give a run or a task's run its last state."""
    record["state"] = state(life_cycle, result, message)
    record["end_time"] = now_ms()
    record["execution_duration"] = record["end_time"] - record.get("start_time", record["end_time"])


def create(
    ws: Workspace, job_id: int | None, settings: dict[str, Any], options: dict[str, Any]
) -> dict[str, Any]:
    """A pending run of a job, or of the tasks of a one-time run, with the settings as they are now."""
    run_id = ws.store.next_id(KIND)
    run = {
        "run_id": run_id,
        "job_id": job_id,
        "number_in_job": run_id,
        "original_attempt_run_id": run_id,
        "run_name": settings.get("name", "Untitled"),
        "run_type": "JOB_RUN" if job_id else "SUBMIT_RUN",
        "trigger": "ONE_TIME",
        "creator_user_name": USER,
        "start_time": now_ms(),
        "state": state("PENDING"),
        "settings": settings,
        "options": options,
        "tasks": [pending_task(ws, task) for task in settings.get("tasks", [])],
        "earlier_attempts": [],
    }
    save(ws, run)
    return run


def pending_task(ws: Workspace, task: dict[str, Any], attempt: int = 0) -> dict[str, Any]:
    """A task's run before it starts."""
    return task | {"run_id": ws.store.next_id(KIND), "attempt_number": attempt, "state": state("PENDING")}


def answer(run: dict[str, Any], *, history: bool = False, tasks: bool = True) -> dict[str, Any]:
    """The API's Run."""
    hidden = {"settings", "options", "earlier_attempts", "tasks", "job_id"}
    shown = {field: value for field, value in run.items() if field not in hidden}
    attempts = run["earlier_attempts"] if history else []
    parameters = run["options"].get("job_parameters") or {}
    defaults = run["settings"].get("parameters", [])
    return (
        shown
        | ({"job_id": run["job_id"]} if run["job_id"] else {})
        | ({"tasks": [*attempts, *run["tasks"]]} if tasks else {})
        | {"run_page_url": f"/jobs/{run['job_id'] or 0}/runs/{run['run_id']}"}
        | {
            "job_parameters": [
                p | {"value": parameters.get(p["name"], p.get("default", ""))} for p in defaults
            ]
        }
    )


def recover(ws: Workspace) -> None:
    """Fail what was under way when the workspace ended without saying so."""
    for run in ws.store.all(KIND):
        if is_active(run):
            message = "The workspace stopped in the middle of this run."
            for task in filter(is_active, run["tasks"]):
                end(task, "INTERNAL_ERROR", "FAILED", message)
            end(run, "INTERNAL_ERROR", "FAILED", message)
            save(ws, run)
