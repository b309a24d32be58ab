"""Who may call, and what a wrong call is told."""

import stat

import pytest
import requests

from common.home import Home
from local.workspace.http.serving import Served
from tests.waiting import PATIENCE

ME = "/api/2.0/preview/scim/v2/Me"


def call(
    served: Served, method: str, path: str, headers: dict[str, str] | None = None, **options: object
) -> requests.Response:
    headers = {"Authorization": f"Bearer {served.token}"} | (headers or {})
    return requests.request(method, served.host + path, headers=headers, timeout=PATIENCE, **options)  # pyright: ignore


@pytest.mark.parametrize(
    "header", [None, "Bearer wrong", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer dapi\u00e9"]
)
@pytest.mark.parametrize("path", [ME, "/api/2.0/pipelines", "/nowhere", "/docs", "/_minilake/reset"])
def test_a_call_without_the_token_is_refused(served: Served, header: str | None, path: str) -> None:
    headers = {"Authorization": header.encode()} if header else {}
    answer = requests.get(served.host + path, headers=headers, timeout=PATIENCE)
    assert answer.status_code == 401
    assert answer.json()["error_code"] == "UNAUTHENTICATED"


def test_clients_may_ask_what_the_host_is_without_a_token(served: Served) -> None:
    answer = requests.get(f"{served.host}/.well-known/databricks-config", timeout=PATIENCE)
    workspace_id = call(served, "GET", ME).headers["X-Databricks-Org-Id"]
    assert answer.json()["workspace_id"] == workspace_id
    assert workspace_id.isdigit()


def test_token_and_state_are_for_the_owner_only(served: Served, home: Home) -> None:
    assert (home.workspace / "token").read_text().strip() == served.token
    assert stat.S_IMODE(home.workspace.stat().st_mode) == 0o700
    for name in ("token", "workspace-id", "workspace.sqlite"):
        assert stat.S_IMODE((home.workspace / name).stat().st_mode) == 0o600


def test_only_loopback_is_served(served: Served) -> None:
    assert served.host.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/2.2/jobs/create", b"{not json", 400),
        ("POST", "/api/2.2/jobs/create", b"[1, 2]", 400),
        ("POST", "/api/2.2/jobs/create", b'{"tasks": "none"}', 400),
        ("POST", "/api/2.2/jobs/create", b'{"tasks": [{"task_key": "a"}, {"task_key": "a"}]}', 400),
        ("POST", "/api/2.2/jobs/run-now", b'{"job_id": "x"}', 400),
        ("POST", "/api/2.0/pipelines", b"", 400),
        ("POST", "/api/2.0/pipelines", b"{}", 400),
        ("POST", "/api/2.0/pipelines", b'{"name": "p", "libraries": [1]}', 400),
        ("POST", "/api/2.2/jobs/create", b'{"name": ' + b"[" * 100_000, 400),
        ("POST", "/api/2.0/pipelines", b'{"name": "p", "configuration": {"a": {}}}', 400),
        ("POST", "/api/2.0/workspace/import", b"nonsense", 400),
        ("POST", "/api/2.0/workspace/import", b"[]", 400),
        ("POST", "/api/2.0/workspace/import", b'{"path": "/a", "content": "%%%"}', 400),
        ("POST", "/api/2.0/workspace/mkdirs", b'{"path": 3}', 400),
        ("POST", "/api/2.0/workspace/mkdirs", b'{"path": "/\\ud800"}', 400),
        ("POST", "/api/2.1/unity-catalog/catalogs", b'{"name": 3}', 400),
        ("PATCH", "/api/2.1/unity-catalog/permissions/catalog/none", b'{"changes": 1}', 400),
        ("GET", "/api/2.2/jobs/get?job_id=abc", b"", 400),
        ("GET", "/api/2.2/jobs/get?job_id=999999", b"", 404),
        ("GET", "/api/2.2/jobs/runs/get?run_id=999999", b"", 404),
        ("GET", "/api/2.2/jobs/runs/get-output?run_id=999999", b"", 404),
        ("GET", "/api/2.0/pipelines/none", b"", 404),
        ("POST", "/api/2.0/pipelines/none/updates", b"{}", 404),
        ("POST", "/api/2.0/pipelines/none/stop", b"", 404),
        ("GET", "/api/2.0/pipelines/none/events", b"", 404),
        ("GET", "/api/2.0/permissions/jobs/999999", b"", 404),
        ("GET", "/api/2.0/permissions/directories/999999", b"", 404),
        ("GET", "/api/2.0/permissions/clusters/1", b"", 400),
        ("GET", "/api/2.1/unity-catalog/catalogs/none", b"", 404),
        ("GET", "/api/2.1/unity-catalog/schemas/none.none", b"", 404),
        ("GET", "/api/2.1/unity-catalog/volumes/none.none.none", b"", 404),
        ("GET", "/api/2.1/unity-catalog/tables/none.none.none", b"", 404),
        ("GET", "/api/2.1/unity-catalog/permissions/schema/none.none", b"", 404),
        ("GET", "/api/2.0/workspace/get-status?path=/none", b"", 404),
        ("GET", "/api/2.0/workspace/get-status", b"", 400),
        ("GET", "/api/2.0/workspace/list?path=relative", b"", 400),
        ("POST", "/api/2.0/workspace/import", b'{"path": "/a", "content": "", "language": []}', 400),
        ("POST", "/api/2.2/jobs/create", b'{"name": "j", "run_as": 5}', 400),
        ("POST", "/api/2.2/jobs/create", b'{"name": "j", "environments": [5]}', 400),
        ("GET", "/api/2.2/jobs/list?page_token=%C2%B2", b"", 400),
        ("GET", "/api/2.0/pipelines?page_token=%C2%B2", b"", 400),
        ("GET", "/nowhere", b"", 404),
        ("PUT", "/api/2.2/jobs/create", b"{}", 501),
    ],
)
def test_a_wrong_call_gets_the_apis_own_error(
    served: Served, method: str, path: str, body: bytes, status: int
) -> None:
    answer = call(served, method, path, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, set(answer.json())) == (status, {"error_code", "message"})
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "path", ["/Shared/../../etc", "/Shared/./x", "/Workspace/..", "/a\0b", "/" + "x" * 5000]
)
def test_no_workspace_path_leads_out(served: Served, path: str) -> None:
    for answer in (
        call(served, "POST", "/api/2.0/workspace/mkdirs", json={"path": path}),
        call(served, "GET", "/api/2.0/workspace/export", params={"path": path}),
        call(served, "POST", "/api/2.0/workspace/delete", json={"path": path, "recursive": True}),
        call(
            served,
            "POST",
            "/api/2.0/workspace/import",
            data={"path": path, "format": "RAW"},
            files={"content": b"x"},
        ),
    ):
        assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    "below", ["../../token", "%2e%2e/%2e%2e/token", "a/../../../token", "..%2f..%2ftoken"]
)
def test_no_volume_path_leads_out(served: Served, volume: str, home: Home, below: str) -> None:
    (home.volumes / "token").write_text("secret")
    address = f"{served.host}/api/2.0/fs/files{volume}/{below}"
    request = requests.Request("GET", address, headers={"Authorization": f"Bearer {served.token}"}).prepare()
    # requests would resolve the dots itself and never send them.
    request.url = address
    answer = requests.Session().send(request, timeout=PATIENCE)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_a_name_that_no_file_can_have_is_a_wrong_call(served: Served, volume: str, method: str) -> None:
    assert call(served, "PUT", f"/api/2.0/fs/files{volume}/file", data=b"x").status_code == 204
    for below in ("x" * 300, "file/below"):
        answer = call(served, method, f"/api/2.0/fs/files{volume}/{below}", data=b"x")
        assert 400 <= answer.status_code < 500
        assert set(answer.json()) == {"error_code", "message"}


@pytest.mark.parametrize("settings", [{"run_as": 5}, {"tasks": [{"task_key": []}]}, {"environments": [5]}])
def test_a_job_is_never_changed_into_one_that_cannot_be_read(served: Served, settings: dict) -> None:
    job_id = call(served, "POST", "/api/2.2/jobs/create", json={"name": "whole"}).json()["job_id"]
    for path in ("reset", "update"):
        body = {"job_id": job_id, "new_settings": settings}
        assert call(served, "POST", f"/api/2.2/jobs/{path}", json=body).status_code == 400
    assert call(served, "GET", f"/api/2.2/jobs/get?job_id={job_id}").json()["settings"] == {"name": "whole"}


def test_a_link_in_a_volume_does_not_lead_out(served: Served, volume: str, home: Home) -> None:
    outside = home.path / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "secret").write_text("secret")
    _, _, _, schema, name = volume.split("/")
    (home.volumes / schema / name / "link").symlink_to(outside)
    assert call(served, "GET", f"/api/2.0/fs/files{volume}/link/secret").status_code == 400
