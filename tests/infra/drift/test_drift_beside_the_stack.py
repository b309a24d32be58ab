"""Changes beyond the measured ones: tables, tags, and what stands beside the declared objects."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from databricks.sdk.service.catalog import VolumeType

from infra.drift.findings import Finding, Severity
from local.workspace.unity import delta_tables
from pipelines.schemas import gold
from pipelines.schemas.model import Column
from tests.infra.drift.world import CATALOG, JOB, PIPELINES, ROOT, UNITY, World

SELLERS = gold.SELLER_QUALITY
NAME = f"{CATALOG}.{SELLERS.name}"
SOMEBODY = "somebody@example.com"
NEW_ALERT = (
    "display_name", "query_text", "warehouse_id", "evaluation", "schedule", "custom_summary", "custom_description",
)  # fmt: skip


@pytest.fixture(autouse=True)
def clean_afterwards(world: World) -> Iterator[None]:
    yield
    assert world.drift() == []


def names(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [finding.name for finding in findings]


def test_a_dropped_table_is_data_at_risk(world: World) -> None:
    world.client.tables.delete(NAME)
    found = world.drift()
    world.write_table(SELLERS)

    assert names(found) == [("table", NAME, "")]
    assert found[0].severity is Severity.DATA
    assert found[0].fix == f"pipenv run lakehouse rebuild --env local --select {SELLERS.name}"


def test_missing_extra_and_changed_columns(world: World) -> None:
    first, second, *rest = SELLERS.columns
    changed = (replace(second, type="BIGINT"), *rest, Column("note", "STRING", "added by hand"))
    world.write_table(replace(SELLERS, columns=changed))
    found = world.drift()
    world.write_table(SELLERS)

    assert [(*finding.name, finding.expected, finding.actual) for finding in found] == [
        ("table", NAME, "columns[note]", None, "string"),
        ("table", NAME, f"columns[{first.name}]", "string", None),
        ("table", NAME, f"columns[{second.name}]", "string", "bigint"),
    ]


def test_tables_and_volumes_that_nobody_declared(world: World) -> None:
    copy = replace(SELLERS, name="gold.sellers_copy")
    world.write_table(copy)
    world.client.volumes.create(CATALOG, "utils", "exports", VolumeType.MANAGED)
    found = world.drift()
    world.client.volumes.delete(f"{CATALOG}.utils.exports")
    table = delta_tables.find_delta_table(world.home, "gold", "sellers_copy")
    assert table
    world.client.tables.delete(f"{CATALOG}.gold.sellers_copy")

    assert names(found) == [
        ("table", f"{CATALOG}.gold.sellers_copy", ""),
        ("volume", f"{CATALOG}.utils.exports", ""),
    ]
    assert "terraform -chdir=cdktf.out/stacks/lakehouse-local import" in found[1].fix


def test_a_grant_on_a_table_opens_what_no_schema_grant_shows(world: World) -> None:
    path = f"{UNITY}/permissions/table/{CATALOG}.silver.customers"
    world.do("PATCH", path, {"changes": [{"principal": SOMEBODY, "add": ["SELECT"]}]})
    found = world.drift()
    world.do("PATCH", path, {"changes": [{"principal": SOMEBODY, "remove": ["SELECT"]}]})

    assert names(found) == [("grants", f"table {CATALOG}.silver.customers", SOMEBODY)]
    assert found[0].severity is Severity.ACCESS
    assert '"remove": ["SELECT"]' in found[0].fix


def test_a_tag_that_was_changed_says_by_whom_and_when(world: World) -> None:
    path = f"{UNITY}/entity-tag-assignments/schemas/{CATALOG}.silver/tags/pii"
    world.do("PATCH", path, {"tag_value": "false"})
    (found,) = world.drift()
    world.do("PATCH", path, {"tag_value": "true"})
    assert (found.kind, found.expected, found.actual) == ("tag", "true", "false")
    assert found.changed_by == "minilake-user"
    assert found.changed_at and found.changed_at > 1_700_000_000_000


def test_a_tag_that_was_taken_off(world: World) -> None:
    path = f"{UNITY}/entity-tag-assignments"
    world.do("DELETE", f"{path}/schemas/{CATALOG}.silver/tags/pii")
    found = world.drift()
    world.do(
        "POST",
        path,
        {
            "entity_type": "schemas",
            "entity_name": f"{CATALOG}.silver",
            "tag_key": "pii",
            "tag_value": "true",
        },
    )

    assert names(found) == [("tag", f"schemas {CATALOG}.silver", "pii")]


def test_a_folder_that_nobody_declared_and_a_right_to_edit_the_code(world: World) -> None:
    folder = f"{ROOT}/notes"
    world.client.workspace.mkdirs(f"{folder}/old")
    world.upload(f"{folder}/todo.txt", b"ask Ana")
    object_id = world.client.workspace.get_status(ROOT).object_id
    declared = world.stack.configuration["resource"]["databricks_permissions"]["permissions_root"]
    levels = declared["access_control"]
    path = f"/api/2.0/permissions/directories/{object_id}"
    edits = {"user_name": SOMEBODY, "permission_level": "CAN_EDIT"}
    world.do("PUT", path, {"access_control_list": [*levels, edits]})
    found = world.drift()
    world.do("PUT", path, {"access_control_list": levels})
    world.client.workspace.delete(folder, recursive=True)

    assert names(found) == [("permissions", f"folder {ROOT}", SOMEBODY), ("folder", folder, "")]
    assert found[0].severity is Severity.ACCESS


def test_a_renamed_job_is_found_by_the_pipelines_that_it_runs(world: World) -> None:
    job_id, settings = world.job_id, world.job_settings()
    world.reset_job(job_id, settings | {"name": "Daily"})
    found = world.drift()
    world.reset_job(job_id, settings)

    assert [(*finding.name, finding.actual) for finding in found] == [("job", JOB, "name", "Daily")]


def test_a_second_job_and_a_second_pipeline_of_our_names(world: World) -> None:
    job_id = world.do("POST", "/api/2.2/jobs/create", {"name": JOB, "tasks": []})["job_id"]
    body = {"name": PIPELINES["cdc"], "allow_duplicate_names": True}
    pipeline_id = world.do("POST", "/api/2.0/pipelines", body)["pipeline_id"]
    found = world.drift()
    world.client.jobs.delete(job_id)
    world.client.pipelines.delete(pipeline_id)

    assert names(found) == [
        ("job", f"{JOB} ({job_id})", ""),
        ("pipeline", f"{PIPELINES['cdc']} ({pipeline_id})", ""),
    ]


def test_who_changed_it_and_when_stands_with_the_finding(world: World) -> None:
    path = f"{UNITY}/schemas/{CATALOG}.gold"
    before = world.do("GET", path)
    world.do("PATCH", path, {"comment": "Mine"})
    after = world.do("GET", path)
    found = world.drift()
    world.do("PATCH", path, {"comment": before["comment"]})

    assert (found[0].changed_by, found[0].changed_at) == (after["updated_by"], after["updated_at"])


def test_changed_missing_and_further_alerts(world: World) -> None:
    alerts = {one["display_name"]: one for one in world.do("GET", "/api/2.0/alerts")["alerts"]}
    late = alerts["[local] Tables are late"]
    path = f"/api/2.0/alerts/{late['id']}"
    query, again = late["query_text"], {key: late[key] for key in (*NEW_ALERT, "parent_path")}
    quiet = late["evaluation"] | {"notification": late["evaluation"]["notification"] | {"subscriptions": []}}
    world.do(
        "PATCH",
        f"{path}?update_mask=query_text,evaluation",
        {"query_text": "select 0 as late", "evaluation": quiet},
    )
    second = world.do("POST", "/api/2.0/alerts", again)["id"]
    found = world.drift()
    world.client.alerts_v2.trash_alert(second)
    world.do(
        "PATCH",
        f"{path}?update_mask=query_text,evaluation",
        {"query_text": query, "evaluation": late["evaluation"]},
    )

    assert names(found) == [
        ("alert", "[local] Tables are late", "evaluation.notification.subscriptions"),
        ("alert", "[local] Tables are late", "query_text"),
        ("alert", f"[local] Tables are late ({second})", ""),
    ]
    assert [one.fix for one in found[:2]] == ["make deploy ENV=local"] * 2
    assert found[2].fix == f"databricks alerts-v2 trash-alert {second}"
    world.client.alerts_v2.trash_alert(late["id"])
    assert names(world.drift()) == [("alert", "[local] Tables are late", "")]
    world.do("POST", "/api/2.0/alerts", again)
