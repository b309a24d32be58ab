"""Who may do what, and what Databricks makes itself: as a real workspace answers, which this one has learned."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.drift.compare.contract import compare_contract
from infra.drift.declared import Declared, Resource
from infra.drift.findings import Finding, Severity
from infra.drift.reading.snapshot import Snapshot, Unity, Workloads, WorkspaceCode
from pipelines.schemas import gold
from tests.infra.drift.world import CATALOG, JOB, PIPELINES, ROOT, UNITY, World

GOLD = f"{CATALOG}.gold"
SELLERS = f"{CATALOG}.{gold.SELLER_QUALITY.name}"
READERS, ENGINEERS = "account users", "olist-engineers"
SOMEBODY = "somebody@example.com"
POLICY = "5f2d6a3e-8a24-4f5c-9b12-0d7c7f1b9a10"


@pytest.fixture(autouse=True)
def clean_afterwards(world: World) -> Iterator[None]:
    yield
    assert world.drift() == []


def names(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [finding.name for finding in findings]


def grant(world: World, principal: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
    change = {"principal": principal, "add": list(add), "remove": list(remove)}
    world.do("PATCH", f"{UNITY}/permissions/schema/{GOLD}", {"changes": [change]})


def sql(world: World, statement: str) -> None:
    warehouse = world.do("GET", "/api/2.0/sql/warehouses")["warehouses"][0]["id"]
    body = {"statement": statement, "warehouse_id": warehouse}
    assert world.do("POST", "/api/2.0/sql/statements", body)["status"]["state"] == "SUCCEEDED"


def test_all_privileges_are_more_than_each_and_none_is_missing(world: World) -> None:
    """Databricks lists ALL PRIVILEGES alone, whatever was granted before."""
    grant(world, READERS, add=("ALL_PRIVILEGES",), remove=("SELECT", "USE_SCHEMA"))
    found = world.drift()
    grant(world, READERS, add=("SELECT", "USE_SCHEMA"), remove=("ALL_PRIVILEGES",))

    assert [(*one.name, one.severity, one.expected, one.actual) for one in found] == [
        ("grants", f"schema {GOLD}", READERS, Severity.ACCESS, None, ["ALL_PRIVILEGES"])
    ]


def test_manage_is_told_beside_all_privileges_which_do_not_contain_it(world: World) -> None:
    grant(world, READERS, add=("ALL_PRIVILEGES", "MANAGE"), remove=("SELECT",))
    found = world.drift()
    grant(world, READERS, add=("SELECT",), remove=("ALL_PRIVILEGES", "MANAGE"))

    assert [one.actual for one in found] == [["ALL_PRIVILEGES", "MANAGE"]]


def test_a_principal_in_another_letter_case_is_the_same(world: World) -> None:
    grant(world, READERS, remove=("SELECT", "USE_SCHEMA"))
    grant(world, "Account Users", add=("SELECT", "USE_SCHEMA"))
    world.do("PATCH", f"{UNITY}/schemas/{GOLD}", {"owner": "OLIST-Engineers"})
    found = world.drift()
    grant(world, "Account Users", remove=("SELECT", "USE_SCHEMA"))
    grant(world, READERS, add=("SELECT", "USE_SCHEMA"))
    world.do("PATCH", f"{UNITY}/schemas/{GOLD}", {"owner": ENGINEERS})

    assert found == []


def test_a_catalog_that_was_opened(world: World) -> None:
    world.do("PATCH", f"{UNITY}/catalogs/{CATALOG}", {"isolation_mode": "OPEN"})
    found = world.drift()
    world.do("PATCH", f"{UNITY}/catalogs/{CATALOG}", {"isolation_mode": "ISOLATED"})

    assert [(*one.name, one.severity, one.actual) for one in found] == [
        ("catalog", CATALOG, "isolation_mode", Severity.ACCESS, "OPEN")
    ]


def test_a_workspace_that_was_bound_to_the_catalog(world: World) -> None:
    path = f"{UNITY}/bindings/catalog/{CATALOG}"
    other = {"workspace_id": 222, "binding_type": "BINDING_TYPE_READ_ONLY"}
    world.do("PATCH", path, {"add": [other]})
    found = world.drift()
    world.do("PATCH", path, {"remove": [other]})

    assert [(*one.name, one.severity, one.actual) for one in found] == [
        ("catalog", CATALOG, "bindings[222]", Severity.ACCESS, "BINDING_TYPE_READ_ONLY")
    ]
    assert "workspace-bindings update-bindings catalog" in found[0].fix


def test_a_row_filter_and_a_mask_that_were_set_by_hand(world: World) -> None:
    function = {"name": "mine", "catalog_name": CATALOG, "schema_name": "utils", "data_type": "BOOLEAN"}
    world.do("POST", f"{UNITY}/functions", function)
    column = gold.SELLER_QUALITY.columns[0].name
    mine = f"{CATALOG}.utils.mine"
    sql(world, f"ALTER TABLE {SELLERS} SET ROW FILTER {mine} ON ({column})")
    sql(world, f"ALTER TABLE {SELLERS} ALTER COLUMN {column} SET MASK {mine}")
    found = world.drift()
    sql(world, f"ALTER TABLE {SELLERS} DROP ROW FILTER")
    sql(world, f"ALTER TABLE {SELLERS} ALTER COLUMN {column} DROP MASK")
    world.do("DELETE", f"{UNITY}/functions/{mine}")

    assert [(*one.name, one.severity, one.actual) for one in found] == [
        ("function", mine, "", Severity.ACCESS, "not declared"),
        ("table", SELLERS, f"columns[{column}].mask", Severity.DATA, mine),
        ("table", SELLERS, "row_filter", Severity.DATA, mine),
    ]
    assert found[1].fix == f"in SQL: ALTER TABLE {SELLERS} ALTER COLUMN {column} DROP MASK"


def levels_of(world: World, path: str) -> str:
    object_id = world.client.workspace.get_status(path).object_id
    return f"/api/2.0/permissions/directories/{object_id}"


def test_who_manages_the_folder_above_can_change_what_runs(world: World) -> None:
    above = levels_of(world, ROOT.rpartition("/")[0])
    entries = [
        {"user_name": SOMEBODY, "permission_level": "CAN_MANAGE"},
        {"group_name": ENGINEERS, "permission_level": "CAN_READ"},
    ]
    world.do("PUT", above, {"access_control_list": entries})
    found = world.drift()
    world.do("PUT", above, {"access_control_list": []})

    assert [(*one.name, one.severity, one.actual) for one in found] == [
        ("permissions", f"folder {ROOT}", SOMEBODY, Severity.ACCESS, "CAN_MANAGE from a folder above it")
    ]


def test_levels_on_a_folder_below_the_top_one(world: World) -> None:
    below = levels_of(world, f"{ROOT}/pipelines")
    edits = {"group_name": ENGINEERS, "permission_level": "CAN_EDIT"}
    world.do("PUT", below, {"access_control_list": [edits]})
    found = world.drift()
    world.do("PUT", below, {"access_control_list": []})

    assert [(*one.name, one.severity, one.actual) for one in found] == [
        ("permissions", f"folder {ROOT}/pipelines", ENGINEERS, Severity.ACCESS, "CAN_EDIT")
    ]


def own(world: World, kind: str, object_id: object, owner: str | None) -> None:
    """Give a job or a pipeline another owner, as the provider does when somebody else applies."""
    path = f"/api/2.0/permissions/{kind}/{object_id}"
    now = world.do("GET", path)["access_control_list"]
    kept = [
        {key: value for key, value in one.items() if key.endswith("_name")}
        | {"permission_level": one["all_permissions"][0]["permission_level"]}
        for one in now
        if not one["all_permissions"][0]["inherited"] and "user_name" not in one
    ]
    owners = [{"user_name": owner, "permission_level": "IS_OWNER"}] if owner else []
    world.do("PUT", path, {"access_control_list": [*kept, *owners]})


def work(world: World) -> list[tuple[str, object]]:
    jobs = [("jobs", job.job_id) for job in world.client.jobs.list()]
    return [*jobs, *(("pipelines", world.pipeline_id(key)) for key in PIPELINES)]


def test_a_second_person_who_deploys_is_silent(world: World) -> None:
    """All of it belongs to whoever applied last, and runs as that person."""
    for kind, object_id in work(world):
        own(world, kind, object_id, SOMEBODY)
    found = world.drift()
    for kind, object_id in work(world):
        own(world, kind, object_id, None)

    assert found == []


def test_a_job_alone_that_has_another_owner_runs_as_somebody_else(world: World) -> None:
    own(world, "jobs", world.job_id, SOMEBODY)
    found = world.drift()
    own(world, "jobs", world.job_id, None)

    assert [(*one.name, one.severity, one.actual) for one in found] == [
        ("job", JOB, "run_as", Severity.ACCESS, SOMEBODY),
        ("permissions", f"job {JOB}", SOMEBODY, Severity.ACCESS, "IS_OWNER"),
    ]


@pytest.mark.parametrize(("owner", "told"), [(SOMEBODY, [("owner", "runner", SOMEBODY)]), ("Runner", [])])
def test_what_a_pipeline_made_belongs_to_who_it_runs_as(owner: str, told: list[tuple[str, str, str]]) -> None:
    catalog = Resource(
        "databricks_catalog.catalog", "catalog", {"name": "c", "properties": {"environment": "dev"}}
    )
    line = Resource("databricks_pipeline.pipeline_gold", "pipeline", {"name": "p", "run_as": {}})
    name = f"c.{gold.SELLER_QUALITY.name}"
    table = {"owner": owner, "pipeline_id": "p1", "columns": []}
    work = Workloads(found={line.address: {"pipeline_id": "p1", "run_as_user_name": "runner"}})
    snapshot = Snapshot("1", Unity(tables={name: table}), WorkspaceCode(), work, (), None)
    found = compare_contract(Declared((catalog, line), ()), snapshot, [gold.SELLER_QUALITY])
    owners = [(one.field, one.expected, one.actual) for one in found if one.field == "owner"]
    assert owners == told


def test_a_model_that_nobody_declared(world: World) -> None:
    model = {"name": "churn", "catalog_name": CATALOG, "schema_name": "gold"}
    world.do("POST", f"{UNITY}/models", model)
    found = world.drift()
    world.do("DELETE", f"{UNITY}/models/{GOLD}.churn")

    assert names(found) == [("model", f"{GOLD}.churn", "")]
    assert found[0].fix == f"databricks registered-models delete {GOLD}.churn"


@pytest.mark.parametrize(
    "name",
    [
        "__materialization_mat_5f2d6a3e_8a24_4f5c_9b12_0d7c7f1b9a10_seller_quality_1",
        "event_log_5f2d6a3e_8a24_4f5c_9b12_0d7c7f1b9a10",
    ],
)
def test_tables_that_databricks_makes_are_silent(world: World, name: str) -> None:
    table = {"name": name, "catalog_name": CATALOG, "schema_name": "gold", "table_type": "EXTERNAL"}
    world.do("POST", f"{UNITY}/tables", table | {"storage_location": "file:///internal"})
    found = world.drift()
    world.client.tables.delete(f"{GOLD}.{name}")

    assert found == []


@pytest.mark.parametrize("name", ["information_schema", "__databricks_internal"])
def test_schemas_that_databricks_makes_are_silent(world: World, name: str) -> None:
    world.client.schemas.create(name, CATALOG)
    found = world.drift()
    world.client.schemas.delete(f"{CATALOG}.{name}")

    assert found == []


def test_a_budget_policy_that_databricks_attached_is_silent(world: World) -> None:
    """It attaches the one that whoever creates something may use, where there is one only."""
    job_id, settings = world.job_id, world.job_settings()
    pipeline_id = world.pipeline_id("cdc")
    spec: dict[str, Any] = world.pipeline_spec(pipeline_id)
    world.reset_job(job_id, settings | {"budget_policy_id": POLICY})
    world.put_pipeline(pipeline_id, spec | {"budget_policy_id": POLICY})
    found = world.drift()
    world.reset_job(job_id, settings)
    world.put_pipeline(pipeline_id, spec)

    assert found == []
    assert spec["name"] == PIPELINES["cdc"]


def test_levels_on_a_single_file(world: World) -> None:
    file = f"{ROOT}/generate_task.py"
    path = f"/api/2.0/permissions/files/{world.client.workspace.get_status(file).object_id}"
    edits = {"group_name": ENGINEERS, "permission_level": "CAN_EDIT"}
    world.do("PUT", path, {"access_control_list": [edits]})
    found = world.drift()
    world.do("PUT", path, {"access_control_list": []})

    assert [(*one.name, one.severity, one.actual) for one in found] == [
        ("permissions", f"file {file}", ENGINEERS, Severity.ACCESS, "CAN_EDIT")
    ]


@pytest.mark.parametrize("level", ["CAN_EDIT", "CAN_MANAGE"])
def test_levels_on_an_alert_which_runs_as_the_runner(world: World, level: str) -> None:
    alert = next(iter(world.client.alerts_v2.list_alerts()))
    path = f"/api/2.0/permissions/alertsv2/{alert.id}"
    edits = {"group_name": ENGINEERS, "permission_level": level}
    world.do("PUT", path, {"access_control_list": [edits]})
    found = world.drift()
    world.do("PUT", path, {"access_control_list": []})

    assert [(*one.name, one.severity, one.actual) for one in found] == [
        ("permissions", f"alert {alert.display_name}", ENGINEERS, Severity.ACCESS, level)
    ]
    assert f"Share, on {alert.display_name}" in found[0].fix


def policy(name: str, kind: str, on: tuple[str, str], **how: Any) -> dict[str, Any]:
    return {
        "name": name,
        "on_securable_type": on[0],
        "on_securable_fullname": on[1],
        "for_securable_type": "TABLE",
        "policy_type": f"POLICY_TYPE_{kind}",
        "to_principals": [READERS],
        **how,
    }


def test_policies_of_attributes_that_open_tables_or_hide_rows(world: World) -> None:
    function = {"name": "mine", "catalog_name": CATALOG, "schema_name": "utils", "data_type": "BOOLEAN"}
    world.do("POST", f"{UNITY}/functions", function)
    mine = f"{CATALOG}.utils.mine"
    made = [
        policy("open", "GRANT", ("CATALOG", CATALOG), grant={"privileges": ["SELECT"]}),
        policy("some", "ROW_FILTER", ("TABLE", SELLERS), row_filter={"function_name": mine}),
    ]
    for one in made:
        world.do("POST", f"{UNITY}/policies", one)
    found = world.drift()
    for one in made:
        on = f"{one['on_securable_type']}/{one['on_securable_fullname']}"
        world.do("DELETE", f"{UNITY}/policies/{on}/{one['name']}")
    world.do("DELETE", f"{UNITY}/functions/{mine}")

    assert [(*one.name, one.severity, one.actual) for one in found if one.kind == "policy"] == [
        ("policy", f"catalog {CATALOG}", "open", Severity.ACCESS, f"grant SELECT for {READERS}"),
        ("policy", f"table {SELLERS}", "some", Severity.DATA, f"row filter {mine} for {READERS}"),
    ]
    assert f"databricks policies delete-policy CATALOG {CATALOG} open" in [one.fix for one in found]


def test_a_dropped_table_takes_its_policies_along(world: World) -> None:
    table = {"name": "more", "catalog_name": CATALOG, "schema_name": "gold", "table_type": "EXTERNAL"}
    for _ in range(2):
        world.do("POST", f"{UNITY}/tables", table | {"storage_location": "file:///more"})
        on = ("TABLE", f"{GOLD}.more")
        world.do("POST", f"{UNITY}/policies", policy("p", "DENY", on, deny={"privileges": ["SELECT"]}))
        world.client.tables.delete(f"{GOLD}.more")


def test_members_of_a_group_that_is_for_one_identity(world: World) -> None:
    """Only administrators are shown members; to everybody else, drift's own identity too, there are none."""
    groups = "/api/2.0/preview/scim/v2/Groups"
    members = {
        "planners": ["olist-local-planner", SOMEBODY],
        "drift": [],
    }
    made = []
    for name, inside in members.items():
        entries = [{"value": str(number), "display": one} for number, one in enumerate(inside)]
        made.append(
            world.do("POST", groups, {"displayName": f"olist-local-{name}", "members": entries})["id"]
        )
    found = world.drift()
    for one in made:
        world.do("DELETE", f"{groups}/{one}")

    assert [(*one.name, one.severity, one.expected, one.actual) for one in found] == [
        ("group", "olist-local-planners", SOMEBODY, Severity.ACCESS, None, "member"),
        ("group", "olist-local-drift", "olist-local-drift", Severity.WORK, "member", None),
    ]
