"""Checks what GitHub must be told beside the code: `python -m infra.ci.repository_settings OWNER/REPOSITORY`.

It reads only: the rules of main, the environments of the workflows, code owners, and what a workflow's token may do.
Prints what is missing, one line each. Exit code 0: nothing is. 2: something is. 1: GitHub could not be asked.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import UserError
from infra.ci.github import ask

Ask = Callable[[str], Any]
MAIN = "main"
# The job of the workflow `ci` that runs everything but what takes minutes on Spark.
CHECK = "test"


@dataclass(frozen=True)
class Protection:
    """What keeps an environment's identity from whoever may push a branch."""

    main_only: bool
    reviewers: bool


ENVIRONMENTS = {
    **dict.fromkeys(("plan-dev", "plan-staging", "plan-prod"), Protection(main_only=False, reviewers=False)),
    **dict.fromkeys(
        ("drift-dev", "drift-staging", "drift-prod", "staging"), Protection(main_only=True, reviewers=False)
    ),
    **dict.fromkeys(
        ("prod", "staging-approval", "prod-approval"), Protection(main_only=True, reviewers=True)
    ),
}


def problems(repository: str, asked: Ask = ask) -> list[str]:
    """What is missing, in words; `asked` gives GitHub's answer to a path."""
    top = f"repos/{repository}"
    environments = {one["name"]: one for one in asked(f"{top}/environments?per_page=100")["environments"]}
    return [
        *_of_main(asked(f"{top}/rules/branches/{MAIN}?per_page=100")),
        *(
            problem
            for name, wanted in ENVIRONMENTS.items()
            for problem in _of_environment(top, name, wanted, environments.get(name), asked)
        ),
        *(
            f"CODEOWNERS line {one['line']}: {one['kind']}"
            for one in asked(f"{top}/codeowners/errors")["errors"]
        ),
        *_of_tokens(asked(f"{top}/actions/permissions/workflow")),
    ]


def _of_main(rules: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Of several rules of a kind the strictest holds, as on GitHub."""
    given: dict[str, list[Mapping[str, Any]]] = {}
    for rule in rules:
        given.setdefault(rule["type"], []).append(rule.get("parameters") or {})
    for kind in ("deletion", "non_fast_forward", "pull_request", "required_status_checks"):
        if kind not in given:
            yield f"{MAIN} has no rule {kind}"
    reviews = given.get("pull_request", [])
    if reviews and not any(one.get("required_approving_review_count", 0) for one in reviews):
        yield f"{MAIN}: a pull request needs no approval"
    for setting in (
        "require_code_owner_review", "dismiss_stale_reviews_on_push", "require_last_push_approval"
    ):  # fmt: skip
        if reviews and not any(one.get(setting) for one in reviews):
            yield f"{MAIN}: {setting} is off"
    checks = [
        one for rule in given.get("required_status_checks", []) for one in rule["required_status_checks"]
    ]
    if checks and CHECK not in {one["context"] for one in checks}:
        yield f"{MAIN}: the check {CHECK} is not required"


def _of_environment(
    top: str, name: str, wanted: Protection, found: Mapping[str, Any] | None, asked: Ask
) -> Iterator[str]:
    if found is None:
        yield f"there is no environment {name}"
        return
    if wanted.reviewers and not any(one["type"] == "required_reviewers" for one in found["protection_rules"]):
        yield f"{name} has no required reviewers"
    if wanted.main_only and _branches(top, found, asked) != {MAIN}:
        yield f"{name} is not for {MAIN} alone"


def _branches(top: str, found: Mapping[str, Any], asked: Ask) -> set[str] | None:
    """The branches that may use an environment; None where any may, or any that some rule protects."""
    policy = found.get("deployment_branch_policy") or {}
    if not policy.get("custom_branch_policies"):
        return None
    rules = asked(f"{top}/environments/{found['name']}/deployment-branch-policies")["branch_policies"]
    return {one["name"] for one in rules}


def _of_tokens(found: Mapping[str, Any]) -> Iterator[str]:
    if found.get("default_workflow_permissions") != "read":
        yield "a workflow's token may write where its job does not say otherwise"
    if found.get("can_approve_pull_request_reviews"):
        yield "workflows may approve pull requests"


def main(arguments: list[str]) -> int:
    """Ask, print what is missing, and return the exit code."""
    if len(arguments) != 1:
        print("usage: python -m infra.ci.repository_settings OWNER/REPOSITORY", file=sys.stderr)
        return 1
    try:
        found = problems(arguments[0])
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\n".join(found) or "nothing is missing")
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
