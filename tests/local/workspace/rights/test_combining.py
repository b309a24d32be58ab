"""How rights combine: owners, containers, groups, folders, and the rules that no single privilege tells."""

import base64
import stat
import time
from urllib.parse import quote

import pytest

from common.home import Home
from tests.local.workspace.rights.cases import READ, SELECT, USE, USE_CATALOG
from tests.local.workspace.rights.world import TESTER, UC, Json, Right, World


def status(world: World, method: str, path: str, body: Json | None = None) -> int:
    return world.ask(method, path, body).status_code


@pytest.fixture
def rights(world: World, request: pytest.FixtureRequest) -> tuple[Right, ...]:
    given: tuple[Right, ...] = request.param
    world.give(given)
    request.addfinalizer(lambda: world.take(given))
    return given


@pytest.mark.parametrize("rights", [(("owner", "catalogs/m", ""),)], indirect=True)
@pytest.mark.usefixtures("rights")
def test_the_owner_of_a_container_manages_what_is_in_it_and_reads_nothing(world: World) -> None:
    assert status(world, "PATCH", f"{UC}/volumes/m.s.v", {"comment": "x"}) == 200
    assert status(world, "GET", f"{UC}/tables/m.s.t") == 200
    told = world.ask("GET", "/api/2.0/fs/files/Volumes/m/s/v/kept")
    assert told.status_code == 403
    assert "USE SCHEMA on Schema 'm.s'" in told.json()["message"]


@pytest.mark.parametrize("rights", [(*USE, ("CATALOG", "m", "ALL_PRIVILEGES"))], indirect=True)
@pytest.mark.usefixtures("rights")
def test_all_privileges_are_all_but_manage(world: World) -> None:
    assert status(world, "GET", "/api/2.0/fs/files/Volumes/m/s/v/kept") == 200
    assert status(world, "PATCH", f"{UC}/schemas/m.s", {"comment": "x"}) == 403


@pytest.mark.parametrize("rights", [(("CATALOG", "m", "MANAGE"),)], indirect=True)
@pytest.mark.usefixtures("rights")
def test_manage_without_use_manages_nothing(world: World) -> None:
    told = world.ask("PATCH", f"{UC}/schemas/m.s", {"comment": "x"})
    assert (told.status_code, told.json()["message"]) == (
        403,
        "User does not have USE CATALOG on Catalog 'm'.",
    )


@pytest.mark.parametrize("rights", [(*USE, SELECT, READ)], indirect=True)
@pytest.mark.usefixtures("rights")
def test_whoever_manages_nothing_sees_own_grants_only(world: World) -> None:
    world.give([("TABLE", "m.s.t", "MODIFY")], "olist-engineers")
    rows = world.ask("GET", f"{UC}/permissions/TABLE/m.s.t").json()["privilege_assignments"]
    assert [row["principal"] for row in rows] == [TESTER]
    change = {"changes": [{"principal": TESTER, "add": ["MODIFY"]}]}
    assert status(world, "PATCH", f"{UC}/permissions/TABLE/m.s.t", change) == 403


def test_a_group_gives_its_rights_to_its_members(world: World) -> None:
    given: list[Right] = [USE_CATALOG]
    world.give(given, "olist-readers")
    assert status(world, "GET", f"{UC}/catalogs/m") == 200
    world.take(given, "olist-readers")
    assert status(world, "GET", f"{UC}/catalogs/m") == 403


def test_below_what_may_not_be_used_nothing_tells_what_is_there(world: World) -> None:
    for name in ("m.s.t", "m.s.none"):
        assert status(world, "GET", f"{UC}/tables/{name}") == 403
    assert status(world, "GET", f"{UC}/catalogs/none") == 404


def test_a_job_is_refused_before_anybody_says_whether_there_is_one(world: World) -> None:
    assert status(world, "GET", "/api/2.2/jobs/get?job_id=999") == 403
    assert world.ask("GET", "/api/2.2/jobs/get?job_id=999", role="deployer").status_code == 404
    assert status(world, "GET", "/api/2.0/pipelines/none") == 404


