"""The tasks of one run: in dependency order, by their run_if, tried again, no longer than their timeout."""

import asyncio

from local.workspace.calls.context import Workspace, now_ms
from local.workspace.jobs import run_records
from local.workspace.jobs.run_records import CANCELED, FAILED, SUCCEEDED, Run, TaskRun
from local.workspace.jobs.settings import RunIf, Task
from local.workspace.jobs.task_runner import TaskOutcome, TaskRunner


class TaskGraph:
    """One run's tasks, each started as soon as those before it have ended."""

    def __init__(self, ws: Workspace, runner: TaskRunner, run: Run) -> None:
        self._ws = ws
        self._runner = runner
        self._run = run
        self._tasks = {task.task_key: task for task in run.settings.tasks}
        self._ended = {key: asyncio.Event() for key in self._tasks}

    async def run(self) -> None:
        """Until every task has ended; leaving early stops those under way."""
        async with asyncio.TaskGroup() as group:
            for key in self._tasks:
                group.create_task(self._when_ready(key))

    async def _when_ready(self, key: str) -> None:
        task = self._tasks[key]
        for before in task.depends_on:
            await self._ended[before.task_key].wait()
        skip = self._why_not(task)
        if skip:
            self._end(key, "SKIPPED", *skip)
        else:
            await self._attempts(task)
        self._ended[key].set()

    def _why_not(self, task: Task) -> tuple[str, str] | None:
        """Result and message of a task that does not run."""
        if task.disabled:
            return "DISABLED", "The task is disabled."
        run = self._now()
        results = [run.task(before.task_key).result for before in task.depends_on]
        if not results or _allows(task.run_if, results):
            return None
        if task.run_if is RunIf.ALL_SUCCESS and FAILED.intersection(results):
            return "UPSTREAM_FAILED", "Upstream failed."
        if task.run_if is RunIf.ALL_SUCCESS and CANCELED.intersection(results):
            return "UPSTREAM_CANCELED", "Upstream cancelled."
        return "EXCLUDED", f"The run_if condition {task.run_if} is not met."

    async def _attempts(self, task: Task) -> None:
        attempt = 0
        while True:
            outcome = await self._attempt(task)
            self._end(task.task_key, "TERMINATED", outcome.result, outcome.message)
            again = outcome.result == "FAILED" or (outcome.result == "TIMEDOUT" and task.retry_on_timeout)
            if not again or attempt == task.max_retries:
                return
            attempt += 1
            await self._wait_for_retry(task, attempt)

    async def _wait_for_retry(self, task: Task, attempt: int) -> None:
        fresh = run_records.pending_task(self._ws, task, attempt, "WAITING_FOR_RETRY")

        def with_one_more(run: Run) -> Run:
            attempts = (*run.earlier_attempts, run.task(task.task_key))
            return run.changed(earlier_attempts=attempts).with_task(fresh)

        run_records.change(self._ws, self._run.run_id, with_one_more)
        await asyncio.sleep(task.min_retry_interval_millis / 1000)

    async def _attempt(self, task: Task) -> TaskOutcome:
        attempt = self._now().task(task.task_key)
        started = attempt.changed(state=run_records.state("RUNNING"), start_time=now_ms())
        self._put(started)
        try:
            async with asyncio.timeout(task.timeout_seconds or None):
                return await self._runner.run(self._run, task, attempt.run_id)
        except TimeoutError:
            return TaskOutcome("TIMEDOUT", f"Task took longer than {task.timeout_seconds} seconds")

    def _end(self, key: str, life_cycle: str, result: str, message: str) -> None:
        self._put(self._now().task(key).ended(life_cycle, result, message))

    def _now(self) -> Run:
        return run_records.find(self._ws, self._run.run_id)

    def _put(self, task: TaskRun) -> None:
        run_records.change(self._ws, self._run.run_id, lambda run: run.with_task(task))


def _allows(run_if: RunIf, results: list[str]) -> bool:
    # Excluded and disabled tasks are left out of the count, as in a real workspace.
    counted = [result for result in results if result not in {"EXCLUDED", "DISABLED"}]
    succeeded = [result in SUCCEEDED for result in counted]
    failed = [result in FAILED for result in counted]
    return {
        RunIf.ALL_SUCCESS: all(succeeded),
        RunIf.ALL_DONE: True,
        RunIf.NONE_FAILED: not any(failed),
        RunIf.AT_LEAST_ONE_SUCCESS: any(succeeded),
        RunIf.ALL_FAILED: any(failed) and all(failed),
        RunIf.AT_LEAST_ONE_FAILED: any(failed),
    }[run_if]
