"""Runs of jobs and of their tasks: what the store knows of them, and how that changes."""

from collections.abc import Callable
from typing import Self

from pydantic import ConfigDict, Field

from local.workspace.calls.caller import caller_name
from local.workspace.calls.context import Workspace, now_ms
from local.workspace.calls.errors import not_found
from local.workspace.jobs.settings import JobSettings, Task
from local.workspace.storage.records import Collection, Record

ENDED = {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}
SUCCEEDED = {"SUCCESS", "SUCCESS_WITH_FAILURES"}
FAILED = {"FAILED", "TIMEDOUT", "UPSTREAM_FAILED"}
CANCELED = {"CANCELED", "UPSTREAM_CANCELED"}


class RunState(Record):
    """The API's RunState; a run that has not ended has no result."""

    life_cycle_state: str
    state_message: str
    user_cancelled_or_timedout: bool
    result_state: str | None = None


def state(life_cycle: str, result: str | None = None, message: str = "") -> RunState:
    """A run's state, or a task's."""
    return RunState(
        life_cycle_state=life_cycle,
        state_message=message,
        user_cancelled_or_timedout=result in {"CANCELED", "TIMEDOUT"},
        result_state=result,
    )


class Execution(Record):
    """What a run and a task's run have in common; times in milliseconds."""

    run_id: int
    state: RunState
    start_time: int | None = None
    end_time: int | None = None
    execution_duration: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.state.life_cycle_state not in ENDED

    @property
    def result(self) -> str:
        """How it ended; empty before."""
        return self.state.result_state or ""

    def ended(self, life_cycle: str, result: str, message: str = "") -> Self:
        """It, in its last state."""
        moment = now_ms()
        begun = moment if self.start_time is None else self.start_time
        last = state(life_cycle, result, message)
        return self.changed(state=last, end_time=moment, execution_duration=moment - begun)


class TaskRun(Execution, Task):
    """One attempt of a task: the task's settings, and how it goes."""

    model_config = ConfigDict(extra="allow")
    attempt_number: int


class RunOptions(Record):
    """What one run changes of its job."""

    job_parameters: dict[str, str] = Field(default_factory=dict)
    python_params: tuple[str, ...] = ()
    pipeline_params: dict[str, bool] = Field(default_factory=dict)


class RunInfo(Execution):
    """A run as every answer shows it; a run without a job is of tasks that run once."""

    job_id: int | None = None
    number_in_job: int
    original_attempt_run_id: int
    run_name: str
    run_type: str
    trigger: str
    creator_user_name: str


class Run(RunInfo):
    """A run as the store keeps it, with the job's settings as they were when it began."""

    settings: JobSettings
    options: RunOptions
    tasks: tuple[TaskRun, ...]
    earlier_attempts: tuple[TaskRun, ...]

    @property
    def attempts(self) -> tuple[TaskRun, ...]:
        """Every task's run, the last of each task at the end."""
        return (*self.earlier_attempts, *self.tasks)

    @property
    def parameters(self) -> dict[str, str]:
        """The value of each of the job's parameters, and of those that the run brought."""
        defaults = {parameter.name: parameter.default for parameter in self.settings.parameters}
        return defaults | self.options.job_parameters

    def task(self, key: str) -> TaskRun:
        """The last run of a task."""
        return next(task for task in self.tasks if task.task_key == key)

    def with_task(self, new: TaskRun) -> Self:
        """With `new` in the place of the same task's run."""
        return self.changed(tasks=tuple(new if old.task_key == new.task_key else old for old in self.tasks))

    def all_ended(self, life_cycle: str, result: str, message: str, *, of_tasks: str) -> Self:
        """The run and its active tasks in their last state, the tasks with the life cycle `of_tasks`."""
        tasks = (task.ended(of_tasks, result, message) if task.is_active else task for task in self.tasks)
        return self.changed(tasks=tuple(tasks)).ended(life_cycle, result, message)


RUN_RECORDS = Collection("runs", Run)


def find(ws: Workspace, run_id: int) -> Run:
    """One run of a job; 404 when there is none."""
    run = RUN_RECORDS.get(ws.store, run_id)
    if run is None:
        raise not_found(f"Run {run_id} does not exist.")
    return run


def change(ws: Workspace, run_id: int, step: Callable[[Run], Run]) -> Run:
    """Take a run, as it is now, one step on."""
    with ws.store.transaction():
        run = step(find(ws, run_id))
        RUN_RECORDS.put(ws.store, run_id, run)
    return run


def create(ws: Workspace, job_id: int | None, settings: JobSettings, options: RunOptions) -> Run:
    """A pending run of a job, or of the tasks of a one-time run, with the settings as they are now."""
    run_id = RUN_RECORDS.new_id(ws.store)
    run = Run(
        run_id=run_id,
        job_id=job_id,
        number_in_job=run_id,
        original_attempt_run_id=run_id,
        run_name=settings.name,
        run_type="JOB_RUN" if job_id else "SUBMIT_RUN",
        trigger="ONE_TIME",
        creator_user_name=caller_name(),
        start_time=now_ms(),
        state=state("PENDING"),
        settings=settings,
        options=options,
        tasks=tuple(pending_task(ws, task) for task in settings.tasks),
        earlier_attempts=(),
    )
    RUN_RECORDS.put(ws.store, run_id, run)
    return run


def pending_task(ws: Workspace, task: Task, attempt: int = 0, life_cycle: str = "PENDING") -> TaskRun:
    """A task's run before it starts."""
    return TaskRun.model_validate(
        task.model_dump(exclude_unset=True)
        | {"run_id": RUN_RECORDS.new_id(ws.store), "attempt_number": attempt, "state": state(life_cycle)}
    )


def recover(ws: Workspace) -> None:
    """Fail what was under way when the workspace ended without saying so."""
    message = "The workspace stopped in the middle of this run."
    for run in RUN_RECORDS.all(ws.store):
        if run.is_active:
            failed = run.all_ended("INTERNAL_ERROR", "FAILED", message, of_tasks="INTERNAL_ERROR")
            RUN_RECORDS.put(ws.store, run.run_id, failed)
