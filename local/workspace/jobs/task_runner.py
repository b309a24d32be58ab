"""What the tasks of a job do: run an uploaded Python file, or update a pipeline."""

import asyncio
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from local.workspace.calls.context import Workspace
from local.workspace.calls.errors import DatabricksError
from local.workspace.files.objects import Objects
from local.workspace.files.paths import workspace_path
from local.workspace.jobs.run_records import Run
from local.workspace.jobs.settings import PipelineTask, PythonTask, Task
from local.workspace.jobs.task_process import task_process
from local.workspace.pipelines import event_log, update_records
from local.workspace.pipelines.event_log import StartOptions
from local.workspace.pipelines.update_records import Update
from local.workspace.pipelines.update_runner import UpdateRunner
from local.workspace.processes.processes import child
from local.workspace.processes.threads import to_its_end
from local.workspace.rights.run_as_needs import must_start_pipeline
from local.workspace.unity import permissions

_VOLUME = re.compile(r"/Volumes/[^/\s]+(?=/|$)")
_REFERENCE = re.compile(r"\{\{\s*([\w.\-]+)\s*\}\}")


@dataclass(frozen=True)
class TaskOutcome:
    """How one attempt ended: the API's result_state and state_message."""

    result: str
    message: str = ""


class TaskRunner:
    """Runs single attempts of tasks; cancelling the call stops the task."""

    def __init__(self, ws: Workspace, runner: UpdateRunner) -> None:
        self._ws = ws
        self._updates = runner

    async def run(self, run: Run, task: Task, task_run_id: int) -> TaskOutcome:
        """One attempt of one task."""
        try:
            if task.spark_python_task:
                return await self._python(run, task, task.spark_python_task, task_run_id)
            if task.pipeline_task:
                must_start_pipeline(self._ws, self._runner_of(run), task.pipeline_task.pipeline_id)
                return await self._pipeline(run, task.pipeline_task, task_run_id)
        except (DatabricksError, UserError) as error:
            return TaskOutcome("FAILED", str(error))
        return TaskOutcome("FAILED", "The local workspace runs spark_python_task and pipeline_task only.")

    def _runner_of(self, run: Run) -> str:
        """Who the job runs as, whoever started it; tasks without a job are their starter's."""
        if run.settings.run_as:
            return run.settings.run_as.principal
        return (
            permissions.owner_of(self._ws, "jobs", str(run.job_id)).name
            if run.job_id
            else run.creator_user_name
        )

    async def _python(self, run: Run, task: Task, python: PythonTask, task_run_id: int) -> TaskOutcome:
        script_path = workspace_path(python.python_file)
        Objects(self._ws.store).content(script_path)
        folder = self._ws.runs / f"task-{task_run_id}"
        try:
            await to_its_end(Objects(self._ws.store).export_tree, "/", folder)
            script = folder / script_path.lstrip("/")
            given = run.options.python_params or python.parameters
            arguments = [self._argument(run, task, text) for text in given]
            code = await self._process(script, arguments, task_run_id, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return (
            TaskOutcome("SUCCESS")
            if code == 0
            else TaskOutcome("FAILED", f"Workload failed with exit code {code}, see run output for details.")
        )

    async def _process(self, script: Path, arguments: list[str], task_run_id: int, folder: Path) -> int:
        self._ws.logs.mkdir(parents=True, exist_ok=True)
        log_file = log_of(self._ws, task_run_id)
        how = await to_its_end(task_process, script, self._ws.home)
        with log_file.open("wb") as log:
            command = [*how.arguments, str(script), *arguments]
            variables = {"PYTHONPATH": how.python_path}
            streams = {"stdout": log, "stderr": asyncio.subprocess.STDOUT}
            async with child(command, script.parent, **streams, variables=variables) as process:
                code = await process.wait()
        text = log_file.read_text(errors="replace")
        log_file.write_text(text.replace(str(folder), "/Workspace"))
        return code

    def _argument(self, run: Run, task: Task, text: str) -> str:
        """References replaced by their values, and /Volumes/<catalog> by the home's folder of volumes."""
        values = _references(run, task)
        filled = _REFERENCE.sub(lambda found: values.get(found[1], found[0]), text)
        volumes = str(self._ws.home.volumes)
        return _VOLUME.sub(lambda _: volumes, filled)

    async def _pipeline(self, run: Run, task: PipelineTask, task_run_id: int) -> TaskOutcome:
        while other := update_records.under_way(self._ws, task.pipeline_id):
            await self._updates.wait(other)
        full = task.full_refresh or run.options.pipeline_params.get("full_refresh", False)
        options = StartOptions(full_refresh=full, cause="JOB_TASK")
        update = self._updates.start(task.pipeline_id, options)
        self._ws.logs.mkdir(parents=True, exist_ok=True)
        try:
            ended = await self._updates.wait(update)
        except asyncio.CancelledError:
            await self._updates.stop(task.pipeline_id)
            raise
        return self._told(ended, task_run_id)

    def _told(self, update: Update, task_run_id: int) -> TaskOutcome:
        log_of(self._ws, task_run_id).write_text(
            "".join(
                f"{event.timestamp} {event.level} {event.message}\n"
                for event in event_log.events_of_pipeline(self._ws, update.pipeline_id)
                if event.origin.update_id == update.update_id
            )
        )
        if update.state == "COMPLETED":
            return TaskOutcome("SUCCESS")
        told = f"Update {update.update_id} of pipeline {update.config.name} is {update.state}"
        return TaskOutcome(
            "CANCELED" if update.state == "CANCELED" else "FAILED", f"{told}: {update.error or ''}"
        )


def log_of(ws: Workspace, task_run_id: int) -> Path:
    """Where a task run's output is, while it runs and after."""
    return ws.logs / f"{task_run_id}.txt"


def _references(run: Run, task: Task) -> dict[str, str]:
    return {f"job.parameters.{name}": value for name, value in run.parameters.items()} | {
        "job.id": str(run.job_id or ""),
        "job.name": run.run_name,
        "job.run_id": str(run.run_id),
        "task.name": task.task_key,
    }