@pytest.mark.parametrize("spelled", ["0{}", "+{}", "{}.0", " {}"])
def test_a_run_has_one_spelling(world: World, spelled: str) -> None:
    run_id = spelled.format(world.run)
    assert status(world, "GET", f"/api/2.2/jobs/runs/get?run_id={quote(run_id)}") == 400
    assert status(world, "POST", "/api/2.2/jobs/runs/delete", {"run_id": run_id}) == 400


def test_a_folder_gives_its_levels_to_all_below_it(world: World) -> None:
    given: list[Right] = [("directories", world.folder, "CAN_READ")]
    world.give(given)
    listed = world.ask("GET", "/api/2.0/workspace/list?path=/").json()["objects"]
    below = status(world, "GET", "/api/2.0/workspace/get-status?path=/team/below")
    edited = status(world, "POST", "/api/2.0/workspace-files/import-file/team/a.py?overwrite=true")
    world.take(given)
    assert "/team" in [one["path"] for one in listed]
    assert (below, edited) == (200, 403)
    assert status(world, "GET", "/api/2.0/workspace/get-status?path=/team/none") == 403


def test_whoever_may_edit_a_file_writes_no_notebook_beside_it(world: World) -> None:
    """AUTO makes `/team/a` of `/team/a.py` where the content is a notebook's."""
    source = {"path": "/team/a", "format": "SOURCE", "language": "PYTHON", "overwrite": True}
    world.root("POST", "/api/2.0/workspace/import", source)
    file = str(world.root("GET", "/api/2.0/workspace/get-status?path=/team/a.py")["object_id"])
    world.give([("files", file, "CAN_EDIT")])
    notebook = base64.b64encode(b"# Databricks notebook source\nprint(3)\n").decode()
    auto = {"path": "/team/a.py", "format": "AUTO", "content": notebook, "overwrite": True}
    try:
        assert status(world, "POST", "/api/2.0/workspace/import", auto) == 403
        assert status(world, "POST", "/api/2.0/workspace/import", auto | {"format": "RAW"}) == 200
    finally:
        world.take([("files", file, "CAN_EDIT")])
        world.root("POST", "/api/2.0/workspace/delete", {"path": "/team/a"})
        world.upload("/team/a.py")


def test_a_folder_gives_its_levels_to_the_dashboards_in_it(world: World) -> None:
    board = {"display_name": "own", "parent_path": f"/Users/{TESTER}"}
    own = world.ask("POST", "/api/2.0/lakeview/dashboards", board).json()["dashboard_id"]
    theirs = f"/api/2.0/lakeview/dashboards/{world.dashboard}"
    given: list[Right] = [("directories", world.folder, "CAN_READ")]
    assert status(world, "GET", f"/api/2.0/lakeview/dashboards/{own}") == 200
    assert status(world, "GET", theirs) == 403
    world.give(given)
    told = (status(world, "GET", theirs), status(world, "PATCH", theirs, {"display_name": "d"}))
    world.take(given)
    assert told == (200, 403)


def test_an_alert_has_levels_of_its_own_and_those_of_its_folder(world: World) -> None:
    one, levels = f"/api/2.0/alerts/{world.alert}", f"/api/2.0/permissions/alertsv2/{world.alert}"
    change = f"{one}?update_mask=custom_summary"
    folder: list[Right] = [("directories", world.folder, "CAN_MANAGE")]
    assert (status(world, "GET", one), status(world, "GET", levels)) == (403, 403)
    world.give(folder)
    inherited = [status(world, "PATCH", change, {"custom_summary": "x"}), status(world, "GET", levels)]
    told = world.ask("GET", levels).json()
    world.take(folder)
    assert inherited == [200, 200]
    assert (told["object_type"], told["object_id"]) == ("alertv2", f"/alertsv2/{world.alert}")
    assert [
        one["all_permissions"] for one in told["access_control_list"] if one.get("user_name") == TESTER
    ] == [
        [
            {
                "permission_level": "CAN_MANAGE",
                "inherited": True,
                "inherited_from_object": [f"/directories/{world.folder}"],
            }
        ]
    ]
    own: list[Right] = [("alertsv2", world.alert, "CAN_READ")]
    world.give(own)
    reads = [status(world, "GET", one), status(world, "PATCH", change, {"custom_summary": "x"})]
    world.take(own)
    assert reads == [200, 403]
    unknown = {"access_control_list": [{"user_name": TESTER, "permission_level": "CAN_VIEW"}]}
    assert world.ask("PUT", levels, unknown, role="deployer").status_code == 400
    assert world.ask("GET", "/api/2.0/permissions/alertsv2/none", role="deployer").status_code == 404


