"""What the workspace remembers over stops, crashes, crowds and damage."""

import io
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.service.catalog import PermissionsChange, Privilege, VolumeType
from databricks.sdk.service.iam import AccessControlRequest, PermissionLevel
from databricks.sdk.service.jobs import SparkPythonTask, SubmitTask, Task
from databricks.sdk.service.workspace import ImportFormat

from common.errors import UserError
from common.home import Home
from local.workspace.http.app import open_workspace
from local.workspace.http.server import reset_workspace, serve_workspace
from local.workspace.http.serving import Served, serving
from tests.waiting import PATIENCE


def fill(served: Served) -> dict[str, object]:
    """One object of each kind; what a client reads of them."""
    client = served.client()
    client.catalogs.create("kept", comment="catalog")
    client.schemas.create("raw", "kept", comment="schema")
    client.volumes.create("kept", "raw", "olist", VolumeType.MANAGED, comment="volume")
    changes = [PermissionsChange(principal="readers", add=[Privilege.USE_CATALOG])]
    client.grants.update("catalog", "kept", changes=changes)
    client.workspace.mkdirs("/Workspace/Shared/kept")
    path = "/Workspace/Shared/kept/a.py"
    client.workspace.upload(path, io.BytesIO(b"print(1)"), format=ImportFormat.RAW)
    client.secrets.create_scope("kept")
    client.groups.create(display_name="engineers")
    task = Task(task_key="a", spark_python_task=SparkPythonTask(python_file=path))
    job_id = str(client.jobs.create(name="kept", tasks=[task]).job_id)
    client.pipelines.create(name="kept", catalog="kept", schema="raw", configuration={"a": "b"})
    level = AccessControlRequest(group_name="engineers", permission_level=PermissionLevel.CAN_MANAGE)
    client.permissions.set("jobs", job_id, access_control_list=[level])
    return read(served)


def read(served: Served) -> dict[str, object]:
    """All that the workspace holds, as a client sees it."""
    client = served.client()
    jobs = [client.jobs.get(job.job_id or 0).as_dict() for job in client.jobs.list()]
    return {
        "workspace": client.get_workspace_id(),
        "catalogs": [catalog.as_dict() for catalog in client.catalogs.list()],
        "schemas": [schema.as_dict() for schema in client.schemas.list("kept")],
        "volumes": [volume.as_dict() for volume in client.volumes.list("kept", "raw")],
        "grants": client.grants.get("catalog", "kept").as_dict(),
        "files": [entry.as_dict() for entry in client.workspace.list("/Workspace/Shared/kept")],
        "content": client.workspace.download("/Workspace/Shared/kept/a.py").read(),
        "scopes": [scope.name for scope in client.secrets.list_scopes()],
        "groups": [group.display_name for group in client.groups.list()],
        "jobs": jobs,
        "pipelines": [
            client.pipelines.get(p.pipeline_id or "").as_dict() for p in client.pipelines.list_pipelines()
        ],
        "permissions": [client.permissions.get("jobs", str(job["job_id"])).as_dict() for job in jobs],
    }


def test_a_stop_and_a_reset(fresh_home: Home, served: Served) -> None:
    """Ctrl-C ends it without a word and nothing is lost; a reset makes another workspace and keeps the data."""
    with serving(fresh_home) as first:
        before = fill(first)
        first.process.send_signal(signal.SIGINT)
        first.process.communicate(timeout=PATIENCE)
        assert (first.process.returncode, first.problems()) == (0, "")
    with serving(fresh_home) as second:
        assert second.token == first.token
        assert read(second) == before
        # Each home is a workspace of its own.
        assert second.client().get_workspace_id() != served.client().get_workspace_id()
        assert second.token != served.token
    (fresh_home.volumes / "raw" / "olist" / "a.csv").write_text("1")
    with serving(fresh_home, "--reset") as third:
        client = third.client()
        assert third.token != first.token
        assert client.get_workspace_id() != before["workspace"]
        assert list(client.catalogs.list()) == []
        with pytest.raises(NotFound):
            client.workspace.get_status("/Workspace/Shared/kept")
    assert (fresh_home.volumes / "raw" / "olist" / "a.csv").exists()


