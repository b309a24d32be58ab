"""Whether a commit on main has a reviewed plan, from GitHub's answers alone.

It counts only when all of this holds: the commit is the merge of one pull request of this repository into main; the
newest run of the plan workflow on that pull request's last commit is green; it left a plan of this very tree. Anything
else may come from a fork, from another workflow, or from a commit that nobody reviewed. What is in the plan is not
trusted either: infra/deploy/packed.py looks into it.
"""

from collections.abc import Iterable, Sequence

from common.errors import UserError
from infra.ci.github import GitHubObject

WORKFLOW, MAIN = ".github/workflows/plan.yml", "main"
DANGEROUS = "dangerous-plan "
LABEL = DANGEROUS + "{environment} {digest}"


class NoReviewedPlanError(UserError):
    """Why a plan is not to be applied, or not to be shown: the deployment plans anew and waits for an approval."""


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
    # One commit may be the last of several branches, and its other runs tell nothing of when it came to this one.
    found = [run for run in runs if is_of_no_fork(run, repository) and _head_of(run) == _head_of_pull(pull)]
    return sorted(found, key=lambda run: run["run_number"])


def told_pull(pulls: Iterable[GitHubObject], run: GitHubObject, repository: str) -> GitHubObject:
    """The open pull request into main, a fork's or not, whose last commit `run` is of, out of those of its branch.

    Of a branch that two pull requests would merge nobody knows whose the run is.
    """
    if not _is_planning(run) or _head_of(run)[0] is None:
        raise NoReviewedPlanError(f"run {run['id']} is none of the plan workflow")
    found = [pull for pull in pulls if pull["state"] == "open" and _head_of_pull(pull) == _head_of(run)]
    if len(found) != 1:
        raise NoReviewedPlanError(
            f"{run['head_sha'][:12]} is the last commit of {len(found)} open pull requests of its branch"
        )
    (pull,) = found
    if _repository_of(pull["base"]) != repository or pull["base"]["ref"] != MAIN:
        raise NoReviewedPlanError(f"#{pull['number']} does not go into {MAIN}")
    return pull


def is_newest(run: GitHubObject, runs: Iterable[GitHubObject]) -> bool:
    """Whether no later run of the plan workflow on the commit of `run`, in its branch and repository, tells more."""
    alike = [one for one in runs if _is_planning(one) and _head_of(one) == _head_of(run)]
    return bool(alike) and max(alike, key=lambda one: one["run_number"])["id"] == run["id"]


def is_of_no_fork(run: GitHubObject, repository: str) -> bool:
    """Whether it is a run of this repository's plan workflow for a pull request that is no fork's."""
    return _is_planning(run) and _head_of(run)[0] == repository


def _is_planning(run: GitHubObject) -> bool:
    return run["path"].partition("@")[0] == WORKFLOW and run["event"] == "pull_request"


def _head_of(run: GitHubObject) -> tuple[str | None, str, str]:
    """The repository, the branch and the commit that a run is of."""
    return (run["head_repository"] or {}).get("full_name"), run["head_branch"], run["head_sha"]


def _head_of_pull(pull: GitHubObject) -> tuple[str | None, str, str]:
    return _repository_of(pull["head"]), pull["head"]["ref"], pull["head"]["sha"]


def has_artifact(artifacts: Iterable[GitHubObject], name: str) -> bool:
    """Whether a run's artifacts have one of this name that can still be had."""
    return any(one["name"] == name and not one["expired"] for one in artifacts)


def is_accepted(
    events: Iterable[GitHubObject], pull: GitHubObject, runs: Sequence[GitHubObject], label: str
) -> bool:
    """Whether a person put `label` on the pull request after its last push, and left it there, who made nothing of it.

    So neither the author of the pull request nor whoever pushed last. `events` are those of the pull request, `runs`
    those of its last commit, the oldest first, which began with the push.
    """
    events = list(events)
    last = _last_event(events, label)
    if last is None or last["event"] != "labeled" or not runs:
        return False
    actor = last["actor"] or {}
    makers = {pull["user"]["login"], *(_login(push) for push in _pushes(events, runs))}
    by_another = actor.get("type") == "User" and actor["login"] not in makers
    return by_another and _is_after_push(last, events, runs)


def fallen_labels(
    labels: Iterable[str], events: Sequence[GitHubObject], runs: Sequence[GitHubObject]
) -> list[str]:
    """Those of a pull request's labels that accepted a plan before its last push; arguments as of `is_accepted`."""
    found = {label: _last_event(events, label) for label in labels if label.startswith(DANGEROUS)}
    return [
        label for label, last in found.items() if runs and not (last and _is_after_push(last, events, runs))
    ]


def _last_event(events: Iterable[GitHubObject], label: str) -> GitHubObject | None:
    found = [
        event
        for event in events
        if event["event"] in {"labeled", "unlabeled"} and event["label"]["name"] == label
    ]
    return max(found, key=lambda event: (event["created_at"], event["id"]), default=None)


def _is_after_push(event: GitHubObject, events: Iterable[GitHubObject], runs: Sequence[GitHubObject]) -> bool:
    return event["created_at"] > max(push["created_at"] for push in _pushes(events, runs))


def _pushes(events: Iterable[GitHubObject], runs: Sequence[GitHubObject]) -> list[GitHubObject]:
    """What tells when the last commit came and by whom: its first run, and each time that the branch was moved.

    A branch that is moved back to a commit has the runs that this commit had before.
    """
    return [runs[0], *(event for event in events if event["event"] == "head_ref_force_pushed")]


def _login(event: GitHubObject) -> str | None:
    return (event["actor"] or {}).get("login")


def _repository_of(side: GitHubObject) -> str | None:
    """A fork that was deleted since has no repository."""
    return (side["repo"] or {}).get("full_name")