def test_everybody_is_at_home_in_the_own_folder_and_the_shared_one(world: World) -> None:
    for path, expected in (
        ("/Shared/x", 200),
        (f"/Users/{TESTER}/x", 200),
        ("/Users/other/x", 403),
        ("/x", 403),
    ):
        assert status(world, "POST", "/api/2.0/workspace/mkdirs", {"path": path}) == expected


def test_a_job_has_one_owner_who_is_no_group(world: World) -> None:
    job = world.ask("POST", "/api/2.2/jobs/create", {"name": "mine"}).json()["job_id"]
    path = f"/api/2.0/permissions/jobs/{job}"

    def put(*entries: Json) -> tuple[int, str]:
        told = world.ask("PUT", path, {"access_control_list": list(entries)})
        return told.status_code, told.json().get("message", "")

    mine = {"user_name": TESTER, "permission_level": "IS_OWNER"}
    assert put(mine, {"group_name": "olist-readers", "permission_level": "CAN_VIEW"}) == (200, "")
    assert put() == (400, "The job must have exactly one owner.")
    assert put({"group_name": "olist-readers", "permission_level": "IS_OWNER"})[0] == 400
    assert put({"user_name": "engineer@example.com", "permission_level": "IS_OWNER"})[0] == 403


def test_whoever_manages_a_job_does_not_choose_whom_it_runs_as(world: World) -> None:
    job = world.ask("POST", "/api/2.2/jobs/create", {"name": "mine, too"}).json()["job_id"]
    path = f"/api/2.0/permissions/jobs/{job}"

    def given(method: str, *entries: Json) -> int:
        return status(world, method, path, {"access_control_list": list(entries)})

    mine = {"user_name": TESTER, "permission_level": "IS_OWNER"}
    lower, other = mine | {"permission_level": "CAN_MANAGE"}, mine | {"user_name": "engineer@example.com"}
    runner = {"service_principal_name": world.runner, "permission_level": "IS_OWNER"}
    assert given("PATCH", mine, {"group_name": "olist-readers", "permission_level": "CAN_MANAGE"}) == 200
    assert [given("PATCH", one) for one in (lower, other, runner)] == [403, 403, 403]
    assert given("PUT", mine, lower) == 403
    for entries in ([lower], [lower, runner], [runner]):
        created = {"name": "theirs", "access_control_list": entries}
        assert status(world, "POST", "/api/2.2/jobs/create", created) == 403
    told = world.root("GET", f"/api/2.2/jobs/get?job_id={job}")
    assert told["run_as_user_name"] == TESTER


def test_to_run_as_a_service_principal_takes_the_role_of_its_user(world: World) -> None:
    settings = {"name": "as the runner", "run_as": {"service_principal_name": world.runner}}
    assert status(world, "POST", "/api/2.2/jobs/create", settings) == 403
    assert world.ask("POST", "/api/2.2/jobs/create", settings, role="deployer").status_code == 200
    target = settings | {"catalog": "m", "schema": "s"}
    told = world.ask("POST", "/api/2.0/pipelines", target, role="deployer")
    assert told.status_code == 403, "the runner cannot create tables there yet"


