"""Runs jobs: how many at a time, for how long, until cancelled, and with what result."""

import asyncio

from local.workspace.calls.context import Workspace
from local.workspace.jobs import run_records
from local.workspace.jobs.run_records import CANCELED, FAILED, Run, RunOptions, RunState, TaskRun
from local.workspace.jobs.settings import JobSettings
from local.workspace.jobs.task_graph import TaskGraph
from local.workspace.jobs.task_runner import TaskRunner
from local.workspace.pipelines.update_runner import UpdateRunner


class JobRuns:
    """The runs under way in this process."""

    def __init__(self, ws: Workspace, updates: UpdateRunner) -> None:
        self._ws = ws
        self._runner = TaskRunner(ws, updates)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._ended = asyncio.Condition()

    def start(self, job_id: int | None, settings: JobSettings, options: RunOptions) -> Run:
        """Begin a run and come back at once; one too many waits when the job queues, else it is skipped."""
        run = run_records.create(self._ws, job_id, settings, options)
        queues = settings.queue is not None and settings.queue.enabled
        if self._must_wait(run) and not queues:
            return self._end(
                run.run_id,
                "SKIPPED",
                "MAXIMUM_CONCURRENT_RUNS_REACHED",
                "Maximum number of concurrent runs reached",
                of_tasks="SKIPPED",
            )
        self._under_way[run.run_id] = asyncio.create_task(self._run(run))
        return run

    async def cancel(self, run_id: int) -> None:
        """Stop a run and all it started; one that has ended stays as it is."""
        task = self._under_way.get(run_id)
        if task:
            task.cancel()

    async def close(self) -> None:
        """Cancel everything: the workspace ends."""
        for task in self._under_way.values():
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way.values())

    def _must_wait(self, run: Run) -> bool:
        """Whether as many runs of the same job as it allows began before this one and are under way."""
        if run.job_id is None:
            return False
        earlier = (run_records.find(self._ws, run_id) for run_id in self._under_way if run_id < run.run_id)
        of_the_job = [other for other in earlier if other.job_id == run.job_id]
        return len(of_the_job) >= run.settings.max_concurrent_runs

    async def _run(self, run: Run) -> None:
        limit = run.settings.timeout_seconds
        try:
            async with asyncio.timeout(limit or None):
                await self._wait_for_turn(run)
                self._set_state(run.run_id, run_records.state("RUNNING"))
                await TaskGraph(self._ws, self._runner, run).run()
            run_records.change(self._ws, run.run_id, _concluded)
        except TimeoutError:
            self._stop(run.run_id, "TIMEDOUT", f"Run took longer than {limit} seconds")
        except asyncio.CancelledError:
            self._stop(run.run_id, "CANCELED", "Run cancelled.")
        except Exception as error:
            self._stop(run.run_id, "FAILED", f"{type(error).__name__}: {error}")
        finally:
            self._under_way.pop(run.run_id, None)
            async with self._ended:
                self._ended.notify_all()

    async def _wait_for_turn(self, run: Run) -> None:
        if not self._must_wait(run):
            return
        self._set_state(
            run.run_id, run_records.state("QUEUED", message="Waiting for an earlier run of this job")
        )
        async with self._ended:
            await self._ended.wait_for(lambda: not self._must_wait(run))

    def _set_state(self, run_id: int, state: RunState) -> None:
        run_records.change(self._ws, run_id, lambda run: run.changed(state=state))

    def _stop(self, run_id: int, result: str, message: str) -> None:
        life_cycle = "INTERNAL_ERROR" if result == "FAILED" else "TERMINATED"
        self._end(run_id, life_cycle, result, message, of_tasks="TERMINATED")

    def _end(self, run_id: int, life_cycle: str, result: str, message: str, *, of_tasks: str) -> Run:
        return run_records.change(
            self._ws, run_id, lambda run: run.all_ended(life_cycle, result, message, of_tasks=of_tasks)
        )


def _concluded(run: Run) -> Run:
    """A run is what its last tasks are: a failure that a later task allowed for does not fail it."""
    before = {edge.task_key for task in run.tasks for edge in task.depends_on}
    last = {task.result for task in run.tasks if task.task_key not in before}
    broken = [task for task in run.tasks if task.result in {"FAILED", "TIMEDOUT"}]
    if last & FAILED:
        return run.ended("INTERNAL_ERROR", "FAILED", _blame(broken))
    if last & CANCELED:
        return run.ended("TERMINATED", "CANCELED", "A task was cancelled.")
    if broken:
        return run.ended("TERMINATED", "SUCCESS_WITH_FAILURES", _blame(broken))
    return run.ended("TERMINATED", "SUCCESS")


def _blame(broken: list[TaskRun]) -> str:
    return " ".join(
        f"Task {task.task_key} failed with message: {task.state.state_message}" for task in broken
    )
