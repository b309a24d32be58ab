"""Jobs and their runs: order, conditions, retries, timeouts, cancelling, output."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, InvalidParameterValue, NotFound, OperationFailed
from databricks.sdk.service.jobs import (
    JobParameterDefinition,
    JobRunAs,
    JobSettings,
    QueueSettings,
    Run,
    RunIf,
    RunLifeCycleState,
    RunResultState,
    RunTask,
    SparkPythonTask,
    SubmitTask,
    Task,
    TaskDependency,
)
from databricks.sdk.service.workspace import ImportFormat
from deltalake import write_deltalake

from common.home import Home
from tests.waiting import until

SUCCESS, FAILED = RunResultState.SUCCESS, RunResultState.FAILED
COUNT_TRIES = """
import pathlib, sys
tries = pathlib.Path(sys.argv[1])
tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
print("try", len(tries.read_text()))
sys.exit(0 if len(tries.read_text()) >= int(sys.argv[2]) else 3)
"""
# A task that waits for as long as a file is there.
HELD = """
import pathlib, sys, time
while pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.05)
"""
# Ends when it is killed, with the workspace at the latest.
ENDLESS = """
import time
while True:
    time.sleep(60)
"""


@pytest.fixture
def script(client: WorkspaceClient, folder: str) -> Callable[[str], str]:
    """Uploads Python code and gives its workspace path."""

    def upload(code: str) -> str:
        path = f"{folder}/script_{abs(hash(code))}.py"
        client.workspace.upload(path, io.BytesIO(code.encode()), format=ImportFormat.RAW, overwrite=True)
        return path

    return upload


def task(key: str, path: str, *arguments: str, after: tuple[str, ...] = (), **settings: Any) -> Task:
    return Task(
        task_key=key,
        spark_python_task=SparkPythonTask(python_file=path, parameters=list(arguments)),
        depends_on=[TaskDependency(task_key=name) for name in after],
        **settings,
    )


def run(client: WorkspaceClient, *tasks: Task, **settings: Any) -> Run:
    """The ended run of a new job, whether it succeeded or not."""
    job = client.jobs.create(name="test", tasks=list(tasks), **settings)
    waiter = client.jobs.run_now(job.job_id or 0)
    return ended(client, waiter.run_id)


def ended(client: WorkspaceClient, run_id: int) -> Run:
    # The SDK's own waiter sleeps for seconds; one test uses it.
    until(lambda: not [r for r in client.jobs.list_runs(active_only=True) if r.run_id == run_id])
    return client.jobs.get_run(run_id)


def results(found: Run) -> dict[str, RunResultState | None]:
    return {t.task_key: t.state.result_state if t.state else None for t in found.tasks or []}


def only(found: Run) -> RunTask:
    assert found.tasks
    return found.tasks[0]


def test_settings_come_back_and_change(client: WorkspaceClient, script: Callable[[str], str]) -> None:
    path = script("print(1)")
    job_id = client.jobs.create(name="settings", tasks=[task("a", path), task("b", path)]).job_id or 0
    client.jobs.update(job_id, new_settings=JobSettings(description="new"), fields_to_remove=["tasks/b"])
    settings = client.jobs.get(job_id).settings
    assert settings and (settings.name, settings.description) == ("settings", "new")
    assert [t.task_key for t in settings.tasks or []] == ["a"]
    client.jobs.reset(job_id, JobSettings(name="other"))
    settings = client.jobs.get(job_id).settings
    assert settings and (settings.name, settings.description, settings.tasks) == ("other", None, [])
    assert [job.job_id for job in client.jobs.list(name="other")] == [job_id]
    client.jobs.delete(job_id)
    with pytest.raises(NotFound):
        client.jobs.get(job_id)


def test_who_runs_a_job_comes_back_as_declared(client: WorkspaceClient) -> None:
    declared = JobRunAs(service_principal_name="1c7f5e1e-0000-4000-8000-000000000001")
    job = client.jobs.create(name="by a service principal", run_as=declared)
    found = client.jobs.get(job.job_id or 0)
    assert found.run_as_user_name == declared.service_principal_name


def test_tasks_that_wait_for_each_other_are_refused(client: WorkspaceClient) -> None:
    with pytest.raises((InvalidParameterValue, BadRequest), match="wait for each other"):
        client.jobs.create(tasks=[task("a", "/x", after=("b",)), task("b", "/x", after=("a",))])
    with pytest.raises((InvalidParameterValue, BadRequest), match="does not have"):
        client.jobs.create(tasks=[task("a", "/x", after=("none",))])


def test_a_file_runs_as_on_databricks(
    client: WorkspaceClient, folder: str, script: Callable[[str], str]
) -> None:
    client.workspace.upload(f"{folder}/beside.py", io.BytesIO(b"NAME = 'beside'"), format=ImportFormat.RAW)
    path = script("import os, sys, beside; print(beside.NAME, sys.argv[1:], os.getcwd() == sys.path[0])")
    found = run(
        client,
        task("a", path, "{{job.parameters.who}}", "{{task.name}}", "--in=/Volumes/any/raw/olist"),
        parameters=[JobParameterDefinition(name="who", default="me")],
    )
    output = client.jobs.get_run_output(only(found).run_id or 0).logs or ""
    assert results(found) == {"a": SUCCESS}
    assert output.startswith("beside ['me', 'a', '--in=/")
    assert "/volumes/raw/olist'] True" in output


def test_the_checkout_cannot_be_imported(client: WorkspaceClient, script: Callable[[str], str]) -> None:
    found = run(client, task("a", script("import common.home")))
    assert "No module named 'common'" in (client.jobs.get_run_output(only(found).run_id or 0).error or "")


def test_a_file_that_uses_spark_reads_the_tables_of_the_home(
    client: WorkspaceClient, folder: str, script: Callable[[str], str], home: Home
) -> None:
    write_deltalake(home.warehouse / "tasks.db" / "numbers", pa.table({"number": [1, 2]}))
    code = """
