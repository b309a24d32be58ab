"""Whether a commit on main has a reviewed plan, from GitHub's answers alone.

It counts only when all of this holds: the commit is the merge of one pull request of this repository into main; the
newest run of the plan workflow on that pull request's last commit is green; it left a plan of this very tree. Anything
else may come from a fork, from another workflow, or from a commit that nobody reviewed. What is in the plan is not
trusted either: infra/deploy/packed.py looks into it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.errors import UserError

GitHubObject = Mapping[str, Any]
WORKFLOW, MAIN = ".github/workflows/plan.yml", "main"
LABEL = "dangerous-plan {environment} {digest}"


class NoReviewedPlanError(UserError):
    """Why no plan of a pull request may be applied; the deployment plans anew and waits for an approval."""


def merged_pull(pulls: Iterable[GitHubObject], repository: str, commit: str) -> GitHubObject:
    """The pull request whose merge into main is `commit`, out of those that GitHub relates to it."""
    found = [pull for pull in pulls if pull["merged_at"] and pull["merge_commit_sha"] == commit]
    if len(found) != 1:
        raise NoReviewedPlanError(f"{commit[:12]} is the merge of {len(found)} pull requests, not of one")
    (pull,) = found
    if _repository_of(pull["base"]) != repository or pull["base"]["ref"] != MAIN:
        raise NoReviewedPlanError(f"#{pull['number']} was not merged into {MAIN}")
    if _repository_of(pull["head"]) != repository:
        raise NoReviewedPlanError(f"#{pull['number']} comes from a fork")
    return pull


def green_run(runs: Iterable[GitHubObject], pull: GitHubObject, repository: str) -> GitHubObject:
    """The newest run of this repository's plan workflow on the last commit of `pull`, which must be green."""
    found = own_runs(runs, pull, repository)
    if not found:
        raise NoReviewedPlanError(f"the last commit of #{pull['number']} was not planned")
    if found[-1]["conclusion"] != "success":
        said = found[-1]["conclusion"] or found[-1]["status"]
        raise NoReviewedPlanError(f"the last plan of #{pull['number']} is not green but {said}")
    return found[-1]


def own_runs(runs: Iterable[GitHubObject], pull: GitHubObject, repository: str) -> list[GitHubObject]:
    """The runs of this repository's plan workflow on the last commit of `pull`, the oldest first."""
    found = [
        run
        for run in runs
        if run["path"].partition("@")[0] == WORKFLOW
        and run["event"] == "pull_request"
        and run["head_sha"] == pull["head"]["sha"]
        and (run["head_repository"] or {}).get("full_name") == repository
    ]
    return sorted(found, key=lambda run: run["run_number"])


def has_artifact(artifacts: Iterable[GitHubObject], name: str) -> bool:
    """Whether a run's artifacts have one of this name that can still be had."""
    return any(one["name"] == name and not one["expired"] for one in artifacts)


def is_accepted(
    events: Iterable[GitHubObject], pull: GitHubObject, runs: Sequence[GitHubObject], label: str
) -> bool:
    """Whether a person other than the author put `label` on the pull request after its last push, and left it there.

    `events` are those of the pull request, `runs` those of its last commit: the first began with the push.
    """
    found = [
        event
        for event in events
        if event["event"] in {"labeled", "unlabeled"} and event["label"]["name"] == label
    ]
    last = max(found, key=lambda event: (event["created_at"], event["id"]), default=None)
    if last is None or last["event"] != "labeled" or not runs:
        return False
    actor = last["actor"] or {}
    by_another = actor.get("type") == "User" and actor["login"] != pull["user"]["login"]
    return by_another and last["created_at"] > min(run["created_at"] for run in runs)


def _repository_of(side: GitHubObject) -> str | None:
    """A fork that was deleted since has no repository."""
    return (side["repo"] or {}).get("full_name")
