"""The settings of a job that the local workspace acts on; all others are kept and given back."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

from pydantic import JsonValue

from local.workspace.calls.errors import invalid
from local.workspace.pipelines.pipeline_records import RunAs
from local.workspace.storage.records import Sent


class RunIf(StrEnum):
    """When a task runs, given how the tasks before it ended."""

    ALL_SUCCESS = "ALL_SUCCESS"
    ALL_DONE = "ALL_DONE"
    NONE_FAILED = "NONE_FAILED"
    AT_LEAST_ONE_SUCCESS = "AT_LEAST_ONE_SUCCESS"
    ALL_FAILED = "ALL_FAILED"
    AT_LEAST_ONE_FAILED = "AT_LEAST_ONE_FAILED"


class Dependency(Sent):
    """One task that another waits for."""

    task_key: str


class PythonTask(Sent):
    """A workspace file and its arguments."""

    python_file: str
    parameters: tuple[str, ...] = ()


class PipelineTask(Sent):
    """A pipeline to update."""

    pipeline_id: str
    full_refresh: bool = False


class Task(Sent):
    """A task; times as named, max_retries -1 is for ever."""

    task_key: str
    depends_on: tuple[Dependency, ...] = ()
    run_if: RunIf = RunIf.ALL_SUCCESS
    spark_python_task: PythonTask | None = None
    pipeline_task: PipelineTask | None = None
    max_retries: int = 0
    min_retry_interval_millis: int = 0
    retry_on_timeout: bool = False
    timeout_seconds: int = 0
    disabled: bool = False


class Parameter(Sent):
    """A job's parameter, used as `{{job.parameters.<name>}}`."""

    name: str
    default: str = ""


class Queue(Sent):
    """Whether a run waits for its turn instead of being skipped."""

    enabled: bool = False


class JobEnvironment(Sent):
    """A serverless environment; the local workspace keeps it and runs in its own."""

    environment_key: str


class Cluster(Sent):
    """A job cluster; kept, not started."""

    job_cluster_key: str


class JobSettings(Sent):
    """All of a job's settings, or those that a call changes."""

    name: str = "Untitled"
    tasks: tuple[Task, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    max_concurrent_runs: int = 1
    timeout_seconds: int = 0
    queue: Queue | None = None
    run_as: RunAs | None = None
    environments: tuple[JobEnvironment, ...] = ()
    job_clusters: tuple[Cluster, ...] = ()

    def merged(self, new: "JobSettings") -> "JobSettings":
        """With what `new` sets; lists with keys (tasks, parameters, environments, clusters) merge by key."""
        lists = {
            "tasks": _by_key(self.tasks, new.tasks, lambda task: task.task_key),
            "parameters": _by_key(self.parameters, new.parameters, lambda parameter: parameter.name),
            "environments": _by_key(self.environments, new.environments, lambda one: one.environment_key),
            "job_clusters": _by_key(self.job_clusters, new.job_clusters, lambda one: one.job_cluster_key),
        }
        set_lists = {name: rows for name, rows in lists.items() if name in new.model_fields_set}
        return self.with_set(new).changed(**set_lists)

    def without(self, paths: Iterable[str]) -> "JobSettings":
        """Without the fields that are named as `queue`, `email_notifications/on_failure` or `tasks/<task_key>`."""
        settings: JsonValue = self.as_json()
        for path in paths:
            settings = _without(settings, path.split("/"), "")
        return JobSettings.model_validate(settings)


_LIST_KEYS = {
    "tasks": "task_key",
    "parameters": "name",
    "environments": "environment_key",
    "job_clusters": "job_cluster_key",
}
T = TypeVar("T")


def _by_key(old: Iterable[T], new: Iterable[T], key: Callable[[T], str]) -> tuple[T, ...]:
    return tuple({key(row): row for row in [*old, *new]}.values())


def _without(value: JsonValue, steps: list[str], field: str) -> JsonValue:
    """`value`, which is that of `field`, without what the steps lead to."""
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        key = _LIST_KEYS.get(field, "")
        return [row for row in value if not (isinstance(row, dict) and row.get(key) == step)]
    if not isinstance(value, dict) or step not in value:
        return value
    if not rest:
        return {name: kept for name, kept in value.items() if name != step}
    return value | {step: _without(value[step], rest, step)}


def check_graph(tasks: Iterable[Task]) -> None:
    """Raises 400 when the tasks are not a graph: keys twice, unknown tasks, tasks that wait for each other."""
    before = {task.task_key: {edge.task_key for edge in task.depends_on} for task in tasks}
    keys = [task.task_key for task in tasks]
    if len(before) != len(keys):
        raise invalid(f"task_key must be unique: {', '.join(sorted(keys))}")
    for key, earlier in before.items():
        if unknown := earlier - before.keys():
            raise invalid(f"task {key} depends on {', '.join(sorted(unknown))}, which the job does not have")
    while ready := {key for key, earlier in before.items() if not earlier}:
        before = {key: earlier - ready for key, earlier in before.items() if key not in ready}
    if before:
        raise invalid(f"the tasks {', '.join(sorted(before))} wait for each other")
