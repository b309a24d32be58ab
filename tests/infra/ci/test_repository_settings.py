"""What GitHub is told beside the code, on answers in the form of its API."""

from copy import deepcopy
from typing import Any

import pytest
import yaml

from common.checkout import REPOSITORY
from infra.ci.repository_settings import CHECK, ENVIRONMENTS, Protection, problems

WORKFLOWS = REPOSITORY / ".github" / "workflows"
Answers = dict[str, Any]


def rule(kind: str, **parameters: Any) -> dict[str, Any]:
    return {"type": kind, "ruleset_id": 7, "ruleset_source": "o/r", "parameters": parameters}


def environment(name: str, protection: Protection) -> dict[str, Any]:
    rules: list[dict[str, Any]] = []
    if protection.reviewers:
        rules.append({"id": 1, "type": "required_reviewers", "reviewers": [{"type": "Team"}]})
    policy = None
    if protection.main_only:
        rules.append({"id": 2, "type": "branch_policy"})
        policy = {"protected_branches": False, "custom_branch_policies": True}
    return {"name": name, "protection_rules": rules, "deployment_branch_policy": policy}


def sound() -> Answers:
    """All that GitHub is asked, as it answers where everything is set."""
    reviews = {
        "required_approving_review_count": 1,
        "require_code_owner_review": True,
        "dismiss_stale_reviews_on_push": True,
        "require_last_push_approval": True,
    }
    checks = [{"context": "test", "integration_id": 15368}, {"context": "spark", "integration_id": 15368}]
    answers: Answers = {
        "rules/branches/main?per_page=100": [
            rule("deletion"),
            rule("non_fast_forward"),
            rule("pull_request", **reviews),
            rule("required_status_checks", required_status_checks=checks),
        ],
        "environments?per_page=100": {
            "environments": [environment(name, wanted) for name, wanted in ENVIRONMENTS.items()]
        },
        "codeowners/errors": {"errors": []},
        "actions/permissions/workflow": {
            "default_workflow_permissions": "read",
            "can_approve_pull_request_reviews": False,
        },
    }
    policies = {"branch_policies": [{"name": "main"}]}
    paths = [f"environments/{name}/deployment-branch-policies" for name in ENVIRONMENTS]
    return answers | {path: deepcopy(policies) for path in paths}


def found(answers: Answers) -> list[str]:
    return problems("o/r", lambda path: answers[path.removeprefix("repos/o/r/")])


def of(answers: Answers, name: str) -> dict[str, Any]:
    listed = answers["environments?per_page=100"]["environments"]
    return next(one for one in listed if one["name"] == name)


def test_nothing_is_missing_where_everything_is_set() -> None:
    assert found(sound()) == []


def test_a_repository_that_nobody_set_up() -> None:
    answers = sound()
    answers["rules/branches/main?per_page=100"] = []
    answers["environments?per_page=100"] = {"environments": []}
    told = found(answers)
    assert "main has no rule pull_request" in told
    assert [line for line in told if line.startswith("there is no environment ")] == [
        f"there is no environment {name}" for name in ENVIRONMENTS
    ]


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("required_approving_review_count", 0, "main: a pull request needs no approval"),
        ("require_code_owner_review", False, "main: require_code_owner_review is off"),
        ("dismiss_stale_reviews_on_push", False, "main: dismiss_stale_reviews_on_push is off"),
    ],
)
def test_reviews_that_bind_nobody(setting: str, value: object, told: str) -> None:
    answers = sound()
    answers["rules/branches/main?per_page=100"][2]["parameters"][setting] = value
    assert found(answers) == [told]


def test_a_check_that_may_be_red() -> None:
    answers = sound()
    answers["rules/branches/main?per_page=100"][3]["parameters"]["required_status_checks"] = [
        {"context": "spark"}
    ]
    assert found(answers) == ["main: the check test is not required"]


def test_prod_without_an_approval() -> None:
    answers = sound()
    of(answers, "prod")["protection_rules"] = [{"id": 2, "type": "branch_policy"}]
    assert found(answers) == ["prod has no required reviewers"]


@pytest.mark.parametrize("policy", [None, {"protected_branches": True, "custom_branch_policies": False}])
def test_an_identity_that_any_branch_may_take(policy: dict[str, bool] | None) -> None:
    answers = sound()
    of(answers, "drift-prod")["deployment_branch_policy"] = policy
    assert found(answers) == ["drift-prod is not for main alone"]


def test_an_identity_for_more_than_main() -> None:
    answers = sound()
    rules = answers["environments/staging/deployment-branch-policies"]["branch_policies"]
    rules.append({"name": "release/*"})
    assert found(answers) == ["staging is not for main alone"]


def test_code_owners_that_are_nobody_and_tokens_that_write() -> None:
    answers = sound()
    answers["codeowners/errors"] = {"errors": [{"line": 6, "kind": "Unknown owner"}]}
    answers["actions/permissions/workflow"] = {
        "default_workflow_permissions": "write",
        "can_approve_pull_request_reviews": True,
    }
    assert found(answers) == [
        "CODEOWNERS line 6: Unknown owner",
        "a workflow's token may write where its job does not say otherwise",
        "workflows may approve pull requests",
    ]


def test_the_environments_are_those_of_the_workflows() -> None:
    """What stands for a name in them are the environments that are planned, compared and deployed."""
    used: set[str] = set()
    for path in WORKFLOWS.glob("*.yml"):
        used |= {str(job["environment"]) for job in _jobs(path.name).values() if "environment" in job}
    filled = {one.split("-")[0] for one in used if "${{" in one and not one.startswith("${{")}
    assert filled == {"plan", "drift"}
    compared = set(_jobs("drift.yml")["drift"]["strategy"]["matrix"]["environment"])
    deployed = {job["with"]["environment"] for job in _jobs("deploy.yml").values() if "with" in job}
    assert set(ENVIRONMENTS) == {
        *(f"{use}-{name}" for use in filled for name in compared),
        *deployed,
        *(f"{name}-approval" for name in deployed),
    }


def test_the_check_that_is_required_is_a_job() -> None:
    assert CHECK in _jobs("ci.yml")


def _jobs(workflow: str) -> dict[str, Any]:
    return yaml.safe_load((WORKFLOWS / workflow).read_text())["jobs"]
