"""What must hold in every environment, whatever its values."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.checkout import REPOSITORY
from infra.stack.constructs.job import GENERATOR_PACKAGES
from infra.stack.constructs.tags import personal_columns
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.settings import FileArrival
from infra.stack.sources import uploaded_files
from infra.stack.synthesis import StackConfiguration, load_stack, synthesize
from pipelines.catalog import CHANGE_FILES, PIPELINES, RAW_FILES, VOLUMES
from pipelines.schemas import gold
from tests.pipelines.settings import settings_read

SECRET = re.compile(
    r"dapi[0-9a-f]{8}|AKIA[0-9A-Z]{8}|client_secret|BEGIN [A-Z ]*PRIVATE KEY|\"(token|password)\"", re.I
)
HOST = re.compile(r"https?://|databricks\.(com|net)|azuredatabricks")
SECURABLES = ("catalog", "schema", "volume")


def resources(stack: StackConfiguration, kind: str) -> dict[str, Any]:
    return stack["resource"].get(f"databricks_{kind}", {})


def test_no_secret_no_host_and_no_path_of_this_machine(stack: StackConfiguration) -> None:
    text = json.dumps(stack)
    assert not SECRET.search(text)
    assert not HOST.search(text)
    assert str(REPOSITORY) not in text
    assert f"{Path.home()}/" not in text


def test_the_provider_takes_its_credentials_from_outside(stack: StackConfiguration) -> None:
    assert stack["provider"] == {"databricks": [{}]}
    assert stack["terraform"]["required_providers"]["databricks"]["version"] == "1.128.0"


def test_a_local_state_has_a_relative_path_outside_of_the_output(stack: StackConfiguration) -> None:
    for backend in stack["terraform"]["backend"].values():
        assert "path" not in backend or backend["path"].startswith("../../../.")


def test_states_are_apart(stacks: dict[str, StackConfiguration]) -> None:
    states = [json.dumps(stack["terraform"]["backend"], sort_keys=True) for stack in stacks.values()]
    assert len(set(states)) == len(states)


def test_only_dev_and_local_may_destroy_data(stacks: dict[str, StackConfiguration]) -> None:
    for name, stack in stacks.items():
        held = [*resources(stack, "catalog").values(), *resources(stack, "schema").values()]
        assert {item["force_destroy"] for item in held} == {name in {"dev", "local"}}
        assert resources(stack, "directory")["root"]["delete_recursive"] is (name in {"dev", "local"})


def test_prod_protects_what_holds_data(stacks: dict[str, StackConfiguration]) -> None:
    for kind in (*SECURABLES, "pipeline"):
        for item in resources(stacks["prod"], kind).values():
            assert item["lifecycle"] == {"prevent_destroy": True}


def test_one_grants_resource_for_each_securable_and_no_single_grant(stack: StackConfiguration) -> None:
    grants = [grant for grant in resources(stack, "grants").values() if "for_each" not in grant]
    targets = [next(grant[kind] for kind in SECURABLES if kind in grant) for grant in grants]
    held = sum(len(resources(stack, kind)) for kind in SECURABLES)
    assert len(set(targets)) == len(targets) == held == 11
    assert not resources(stack, "grant")


def test_grants_and_permissions_go_to_groups_only(
    stack: StackConfiguration, request: pytest.FixtureRequest
) -> None:
    environment = find_environment(request.node.callspec.params["stack"])
    groups = set(vars(environment.groups).values())
    grants = [block for grant in resources(stack, "grants").values() for block in grant["grant"]]
    assert {block["principal"] for block in grants} == groups
    assert not any("@" in group for group in groups)
    lists = resources(stack, "permissions")
    entries = [entry for permissions in lists.values() for entry in permissions["access_control"]]
    managers = {entry.get("group_name") for entry in entries if entry["permission_level"] == "CAN_MANAGE"}
    assert managers == {environment.groups.planners, environment.groups.drift}
    # No group can own a job or a pipeline, so one service principal does, where CI deploys.
    owners = [entry for entry in entries if entry["permission_level"] == "IS_OWNER"]
    others = [entry for entry in entries if entry["permission_level"] != "IS_OWNER"]
    assert all(entry.keys() == {"group_name", "permission_level"} for entry in others)
    owned = [one for one in lists.values() if not {"directory_id", "dashboard_id"} & one.keys()]
    assert len(owners) == (len(owned) if environment.deployer else 0)
    assert all(entry.keys() == {"service_principal_name", "permission_level"} for entry in owners)


def test_a_group_owns_what_holds_data(stack: StackConfiguration, request: pytest.FixtureRequest) -> None:
    owners = find_environment(request.node.callspec.params["stack"]).groups.owners
    for kind in ("catalog", "schema", "volume"):
        assert {one["owner"] for one in resources(stack, kind).values()} == {owners}


def test_pipelines_wait_for_the_grants_of_whoever_they_run_as(stack: StackConfiguration) -> None:
    found = resources(stack, "grants").items()
    # Those on tables wait for the pipelines.
    grants = {f"databricks_grants.{name}" for name, grant in found if "for_each" not in grant}
    for pipeline in resources(stack, "pipeline").values():
        assert set(pipeline["depends_on"]) == grants


def test_files_of_real_data_are_written_by_ingest_alone(stacks: dict[str, StackConfiguration]) -> None:
    grants = resources(stacks["prod"], "grants")
    for volume in (RAW_FILES, CHANGE_FILES):
        blocks = grants[f"grants_volume_{volume.name}"]["grant"]
        writers = {one["principal"] for one in blocks if "WRITE_VOLUME" in one["privileges"]}
        assert writers == {"olist-prod-ingest"}


def test_managing_is_for_those_who_must_see_all(
    stack: StackConfiguration, request: pytest.FixtureRequest
) -> None:
    groups = find_environment(request.node.callspec.params["stack"]).groups
    blocks = [block for one in resources(stack, "grants").values() for block in one["grant"]]
    assert {one["principal"] for one in blocks if "MANAGE" in one["privileges"]} == {
        groups.planners,
        groups.drift,
    }
    assert {one["principal"] for one in blocks if "APPLY_TAG" in one["privileges"]} == {groups.owners}


def test_readers_see_gold_without_its_persons_where_data_is_real(
    stacks: dict[str, StackConfiguration],
) -> None:
    for name in ("staging", "prod"):
        grants = resources(stacks[name], "grants")
        seen = {
            key: block["privileges"]
            for key, grant in grants.items()
            for block in grant["grant"]
            if block["principal"] == "olist-readers"
        }
        assert seen == {
            "grants_catalog": ["USE_CATALOG"],
            "grants_gold": ["USE_SCHEMA"],
            "grants_reader_table": ["SELECT"],
        }
        read = {table.split(".name}.")[1] for table in stacks[name]["locals"]["reader_tables"]}
        assert read == {table.name for table in gold.TABLES} - {"gold.customer_segments"}


def test_nobody_but_what_runs_the_pipelines_reads_who_was_erased(
    stack: StackConfiguration, request: pytest.FixtureRequest
) -> None:
    runners = find_environment(request.node.callspec.params["stack"]).groups.runners
    grants = resources(stack, "grants")
    for key in ("grants_privacy", "grants_volume_erasure_requests"):
        assert [block["principal"] for block in grants[key]["grant"]] == [runners]


def test_the_erasure_is_for_what_runs_the_pipelines_and_comes_after_what_reads(
    stack: StackConfiguration, request: pytest.FixtureRequest
) -> None:
    runners = find_environment(request.node.callspec.params["stack"]).groups.runners
    permitted = resources(stack, "permissions")["permissions_erase"]["access_control"]
    assert {e["group_name"] for e in permitted if e["permission_level"] == "CAN_MANAGE_RUN"} == {runners}
    job = resources(stack, "job")["erase"]
    before = {task["task_key"]: [d["task_key"] for d in task.get("depends_on", [])] for task in job["task"]}
    assert before == {
        "privacy": [],
        "medallion": ["privacy"],
        "cdc": ["privacy"],
        "quality": ["cdc", "medallion"],
        "erase": ["quality"],
    }
    assert "schedule" not in job and "trigger" not in job


def test_dev_opens_what_the_first_version_opened(stacks: dict[str, StackConfiguration]) -> None:
    grants = resources(stacks["dev"], "grants")
    opened = {
        key: block["privileges"]
        for key, grant in grants.items()
        for block in grant["grant"]
        if block["principal"] == "account users"
    }
    layers = {f"grants_{schema}": ["SELECT", "USE_SCHEMA"] for schema in ("bronze", "silver", "gold", "cdc")}
    assert opened == {"grants_catalog": ["USE_CATALOG"], **layers}


def test_what_holds_personal_data_is_tagged(stack: StackConfiguration) -> None:
    tags = resources(stack, "entity_tag_assignment")
    schemas = {column.split(".")[0] for column in personal_columns()}
    assert schemas == {"bronze", "silver", "gold", "cdc", "utils"}
    assert [c for c in personal_columns() if c.startswith("gold.")] == [
        "gold.customer_segments.customer_unique_id"
    ]
    assert {f"pii_schema_{schema}" for schema in schemas} <= tags.keys()
    assert {"pii_volume_olist", "pii_volume_cdc_volume"} <= tags.keys()


def test_personal_columns_are_tagged_where_data_may_be_real(stacks: dict[str, StackConfiguration]) -> None:
    assert len(personal_columns()) >= 12
    for name, stack in stacks.items():
        tagged = "pii_column" in resources(stack, "entity_tag_assignment")
        assert tagged is (name in {"staging", "prod"})
        if tagged:
            names = [column.split(".name}.")[1] for column in stack["locals"]["pii_columns"]]
            assert names == personal_columns()


def test_a_service_principal_runs_staging_and_prod(stacks: dict[str, StackConfiguration]) -> None:
    for name in ("staging", "prod"):
        runners = {"service_principal_name": "${data.databricks_service_principal.runner.application_id}"}
        runs = [*resources(stacks[name], "pipeline").values(), *resources(stacks[name], "job").values()]
        assert [item["run_as"] for item in runs] == [runners] * 9


def test_jobs_stop_retry_and_tell(stack: StackConfiguration) -> None:
    job = resources(stack, "job")["job"]
    assert job["timeout_seconds"] > 0
    assert job["max_concurrent_runs"] == 1
    assert job["email_notifications"]["on_failure"]
    for task in job["task"]:
        assert task["timeout_seconds"] > 0
        assert task["max_retries"] == (0 if task["task_key"] == "quality_gate" else 2)


def test_nothing_starts_by_itself_before_somebody_says_so(stacks: dict[str, StackConfiguration]) -> None:
    for stack in stacks.values():
        assert resources(stack, "job")["job"]["schedule"]["pause_status"] == "PAUSED"


def test_the_job_can_start_when_raw_files_arrive(tmp_path: Path) -> None:
    arrival = FileArrival(at_most_every_minutes=60, quiet_minutes=5, paused=False)
    stack = load_stack(synthesize(replace(find_environment("prod"), trigger=arrival), tmp_path))
    job = resources(stack, "job")["job"]
    assert "schedule" not in job
    assert job["trigger"] == {
        "file_arrival": {
            "url": "${databricks_volume.volume_olist.volume_path}/",
            "min_time_between_triggers_seconds": 3600,
            "wait_after_last_change_seconds": 300,
        },
        "pause_status": "UNPAUSED",
    }


def test_tasks_run_in_order_and_stand_in_the_providers_order(stacks: dict[str, StackConfiguration]) -> None:
    for name, stack in stacks.items():
        tasks = resources(stack, "job")["job"]["task"]
        keys = [task["task_key"] for task in tasks]
        assert keys == sorted(keys)
        first = ["generate"] if find_environment(name).generate else []
        before = {task["task_key"]: [d["task_key"] for d in task.get("depends_on", [])] for task in tasks}
        assert before == {
            **{key: [] for key in first},
            "privacy": first,
            "medallion": ["privacy"],
            "cdc": ["privacy"],
            "quality": ["cdc", "medallion"],
            "quality_gate": ["quality"],
            "gold": ["quality_gate"],
        }


def test_optional_blocks_that_drift_could_hide_behind_are_there(stack: StackConfiguration) -> None:
    for kind in ("catalog", "schema"):
        for item in resources(stack, kind).values():
            assert item["comment"] and item["properties"]
    assert all(volume["comment"] for volume in resources(stack, "volume").values())
    job = resources(stack, "job")["job"]
    assert all(
        job[block]
        for block in ("description", "tags", "schedule", "queue", "health", "notification_settings")
    )
    for pipeline in resources(stack, "pipeline").values():
        assert all(
            pipeline[block] for block in ("configuration", "notification", "tags", "library", "root_path")
        )
        assert pipeline["serverless"] is True and pipeline["schema"] and "target" not in pipeline


def test_every_schema_comment_is_its_own(stack: StackConfiguration) -> None:
    comments = [item["comment"] for kind in SECURABLES for item in resources(stack, kind).values()]
    assert len(set(comments)) == len(comments)


def test_every_file_is_uploaded_once(
    stack: StackConfiguration, stack_folders: dict[str, Path], request: pytest.FixtureRequest
) -> None:
    folder = stack_folders[request.node.callspec.params["stack"]]
    uploads = list(resources(stack, "workspace_file").values())
    contents = sorted((folder / upload["source"]).read_bytes() for upload in uploads)
    assert contents == sorted((REPOSITORY / file).read_bytes() for file in uploaded_files())
    assert len({upload["path"] for upload in uploads}) == len(uploads)
    assert all(upload["md5"] == f'${{filemd5("{upload["source"]}")}}' for upload in uploads)


def test_pipelines_read_the_declared_volumes(stack: StackConfiguration) -> None:
    files = [path for path in (REPOSITORY / "pipelines").rglob("*.py") if path.name != "catalog.py"]
    keys = {key for path in files for key in settings_read(path.read_text())}
    declared = {key for each in PIPELINES for key in each.settings} | {each.setting for each in VOLUMES}
    assert declared == keys
    for name, pipeline in resources(stack, "pipeline").items():
        folder = REPOSITORY / "pipelines" / name.removeprefix("pipeline_")
        read = {key for path in folder.rglob("*.py") for key in settings_read(path.read_text())}
        assert read <= pipeline["configuration"].keys()
        assert pipeline["configuration"]["olist.raw_path"] == "${databricks_volume.volume_olist.volume_path}"
        assert (
            pipeline["configuration"]["olist.cdc_path"]
            == "${databricks_volume.volume_cdc_volume.volume_path}"
        )
        assert pipeline["catalog"] == "${databricks_catalog.catalog.name}"


def test_names_are_references(stack: StackConfiguration) -> None:
    """Only the owner of a name writes it; all others refer to it."""
    catalog = resources(stack, "catalog")["catalog"]["name"]
    root = resources(stack, "directory")["root"]["path"]
    assert json.dumps(stack["resource"]).count(f'"{catalog}"') == 1
    assert json.dumps(stack["resource"]).count(f'"{root}') == 1


@pytest.mark.parametrize("name", [name for name in BUILDERS if find_environment(name).generate])
def test_the_generators_packages_are_the_locked_ones(
    name: str, stacks: dict[str, StackConfiguration]
) -> None:
    (environment,) = resources(stacks[name], "job")["job"]["environment"]
    locked = json.loads((REPOSITORY / "Pipfile.lock").read_text())["default"]
    assert environment["spec"]["dependencies"] == [f"{p}{locked[p]['version']}" for p in GENERATOR_PACKAGES]
