"""A deployment rehearsed from an empty workspace to an empty workspace: deploy, run the job, look, destroy."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import Run, RunTask

from common.errors import UserError
from common.home import HOME_VARIABLE, Home
from infra.deploy.terraform import Terraform
from infra.drift.detect import find_drift, synthesized
from infra.drift.ignore import FILE, read_rules
from infra.drift.reading.calls import Calls
from infra.drift.render import as_terminal
from infra.stack.constructs.job import NAME
from infra.stack.environments import local
from infra.stack.synthesis import load, synthesize
from lakehouse.deployment import sdk_deployment as deploy
from lakehouse.output.lines import Say
from local.workspace.http.serving import Served, serving
from local.workspace.unity import delta_tables
from pipelines.catalog import WRITER

_POLL_SECONDS = 1.0


class Deployer(Protocol):
    """Puts the stack into the workspace and takes it out again."""

    def deploy(self) -> str:
        """Deploy; what was done, in a few words. UserError when a second deployment would change anything."""
        ...

    def destroy(self) -> None:
        """Remove everything."""
        ...


@dataclass(frozen=True)
class ByTerraform:
    """The real way: Terraform with the Databricks provider."""

    terraform: Terraform

    def deploy(self) -> str:
        """Apply, then plan again: that plan must be empty."""
        created = self._planned_and_applied()
        if again := self._planned():
            raise UserError(f"a second plan is not empty: {', '.join(again)}")
        return f"terraform created {created} resources; a second plan is empty"

    def destroy(self) -> None:
        """Plan the destruction and apply that plan."""
        self.terraform.plan(destroy=True)
        self.terraform.apply()

    def _planned_and_applied(self) -> int:
        planned = self._planned()
        self.terraform.apply()
        return len(planned)

    def _planned(self) -> list[str]:
        """The addresses of the resources that a plan would change."""
        self.terraform.plan()
        changes = json.loads(self.terraform.plan_json()).get("resource_changes", [])
        return [change["address"] for change in changes if change["change"]["actions"] != ["no-op"]]


@dataclass(frozen=True)
class BySdk:
    """The way without the provider: the same resources through databricks-sdk."""

    folder: Path
    client: WorkspaceClient

    def deploy(self) -> str:
        """Create all resources."""
        stack = load(self.folder)
        deploy.deploy(stack, self.client, self.folder)
        return f"databricks-sdk created {sum(map(len, stack['resource'].values()))} resources"

    def destroy(self) -> None:
        """Delete all resources."""
        deploy.destroy(load(self.folder), self.client, self.folder)


def rehearse(folder: Path, say: Say) -> None:
    """Rehearse in `folder`, which takes the workspace, its tables and Terraform's state.

    Raises UserError when a step does not end as it must; the workspace is ended either way.
    """
    home = Home(folder / "home")
    with _home_of_this_process(home), serving(home) as served:
        client = served.client()
        say(f"workspace {client.get_workspace_id()} at {served.host}")
        stack = synthesize(local(), folder / "cdktf.out")
        deployer = _deployer(stack, served, say)
        say(deployer.deploy())
        _run_job(client, say)
        _show(client, home, say)
        _look_for_drift(client, folder / "drift", say)
        deployer.destroy()
        _must_be_empty(client, home)
        say("destroyed: nothing is left")


@contextmanager
def _home_of_this_process(home: Home) -> Iterator[None]:
    """The local environment keeps Terraform's state in the home that the environment names."""
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(home.path)
    try:
        yield
    finally:
        del os.environ[HOME_VARIABLE]
        os.environ.update({HOME_VARIABLE: before} if before else {})


def _deployer(stack: Path, served: Served, say: Say) -> Deployer:
    reason = why_no_terraform(stack)
    if reason:
        say(f"deploying through databricks-sdk, since {reason}")
        return BySdk(stack, served.client())
    return ByTerraform(Terraform(stack, environment_of(served)))


def why_no_terraform(stack: Path) -> str | None:
    """Why Terraform cannot deploy the stack in this folder, None when it can: it is initialised then."""
    if not shutil.which("terraform"):
        return "terraform is not installed"
    command = ["terraform", f"-chdir={stack}", "init", "-input=false", "-no-color"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    problem = next((line for line in done.stderr.splitlines() if line.startswith("Error")), "Error: unknown")
    return f"`terraform init` cannot get the Databricks provider ({problem.removeprefix('Error: ')})"


def environment_of(served: Served) -> dict[str, str]:
    """This process's environment with the local workspace as the only Databricks in it."""
    others = {key: value for key, value in os.environ.items() if not key.startswith("DATABRICKS_")}
    return others | served.variables


def _run_job(client: WorkspaceClient, say: Say) -> None:
    job = next(iter(client.jobs.list(name=NAME.format(local().name))))
    run_id = client.jobs.run_now(job.job_id or 0).run_id
    told: dict[str, str] = {}
    while True:
        run = client.jobs.get_run(run_id)
        for task in run.tasks or []:
            state = _state(task)
            if told.get(task.task_key, "PENDING") != state:
                say(f"{task.task_key}: {state}")
            told[task.task_key] = state
        if run.end_time:
            break
        time.sleep(_POLL_SECONDS)
    _must_have_succeeded(client, run)


def _state(task: RunTask) -> str:
    assert task.state and task.state.life_cycle_state
    return (task.state.result_state or task.state.life_cycle_state).value


def _must_have_succeeded(client: WorkspaceClient, run: Run) -> None:
    failed = [task for task in run.tasks or [] if _state(task) == "FAILED"]
    if failed:
        errors = (client.jobs.get_run_output(task.run_id or 0).error for task in failed)
        raise UserError(f"the job failed: {'; '.join(filter(None, errors))}")
    if not run.state or not run.state.result_state or run.state.result_state.value != "SUCCESS":
        raise UserError(f"the job did not succeed: {run.state}")


def _show(client: WorkspaceClient, home: Home, say: Say) -> None:
    catalog = local().catalog
    for schema in WRITER:
        for table in client.tables.list(catalog, schema):
            found = delta_tables.read(home, schema, table.name or "")
            rows = delta_tables.count_rows(found) if found else 0
            say(f"  {table.full_name:<50} {rows:>9,} rows")


def _look_for_drift(client: WorkspaceClient, folder: Path, say: Say) -> None:
    environment = local()
    rules = read_rules(FILE, environment.name)
    findings = find_drift(Calls(client), synthesized(environment, folder), rules=rules)
    if findings:
        raise UserError(
            f"what was just deployed has drifted:\n{as_terminal(environment.name, findings, 160)}"
        )
    say("no drift")


def _must_be_empty(client: WorkspaceClient, home: Home) -> None:
    left = [catalog.name for catalog in client.catalogs.list()]
    left += [job.settings.name if job.settings else "a job" for job in client.jobs.list()]
    left += [alert.display_name for alert in client.alerts_v2.list_alerts()]
    left += [pipeline.name for pipeline in client.pipelines.list_pipelines()]
    left += [entry.path for entry in client.workspace.list("/", recursive=True)]
    left += [str(path) for path in home.warehouse.glob("*.db/*")]
    if left:
        raise UserError(f"the workspace still holds {', '.join(map(str, left))}")
