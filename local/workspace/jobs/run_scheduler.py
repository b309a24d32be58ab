"""Runs jobs: how many at a time, for how long, until cancelled, and with what result."""

import asyncio
from typing import Any

from local.workspace.calls.context import Workspace
from local.workspace.jobs import run_records
from local.workspace.jobs.jobs import Settings
from local.workspace.jobs.run_records import CANCELED, FAILED
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

    def start(self, job_id: int | None, settings: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
        """Begin a run and come back at once; one too many waits when the job queues, else it is skipped."""
        checked = Settings.model_validate(settings)
        run = run_records.create(self._ws, job_id, settings, options)
        if (
            job_id
            and self._others(run) >= checked.max_concurrent_runs
            and not (checked.queue and checked.queue.enabled)
        ):
            message = "Maximum number of concurrent runs reached"
            for task in run["tasks"]:
                run_records.end(task, "SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED", message)
            run_records.end(run, "SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED", message)
            run_records.save(self._ws, run)
            return run
        self._under_way[run["run_id"]] = asyncio.create_task(self._run(run, checked))
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

    def _others(self, run: dict[str, Any]) -> int:
        """Runs of the same job that began before this one and are under way."""
        earlier = (run_records.find(self._ws, run_id) for run_id in self._under_way if run_id < run["run_id"])
        return sum(other["job_id"] == run["job_id"] for other in earlier)

    async def _run(self, run: dict[str, Any], settings: Settings) -> None:
        try:
            async with asyncio.timeout(settings.timeout_seconds or None):
                await self._wait_for_turn(run, settings)
                run["state"] = run_records.state("RUNNING")
                run_records.save(self._ws, run)
                await TaskGraph(self._ws, self._runner, run, settings).run()
            self._conclude(run)
        except TimeoutError:
            self._stopped(run, "TIMEDOUT", f"Run took longer than {settings.timeout_seconds} seconds")
        except asyncio.CancelledError:
            self._stopped(run, "CANCELED", "Run cancelled.")
        except Exception as error:
            self._stopped(run, "FAILED", f"{type(error).__name__}: {error}")
        finally:
            self._under_way.pop(run["run_id"], None)
            async with self._ended:
                self._ended.notify_all()

    async def _wait_for_turn(self, run: dict[str, Any], settings: Settings) -> None:
        if run["job_id"] is None or self._others(run) < settings.max_concurrent_runs:
            return
        run["state"] = run_records.state("QUEUED", message="Waiting for an earlier run of this job")
        run_records.save(self._ws, run)
        async with self._ended:
            await self._ended.wait_for(lambda: self._others(run) < settings.max_concurrent_runs)

    def _stopped(self, run: dict[str, Any], result: str, message: str) -> None:
        for task in filter(run_records.is_active, run["tasks"]):
            run_records.end(task, "TERMINATED", result, message)
        run_records.end(run, "INTERNAL_ERROR" if result == "FAILED" else "TERMINATED", result, message)
        run_records.save(self._ws, run)

    def _conclude(self, run: dict[str, Any]) -> None:
        """A run is what its last tasks are: a failure that a later task allowed for does not fail it."""
        before = {edge["task_key"] for task in run["tasks"] for edge in task.get("depends_on") or []}
        results = {task["task_key"]: task["state"].get("result_state", "") for task in run["tasks"]}
        last = {result for key, result in results.items() if key not in before}
        broken = [task for task in run["tasks"] if results[task["task_key"]] in {"FAILED", "TIMEDOUT"}]
        if last & FAILED:
            run_records.end(run, "INTERNAL_ERROR", "FAILED", _blame(broken))
        elif last & CANCELED:
            run_records.end(run, "TERMINATED", "CANCELED", "A task was cancelled.")
        elif broken:
            run_records.end(run, "TERMINATED", "SUCCESS_WITH_FAILURES", _blame(broken))
        else:
            run_records.end(run, "TERMINATED", "SUCCESS")
        run_records.save(self._ws, run)


def _blame(broken: list[dict[str, Any]]) -> str:
    return " ".join(
        f"Task {task['task_key']} failed with message: {task['state']['state_message']}" for task in broken
    )
