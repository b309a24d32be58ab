"""A rebuild in a workspace: streaming tables may be reset while it runs, and at no other time."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError

from common.errors import UserError
from infra.deploy.guard import credentials_of, workspace_client
from infra.stack.constructs.job import REBUILD_NAME
from infra.stack.settings import Environment
from lakehouse.output.lines import Say
from lakehouse.rebuilding import Step
from pipelines.catalog import PIPELINES, RESET_ALLOWED

_POLL_SECONDS = 2.0
_PIPELINES = "/api/2.0/pipelines"


def rebuild_on(
    environment: Environment,
    steps: Sequence[Step] | None,
    say: Say,
    client: WorkspaceClient | None = None,
) -> None:
    """Does the steps of a rebuild one after another; without steps all, by the job `rebuild`.

    Raises UserError when the workspace cannot be reached, lacks a pipeline, or an update or the job fails.
    """
    client = client or workspace_client(credentials_of(environment))
    try:
        pipelines = _pipelines(client, environment)
        with _resets_allowed(client, [pipelines[name] for name in pipelines]):
            if steps is None:
                run_job(client, REBUILD_NAME.format(environment.name), say)
            for step in steps or ():
                _update(client, step, pipelines[step.pipeline], say)
    except DatabricksError as error:
        raise UserError(f"{client.config.host}: {error}") from error


def _pipelines(client: WorkspaceClient, environment: Environment) -> dict[str, str]:
    """The id of each pipeline of the environment, by its short name."""
    there = {one.name: one.pipeline_id or "" for one in client.pipelines.list_pipelines()}
    found = {}
    for pipeline in PIPELINES:
        title = environment.titled(pipeline.title)
        if title not in there:
            raise UserError(
                f"{client.config.host} has no pipeline {title}: make deploy ENV={environment.name}"
            )
        found[pipeline.name] = there[title]
    return found


@contextmanager
def _resets_allowed(client: WorkspaceClient, pipelines: Sequence[str]) -> Iterator[None]:
    """While it lasts the pipelines' streaming tables may be reset; what runs as a job reads the same setting."""
    try:
        for pipeline in pipelines:
            _allow(client, pipeline, "true")
        yield
    finally:
        for pipeline in pipelines:
            _allow(client, pipeline, "false")


def _allow(client: WorkspaceClient, pipeline: str, value: str) -> None:
    spec: dict[str, Any] = _do(client, "GET", f"{_PIPELINES}/{pipeline}")["spec"]
    configuration = spec.get("configuration") or {}
    if configuration.get(RESET_ALLOWED, value) != value:
        changed = spec | {"configuration": configuration | {RESET_ALLOWED: value}}
        _do(client, "PUT", f"{_PIPELINES}/{pipeline}", changed)


def _update(client: WorkspaceClient, step: Step, pipeline: str, say: Say) -> None:
    update_id = client.pipelines.start_update(pipeline, full_refresh_selection=list(step.tables)).update_id
    while True:
        update = client.pipelines.get_update(pipeline, update_id or "").update
        state = update.state.value if update and update.state else ""
        if state in {"COMPLETED", "FAILED", "CANCELED"}:
            break
        time.sleep(_POLL_SECONDS)
    say(f"{step.pipeline}: {state}")
    if state != "COMPLETED":
        raise UserError(
            f"update {update_id} of the pipeline {step.pipeline} ended as {state}: its event log says why; "
            "what comes after it was not rebuilt"
        )


def run_job(client: WorkspaceClient, name: str, say: Say, python_params: list[str] | None = None) -> None:
    """Runs a job to its end and says what became of each task; UserError when it is not there or does not succeed."""
    job = next((job.job_id for job in client.jobs.list(name=name)), None)
    if job is None:
        raise UserError(f"{client.config.host} has no job {name}: deploy first")
    run_id = client.jobs.run_now(job, python_params=python_params).run_id
    while not (run := client.jobs.get_run(run_id)).end_time:
        time.sleep(_POLL_SECONDS)
    for task in run.tasks or []:
        result = task.state and (task.state.result_state or task.state.life_cycle_state)
        say(f"{task.task_key}: {result.value if result else 'UNKNOWN'}")
    if not run.state or not run.state.result_state or run.state.result_state.value != "SUCCESS":
        raise UserError(f"the job {name} did not succeed: {run.run_page_url or run_id}")


def _do(client: WorkspaceClient, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.api_client.do(method, path, body=body)