from pyspark.sql import SparkSession

def total():
    [row] = SparkSession.builder.getOrCreate().sql("SELECT sum(number) FROM tasks.numbers").collect()
    return row[0]
"""
    # Named like a package of this repository.
    client.workspace.upload(f"{folder}/common.py", io.BytesIO(code.encode()), format=ImportFormat.RAW)
    path = script("import sys, common; print(sys.argv[1:], common.total())")
    found = run(client, task("a", path, "{{task.name}}"))
    assert (client.jobs.get_run_output(only(found).run_id or 0).logs or "").strip() == "['a'] 3"


def test_a_failure_stops_what_depends_on_it_and_names_its_line(
    client: WorkspaceClient, script: Callable[[str], str]
) -> None:
    bad = script("x = 1\nraise ValueError('broken here')")
    found = run(client, task("a", bad), task("b", bad, after=("a",)), task("c", script("print(1)")))
    assert results(found) == {"a": FAILED, "b": RunResultState.UPSTREAM_FAILED, "c": SUCCESS}
    assert found.state and found.state.life_cycle_state is RunLifeCycleState.INTERNAL_ERROR
    assert found.state.state_message and found.state.state_message.startswith("Task a failed")
    output = client.jobs.get_run_output(next(t.run_id or 0 for t in found.tasks or [] if t.task_key == "a"))
    with pytest.raises(OperationFailed, match="Task a failed"):
        client.jobs.wait_get_run_job_terminated_or_skipped(found.run_id or 0)
    assert output.error == "ValueError: broken here"
    assert f'File "{bad}", line 2' in (output.error_trace or "")


def test_conditions_decide_after_a_failure(client: WorkspaceClient, script: Callable[[str], str]) -> None:
    good, bad = script("print(1)"), script("raise SystemExit(1)")
    found = run(
        client,
        task("bad", bad),
        task("good", good),
        task("cleanup", good, after=("bad", "good"), run_if=RunIf.ALL_DONE),
        task("alarm", good, after=("bad", "good"), run_if=RunIf.AT_LEAST_ONE_FAILED),
        task("any", good, after=("bad", "good"), run_if=RunIf.AT_LEAST_ONE_SUCCESS),
        task("never", good, after=("bad", "good"), run_if=RunIf.ALL_FAILED),
        task("clean", good, after=("bad", "good"), run_if=RunIf.NONE_FAILED),
    )
    assert results(found) == {
        "bad": FAILED,
        "good": SUCCESS,
        "cleanup": SUCCESS,
        "alarm": SUCCESS,
        "any": SUCCESS,
        "never": RunResultState.EXCLUDED,
        "clean": RunResultState.EXCLUDED,
    }
    assert found.state and found.state.result_state is RunResultState.SUCCESS_WITH_FAILURES


def test_a_task_is_tried_again(client: WorkspaceClient, script: Callable[[str], str], tmp_path: Any) -> None:
    path = script(COUNT_TRIES)
    found = run(client, task("a", path, str(tmp_path / "good"), "3", max_retries=2))
    assert (results(found), only(found).attempt_number) == ({"a": SUCCESS}, 2)
    attempts = client.jobs.get_run(found.run_id or 0, include_history=True).tasks or []
    logs = [client.jobs.get_run_output(attempt.run_id or 0).logs for attempt in attempts]
    assert logs == ["try 1\n", "try 2\n", "try 3\n"]
    found = run(client, task("a", path, str(tmp_path / "bad"), "3", max_retries=1))
    assert (results(found), only(found).attempt_number) == ({"a": FAILED}, 1)


def test_tasks_and_runs_are_stopped_when_they_take_too_long(
    client: WorkspaceClient, script: Callable[[str], str]
) -> None:
    slow = script(ENDLESS)
    assert results(run(client, task("a", slow, timeout_seconds=1))) == {"a": RunResultState.TIMEDOUT}
    found = run(client, task("a", slow), timeout_seconds=1)
    assert results(found) == {"a": RunResultState.TIMEDOUT}
    assert found.state and found.state.result_state is RunResultState.TIMEDOUT


def test_a_run_is_watched_and_cancelled(client: WorkspaceClient, script: Callable[[str], str]) -> None:
    path = script(f"print('started')\n{ENDLESS}")
    job_id = client.jobs.create(tasks=[task("a", path), task("b", path, after=("a",))]).job_id or 0
    run_id = client.jobs.run_now(job_id).run_id
    first = only(client.jobs.get_run(run_id)).run_id or 0
    until(lambda: client.jobs.get_run_output(first).logs == "started\n")
    tasks = {
        t.task_key: t.state.life_cycle_state if t.state else None
        for t in client.jobs.get_run(run_id).tasks or []
    }
    assert tasks == {"a": RunLifeCycleState.RUNNING, "b": RunLifeCycleState.PENDING}
    assert [r.run_id for r in client.jobs.list_runs(job_id=job_id, active_only=True)] == [run_id]
    client.jobs.cancel_run(run_id)
    found = ended(client, run_id)
    assert set(results(found).values()) == {RunResultState.CANCELED}
    assert found.state and found.state.result_state is RunResultState.CANCELED
    client.jobs.delete_run(run_id)
    with pytest.raises(NotFound):
        client.jobs.get_run(run_id)


def test_one_run_too_many_is_skipped_or_waits(
    client: WorkspaceClient, script: Callable[[str], str], tmp_path: Path
) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    tasks = [task("a", script(HELD), str(hold))]
    skipping = client.jobs.create(tasks=tasks, max_concurrent_runs=1).job_id or 0
    first, second = client.jobs.run_now(skipping).run_id, client.jobs.run_now(skipping).run_id
    state = client.jobs.get_run(second).state
    assert state and state.life_cycle_state is RunLifeCycleState.SKIPPED
    assert state.result_state is RunResultState.MAXIMUM_CONCURRENT_RUNS_REACHED
    queueing = (
        client.jobs.create(tasks=tasks, max_concurrent_runs=1, queue=QueueSettings(enabled=True)).job_id or 0
    )
    third, fourth = client.jobs.run_now(queueing).run_id, client.jobs.run_now(queueing).run_id
    until(lambda: str(getattr(client.jobs.get_run(fourth).state, "life_cycle_state", "")).endswith("QUEUED"))
    hold.unlink()
    runs = {run_id: ended(client, run_id) for run_id in (first, third, fourth)}
    assert {found.state.result_state for found in runs.values() if found.state} == {SUCCESS}
    assert (only(runs[fourth]).start_time or 0) >= (runs[third].end_time or 0)


def test_parameters_of_one_run(client: WorkspaceClient, script: Callable[[str], str]) -> None:
    path = script("import sys; print(sys.argv[1:])")
    parameters = [JobParameterDefinition(name="day", default="mon")]
    job = client.jobs.create(tasks=[task("a", path, "{{job.parameters.day}}")], parameters=parameters)
    found = ended(client, client.jobs.run_now(job.job_id or 0, job_parameters={"day": "tue"}).run_id)
    assert client.jobs.get_run_output(only(found).run_id or 0).logs == "['tue']\n"
    with pytest.raises((InvalidParameterValue, BadRequest), match="no parameters named week"):
        client.jobs.run_now(job.job_id or 0, job_parameters={"week": "1"})
    first = client.jobs.run_now(job.job_id or 0, idempotency_token="once").run_id
    assert client.jobs.run_now(job.job_id or 0, idempotency_token="once").run_id == first


def test_tasks_run_once_without_a_job(client: WorkspaceClient, script: Callable[[str], str]) -> None:
    python = SparkPythonTask(python_file=script("print('once')"))
    submitted = client.jobs.submit(tasks=[SubmitTask(task_key="a", spark_python_task=python)])
    found = ended(client, submitted.run_id)
    assert client.jobs.get_run_output(found.run_id or 0).logs == "once\n"


def test_output_is_asked_task_by_task(client: WorkspaceClient, script: Callable[[str], str]) -> None:
    path = script("print(1)")
    found = run(client, task("a", path), task("b", path))
    with pytest.raises((InvalidParameterValue, BadRequest), match="each individual task"):
        client.jobs.get_run_output(found.run_id or 0)


def test_a_kind_of_task_that_cannot_run_fails(client: WorkspaceClient) -> None:
    found = run(client, Task(task_key="a"))
    assert results(found) == {"a": FAILED}