def test_a_crash_loses_nothing_and_the_run_that_it_cuts_off_is_failed(fresh_home: Home) -> None:
    """Of 100 calls at once, too."""
    with serving(fresh_home) as served:
        client = served.client()
        client.catalogs.create("crowd")
        client.workspace.mkdirs("/Workspace/Shared/crowd")
        with ThreadPoolExecutor(100) as pool:
            list(pool.map(partial(one_of_a_crowd, client), range(100)))
        before = fill(served)
        path = "/Workspace/Shared/slow.py"
        client.workspace.upload(path, io.BytesIO(b"import time; time.sleep(3_600)"), format=ImportFormat.RAW)
        slow = SubmitTask(task_key="a", spark_python_task=SparkPythonTask(python_file=path))
        run_id = client.jobs.submit(tasks=[slow]).run_id
        served.kill()
    with serving(fresh_home) as again:
        assert again.token == served.token
        assert read(again) == before
        assert crowd(again.client()) == {f"n{number}" for number in range(100)}
        state = again.client().jobs.get_run(run_id).state
        assert state and state.result_state and state.result_state.value == "FAILED"
        assert state.state_message == "The workspace stopped in the middle of this run."


def one_of_a_crowd(client: WorkspaceClient, number: int) -> None:
    name = f"n{number}"
    match number % 4:
        case 0:
            client.schemas.create(name, "crowd")
        case 1:
            path = f"/Workspace/Shared/crowd/{name}"
            client.workspace.upload(path, io.BytesIO(name.encode()), format=ImportFormat.RAW)
        case 2:
            client.jobs.create(name=name)
        case _:
            change = PermissionsChange(principal=name, add=[Privilege.USE_CATALOG])
            client.grants.update("catalog", "crowd", changes=[change])


def crowd(client: WorkspaceClient) -> set[str]:
    """The names of what one_of_a_crowd has made; each job once."""
    files = client.workspace.list("/Workspace/Shared/crowd")
    grants = client.grants.get("catalog", "crowd").privilege_assignments or []
    jobs = [job.settings.name or "" for job in client.jobs.list() if job.settings]
    assert len(jobs) == len(set(jobs))
    names = {schema.name or "" for schema in client.schemas.list("crowd")} - {"default"}
    names |= {(entry.path or "").rpartition("/")[2] for entry in files}
    return names | {grant.principal or "" for grant in grants} | set(jobs) - {"kept"}


def refused(home: Home, port: int = 0) -> str:
    """What a start that cannot succeed says."""
    with pytest.raises(UserError) as error:
        serve_workspace(home, port, reset=False, ready=lambda host, _: pytest.fail(f"{host} was served"))
    return str(error.value)


def test_a_second_workspace_on_one_home_is_refused(served: Served, home: Home) -> None:
    assert f"already serves {home.path} (process {served.process.pid})" in refused(home)


def test_a_port_in_use_is_named(fresh_home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        problem = refused(fresh_home, port)
    assert problem.startswith(f"Port {port} of 127.0.0.1 cannot be used")
    assert "--port" in problem


@pytest.mark.parametrize("damage", ["overwritten", "cut off", "emptied", "of another version"])
def test_a_damaged_state_is_named_with_the_way_out(fresh_home: Home, damage: str) -> None:
    workspace = open_workspace(fresh_home)
    if damage == "of another version":
        with workspace.store.transaction() as connection:
            connection.execute("pragma user_version = 99")
    workspace.store.close()
    state = fresh_home.workspace / "workspace.sqlite"
    content = state.read_bytes()
    changed = {
        "overwritten": b"no database" * 400 + content[4400:],
        "cut off": content[:5000],
        "emptied": b"",
    }
    state.write_bytes(changed.get(damage, content))
    problem = refused(fresh_home)
    assert f"{state} is damaged" in problem
    assert "--reset" in problem
    reset_workspace(fresh_home)
    open_workspace(fresh_home).store.close()