def test_an_alert_is_its_creators_and_runs_as_its_creator(world: World) -> None:
    settings = world.alert_settings | {"parent_path": f"/Users/{TESTER}"}
    made = world.ask("POST", "/api/2.0/alerts", settings).json()
    assert (made["owner_user_name"], made["effective_run_as"]) == (TESTER, {"user_name": TESTER})
    emptied = world.root("PATCH", f"/api/2.0/alerts/{made['id']}?update_mask=run_as", {})
    assert emptied["effective_run_as"] == {"user_name": TESTER}
    other = {"owner_user_name": world.deployer, "parent_path": "/team"}
    kept = world.ask("PATCH", f"/api/2.0/alerts/{made['id']}?update_mask={','.join(other)}", other).json()
    assert (kept["owner_user_name"], kept["parent_path"]) == (TESTER, f"/Users/{TESTER}")


def test_a_grant_names_principals_of_the_account(world: World) -> None:
    def grant(**change: object) -> int:
        body = {"changes": [change]}
        world.give([("CATALOG", "m", "MANAGE"), USE_CATALOG])
        return status(world, "PATCH", f"{UC}/permissions/CATALOG/m", body)

    assert grant(principal="nobody", add=["SELECT"]) == 404
    assert grant(principal="users", add=["SELECT"]) == 404
    assert grant(principal="olist-readers", add=["SELECT"], remove=["SELECT"]) == 400
    assert grant(principal="account users", add=["BROWSE"]) == 200
    world.take([("CATALOG", "m", "BROWSE")], "account users")
    world.take([("CATALOG", "m", "MANAGE"), USE_CATALOG])


def test_grants_on_what_cannot_be_here_are_a_callers_slip(world: World) -> None:
    change = {"changes": [{"principal": TESTER, "add": ["READ_FILES"]}]}
    assert status(world, "PATCH", f"{UC}/permissions/external_location/x", change) == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/2.0/secrets/scopes/list"),
        ("POST", "/api/2.0/token/create"),
        ("PUT", "/api/2.0/preview/scim/v2/Groups/1"),
        ("POST", "/api/2.1/unity-catalog/temporary-table-credentials"),
        ("GET", "/api/2.1/unity-catalog/catalogs/"),
        ("GET", "/api/2.0/fs/files//Volumes/m/s/v/kept"),
    ],
)
def test_a_call_whose_right_is_unknown_is_refused(world: World, method: str, path: str) -> None:
    assert world.ask(method, path, role="deployer").status_code == 403


def test_whoever_is_no_admin_sees_names_and_no_members(world: World) -> None:
    groups = world.ask("GET", "/api/2.0/preview/scim/v2/Groups").json()["Resources"]
    assert groups
    assert not any("members" in group for group in groups)
    principals = world.ask("GET", "/api/2.0/preview/scim/v2/ServicePrincipals").json()["Resources"]
    assert not any("applicationId" in one for one in principals)


def test_tokens_are_for_the_owner_of_the_home_only(world: World) -> None:
    home: Home = world.served.home
    assert stat.S_IMODE((home.workspace / "tokens.json").stat().st_mode) == 0o600
    assert world.served.token_of("reader") not in world.served.problems()


def test_an_event_log_takes_the_right_to_make_its_table(world: World) -> None:
    settings = {"name": "logs", "event_log": {"catalog": "m", "schema": "s", "name": "events"}}
    pipeline = world.ask("POST", "/api/2.0/pipelines", settings).json()["pipeline_id"]
    path = f"/api/2.0/pipelines/{pipeline}"
    assert status(world, "POST", f"{path}/updates", {}) == 200
    while world.ask("GET", path).json()["state"] != "IDLE":
        time.sleep(0.05)
    events = world.ask("GET", f"{path}/events?filter=level='ERROR'").json()["events"]
    assert "User does not have USE CATALOG on Catalog 'm'." in events[0]["message"]
    assert not (world.served.home.warehouse / "s.db" / "events").exists()
