"""What an account administrator applies once is what environments, workflows and drift then count on."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from infra.bootstrap.account import ACCOUNT, Account
from infra.bootstrap.bootstrap_stack import main, synthesize_bootstrap
from infra.ci.repository_settings import ENVIRONMENTS
from infra.deploy.state_policy import bucket_policy
from infra.stack.environments import BUILDERS, STATE_BUCKET, find_environment
from infra.stack.identities import identities
from infra.stack.settings import S3State
from infra.stack.synthesis import load_stack

OURS = replace(
    ACCOUNT,
    databricks_account="11111111-2222-3333-4444-555555555555",
    aws_account="123456789012",
    workspaces={"dev": 1, "staging": 1, "prod": 3},
)
SHARED = [one for one in map(find_environment, BUILDERS) if isinstance(one.state, S3State)]
REFERENCE = re.compile(r"\$\{(\w+)\.([\w-]+)\.\w+\}")
SUBJECT = re.compile(r"repo:olist-lakehouse/olist-lakehouse:environment:(.+)")
Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return load_stack(synthesize_bootstrap(OURS, tmp_path_factory.mktemp("bootstrap")))


@pytest.fixture(scope="module")
def resources(bootstrap: dict[str, Any]) -> Resources:
    return bootstrap["resource"]


def named(resources: Resources, kind: str) -> set[str]:
    return {one["display_name"] for one in resources[kind].values()}


def test_every_group_that_an_environment_grants_to_is_made(resources: Resources) -> None:
    wanted = {name for one in SHARED for name in vars(one.groups).values()} - {"account users"}
    assert named(resources, "databricks_group") == wanted


def test_every_principal_that_an_environment_names_is_made(resources: Resources) -> None:
    made = named(resources, "databricks_service_principal")
    for one in SHARED:
        assert {one.run_as, one.deployer} - {None} <= made
        assert {f"olist-{one.name}-planner", f"olist-{one.name}-drift"} <= made


def test_each_is_a_member_of_the_group_that_has_its_rights(resources: Resources) -> None:
    members = {
        (REFERENCE.fullmatch(one["member_id"])[2], REFERENCE.fullmatch(one["group_id"])[2])  # type: ignore[index]
        for one in resources["databricks_group_member"].values()
    }
    assert members == {(f"{one.name}-principal", one.group) for env in SHARED for one in identities(env)}


def test_each_github_environment_logs_in_as_one_identity_and_nobody_else_does(
    bootstrap: dict[str, Any], resources: Resources
) -> None:
    policies = resources["databricks_service_principal_federation_policy"].values()
    subjects = [one["oidc_policy"]["subject"] for one in policies]
    assert sorted(SUBJECT.fullmatch(one)[1] for one in subjects) == sorted(ENVIRONMENTS)  # type: ignore[index]
    assert {tuple(one["oidc_policy"]["audiences"]) for one in policies} == {(OURS.databricks_account,)}
    variables = bootstrap["output"]["github_variables"]["value"]
    assert variables.keys() == ENVIRONMENTS.keys()
    for name, given in variables.items():
        # Drift reads no state.
        assert ("AWS_ROLE_ARN" in given) == (not name.startswith("drift-"))


def test_a_role_is_taken_by_the_jobs_of_its_own_environment_alone(resources: Resources) -> None:
    taken: dict[str, set[str]] = {}
    for name, role in resources["aws_iam_role"].items():
        (statement,) = json.loads(role["assume_role_policy"])["Statement"]
        if "Federated" in statement["Principal"]:
            condition = statement["Condition"]["StringEquals"]
            assert condition["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
            subjects = condition["token.actions.githubusercontent.com:sub"]
            taken[name] = {SUBJECT.fullmatch(one)[1] for one in subjects}  # type: ignore[index]
    assert taken == {
        "lakehouse-dev-planner": {"plan-dev"},
        "lakehouse-staging-planner": {"plan-staging"},
        "lakehouse-staging-deployer": {"staging", "staging-approval"},
        "lakehouse-prod-planner": {"plan-prod"},
        "lakehouse-prod-deployer": {"prod", "prod-approval"},
    }


def test_a_planner_reads_the_state_and_writes_nothing(resources: Resources) -> None:
    for name, one in resources["aws_iam_role_policy"].items():
        statements = json.loads(one["policy"])["Statement"]
        actions = {action for each in statements for action in [each["Action"]] if isinstance(action, str)}
        assert ("s3:PutObject" in actions) == ("deployer" in name)
        stack = name.removesuffix("-state").rpartition("-")[0]
        keys = {each["Resource"] for each in statements} - {f"arn:aws:s3:::{STATE_BUCKET}"}
        assert all(key.startswith(f"arn:aws:s3:::{STATE_BUCKET}/{stack}.tfstate") for key in keys)


def test_the_bucket_keeps_versions_and_each_environments_keys_to_itself(resources: Resources) -> None:
    assert resources["aws_s3_bucket"]["states"]["lifecycle"] == {"prevent_destroy": True}
    assert resources["aws_s3_bucket_versioning"]["versions"]["versioning_configuration"] == {
        "status": "Enabled"
    }
    policy = json.loads(resources["aws_s3_bucket_policy"]["own_keys"]["policy"])
    assert policy == bucket_policy(SHARED, OURS.aws_account, OURS.state_admin)


def test_whoever_deploys_administers_its_workspace_and_may_use_the_runner(resources: Resources) -> None:
    levels = {
        name: one["permissions"] for name, one in resources["databricks_mws_permission_assignment"].items()
    }
    assert {name for name, level in levels.items() if level == ["ADMIN"]} == {
        "1-staging-deployer-assigned",
        "3-prod-deployer-assigned",
    }
    # dev and staging share a workspace here, and engineers are let into it once.
    assert sorted(name for name in levels if "olist-engineers" in name) == [
        "1-olist-engineers-assigned",
        "3-olist-engineers-assigned",
    ]
    rules = resources["databricks_access_control_rule_set"]
    assert rules.keys() == {"staging-runner-users", "prod-runner-users"}


def test_no_workspace_is_needed_to_begin(tmp_path: Path) -> None:
    stack = load_stack(synthesize_bootstrap(replace(OURS, workspaces={}), tmp_path))
    assert "databricks_mws_permission_assignment" not in stack["resource"]


def test_whatever_is_referred_to_is_declared(bootstrap: dict[str, Any], resources: Resources) -> None:
    for kind, name in REFERENCE.findall(json.dumps([resources, bootstrap["output"]])):
        assert name in resources[kind]
    for one in (each for kind in resources.values() for each in kind.values()):
        for address in one.get("depends_on", []):
            kind, name = address.split(".")
            assert name in resources[kind]


@pytest.mark.parametrize(
    ("setting", "value"),
    [("databricks_account", "mine"), ("aws_account", "1234"), ("repository", "https://github.com/o/r")],
)
def test_a_wrong_value_is_named(setting: str, value: str) -> None:
    with pytest.raises(UserError, match=f"infra/bootstrap/account.py: {setting} "):
        replace(OURS, **{setting: value})


def test_placeholders_are_not_applied(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 1
    assert "account.py has placeholders" in capsys.readouterr().err


def test_a_repository_may_have_ids_in_its_subject() -> None:
    assert Account(OURS.databricks_account, OURS.aws_account, "owner@12/repo@34", "admin").repository
