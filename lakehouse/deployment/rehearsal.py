"""A deployment rehearsed from an empty workspace: each step by the identity that takes it, with its own token."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.jobs import Run, RunTask

from common.errors import UserError
from common.home import HOME_VARIABLE, Home
from infra.deploy.deployed_commit import record_commit, recorded_commit
from infra.drift.detect import SynthesizedStack, find_drift
from infra.drift.ignore import IGNORE_FILE, read_rules
from infra.drift.reading.calls import Calls
from infra.drift.render import as_terminal
from infra.stack.constructs.job import NAME
from infra.stack.environments import find_environment
from infra.stack.settings import Environment, LocalState
from infra.stack.synthesis import load_stack, synthesize
from lakehouse.deployment import rehearsed_rights
from lakehouse.deployment.deployers import deployer_of
from lakehouse.deployment.principals import DEPLOYER, DRIFT, ENGINEER, PLANNER
from lakehouse.output.lines import Say
from local.workspace.http.serving import Served, serving
from local.workspace.unity import delta_tables
from pipelines.catalog import WRITER

_POLL_SECONDS = 1.0


def rehearse(folder: Path, say: Say, name: str = "local") -> None:
    """Rehearse environment `name` in `folder`, which takes the workspace, its tables and Terraform's state.

    Raises UserError when a step does not end as it must, and when a right is missing or is one too many; the workspace
    is ended either way. What is protected is not destroyed in the end.
    """
    home = Home(folder / "home")
    with _home_of_this_process(home), serving(home, "--env", name) as served:
        say(f"workspace {served.client().get_workspace_id()} at {served.host}")
        environment = on_this_machine(find_environment(name), served)
        stack = SynthesizedStack(name, {}, synthesize(environment, folder / "cdktf.out"))
        stack = replace(stack, configuration=load_stack(stack.folder))
        deployer = deployer_of(stack.folder, served, say)
        say(f"deployer: {deployer.deploy()}")
        _record(served, environment, say)
        _look(served, stack, say)
        if told := deployer.plan():
            say(f"planner: {told}")
        rehearsed_rights.bring_files(served, environment, folder / "brought", say)
        _run_job(served.client(ENGINEER), environment, say)
        _show(served.client(), environment, home, say)
        say(f"deployer, once more: {deployer.deploy()}")
        rehearsed_rights.query_as_reader(served, environment, say)
        rehearsed_rights.look_for_tags(served, environment, say)
        _look(served, stack, say)
        if environment.protect:
            say("protected: nothing is destroyed")
            return
        deployer.destroy()
        _must_be_empty(served.client(), home)
        say("destroyed: nothing is left")


def on_this_machine(environment: Environment, served: Served) -> Environment:
    """The environment with its state on this machine and its service principals by their application ids.

    Only an administrator can look these up by name, and planner and drift are none.
    """
    ids = {one.display_name: one.application_id for one in served.client().service_principals.list()}
    return replace(
        environment,
        state=LocalState(str(served.home.workspace)),
        run_as=ids.get(environment.run_as),
        deployer=ids.get(environment.deployer),
    )


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


def _run_job(client: WorkspaceClient, environment: Environment, say: Say) -> None:
    job = next(iter(client.jobs.list(name=NAME.format(environment.name))))
    run_id = client.jobs.run_now(job.job_id or 0).run_id
    say("engineer: started the job")
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


def _show(client: WorkspaceClient, environment: Environment, home: Home, say: Say) -> None:
    for schema in WRITER:
        for table in client.tables.list(environment.catalog, schema):
            found = delta_tables.find_delta_table(home, schema, table.name or "")
            rows = delta_tables.count_rows(found) if found else 0
            say(f"  {table.full_name:<50} {rows:>9,} rows")


def _record(served: Served, environment: Environment, say: Say) -> None:
    """Write down the commit, as each apply does; who looks for drift must be able to read it."""
    record_commit(environment, served.client(DEPLOYER))
    commit = recorded_commit(environment, served.client(DRIFT))
    say(f"recorded on the catalog: {commit or 'nothing, since git knows no commit here'}")


def _look(served: Served, stack: SynthesizedStack, say: Say) -> None:
    """As drift and as the planner, who both must see all that was deployed, and see it as it is."""
    for role in (DRIFT, PLANNER):
        rules = read_rules(IGNORE_FILE, stack.environment)
        findings = find_drift(Calls(served.client(role)), stack, rules=rules)
        if findings:
            shown = as_terminal(stack.environment, findings, 160)
            raise UserError(f"what was just deployed has drifted, as {role} sees it:\n{shown}")
        say(f"{role}: no drift")


def _must_be_empty(client: WorkspaceClient, home: Home) -> None:
    left = [catalog.name for catalog in client.catalogs.list()]
    left += [job.settings.name if job.settings else "a job" for job in client.jobs.list()]
    left += [alert.display_name for alert in client.alerts_v2.list_alerts()]
    left += [dashboard.display_name for dashboard in client.lakeview.list()]
    left += [pipeline.name for pipeline in client.pipelines.list_pipelines()]
    left += [entry.path for entry in client.workspace.list("/", recursive=True)]
    left += [str(path) for path in home.warehouse.glob("*.db/*")]
    if left:
        raise UserError(f"the workspace still holds {', '.join(map(str, left))}")
