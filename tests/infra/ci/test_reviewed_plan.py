"""Each way to have a plan applied that nobody reviewed, played on answers in the form of GitHub's API."""

from copy import deepcopy
from typing import Any

import pytest

from infra.ci.reviewed_plan import (
    LABEL,
    NoReviewedPlanError,
    fallen_labels,
    green_run,
    has_artifact,
    is_accepted,
    merged_pull,
    own_runs,
)

OURS, COMMIT, HEAD = "olist/lakehouse", "c0ffee" * 6 + "c0ff", "1" * 40
Answer = dict[str, Any]

PULL: Answer = {
    "number": 7,
    "state": "closed",
    "merged_at": "2026-11-27T10:00:00Z",
    "merge_commit_sha": COMMIT,
    "user": {"login": "author", "type": "User"},
    "head": {"sha": HEAD, "ref": "change", "repo": {"full_name": OURS, "fork": False}},
    "base": {"sha": "2" * 40, "ref": "main", "repo": {"full_name": OURS, "fork": False}},
}
RUN: Answer = {
    "id": 900,
    "run_number": 12,
    "run_attempt": 1,
    "path": ".github/workflows/plan.yml",
    "event": "pull_request",
    "status": "completed",
    "conclusion": "success",
    "head_sha": HEAD,
    "head_branch": "change",
    "created_at": "2026-11-27T08:00:00Z",
    "actor": {"login": "author", "type": "User"},
    "repository": {"full_name": OURS},
    "head_repository": {"full_name": OURS, "fork": False},
}
FORK = {"full_name": "stranger/lakehouse", "fork": True}
LABELLED = LABEL.format(environment="prod", digest="ab" * 12)


def changed(answer: Answer, **fields: Any) -> Answer:
    return {**deepcopy(answer), **fields}


def test_the_plan_of_a_merged_pull_request_is_found() -> None:
    pull = merged_pull([PULL], OURS, COMMIT)
    assert green_run([RUN], pull, OURS)["id"] == 900


@pytest.mark.parametrize(
    ("pulls", "why"),
    [
        ([], "of 0 pull requests"),
        ([changed(PULL, merged_at=None)], "of 0 pull requests"),
        ([changed(PULL, merge_commit_sha="3" * 40)], "of 0 pull requests"),
        ([PULL, changed(PULL, number=8)], "of 2 pull requests"),
        ([changed(PULL, base={**PULL["base"], "ref": "release"})], "#7 was not merged into main"),
        ([changed(PULL, base={**PULL["base"], "repo": FORK})], "#7 was not merged into main"),
        ([changed(PULL, head={**PULL["head"], "repo": FORK})], "#7 comes from a fork"),
        ([changed(PULL, head={**PULL["head"], "repo": None})], "#7 comes from a fork"),
    ],
    ids=[
        "a push",
        "not merged",
        "contains the commit",
        "two",
        "another branch",
        "merged in a fork",
        "fork",
        "gone",
    ],
)
def test_a_commit_without_a_pull_request_of_this_repository_has_no_plan(
    pulls: list[Answer], why: str
) -> None:
    with pytest.raises(NoReviewedPlanError, match=why):
        merged_pull(pulls, OURS, COMMIT)


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (changed(RUN, path=".github/workflows/ci.yml"), "was not planned"),
        (changed(RUN, path=".github/workflows/plan.yml.yml"), "was not planned"),
        (changed(RUN, event="workflow_dispatch"), "was not planned"),
        (changed(RUN, event="push"), "was not planned"),
        (changed(RUN, head_sha="4" * 40), "was not planned"),
        (changed(RUN, head_branch="another"), "was not planned"),
        (changed(RUN, head_repository=FORK), "was not planned"),
        (changed(RUN, head_repository=None), "was not planned"),
        (changed(RUN, conclusion="failure"), "is not green but failure"),
        (changed(RUN, conclusion="cancelled"), "is not green but cancelled"),
        (changed(RUN, conclusion=None, status="in_progress"), "is not green but in_progress"),
    ],
)
def test_a_run_that_is_not_the_green_plan_of_the_last_commit_counts_for_nothing(
    run: Answer, why: str
) -> None:
    with pytest.raises(NoReviewedPlanError, match=why):
        green_run([run], PULL, OURS)


def test_a_green_run_before_a_red_one_counts_for_nothing() -> None:
    red = changed(RUN, id=901, run_number=13, conclusion="failure")
    with pytest.raises(NoReviewedPlanError, match="is not green but failure"):
        green_run([red, RUN], PULL, OURS)
    assert green_run([changed(red, conclusion="success"), RUN], PULL, OURS)["id"] == 901


def test_an_artifact_counts_by_its_whole_name_while_it_can_be_had() -> None:
    name = "plan-prod-5555"
    assert has_artifact([{"name": name, "expired": False}], name)
    assert not has_artifact([{"name": name, "expired": True}], name)
    assert not has_artifact([{"name": f"{name}5", "expired": False}, {"name": "plan-staging-5555"}], name)


def event(
    kind: str, *, label: str = LABELLED, at: str = "08:30", by: str = "reviewer", type: str = "User"
) -> Answer:
    return {
        "id": int(at.replace(":", "")),
        "event": kind,
        "label": {"name": label},
        "actor": {"login": by, "type": type},
        "created_at": f"2026-11-27T{at}:00Z",
    }


def test_a_label_by_another_person_after_the_push_accepts_this_very_plan() -> None:
    events = [{"event": "merged", "id": 1, "created_at": "2026-11-27T10:00:00Z"}, event("labeled")]
    assert is_accepted(events, PULL, [RUN], LABELLED)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [event("labeled", label="dangerous-plan")],
        [event("labeled", label=LABEL.format(environment="prod", digest="cd" * 12))],
        [event("labeled", label=LABEL.format(environment="staging", digest="ab" * 12))],
        [event("labeled", at="07:59")],
        [event("labeled", by="author")],
        [event("labeled", by="github-actions[bot]", type="Bot")],
        [event("labeled"), event("unlabeled", at="09:00")],
        [{**event("labeled"), "actor": None}],
    ],
    ids=[
        "none",
        "no digest",
        "other plan",
        "other env",
        "before the push",
        "author",
        "bot",
        "taken away",
        "ghost",
    ],
)
def test_no_other_label_accepts_it(events: list[Answer]) -> None:
    assert not is_accepted(events, PULL, [RUN], LABELLED)


def test_a_label_is_older_than_the_first_run_of_the_last_push_and_not_than_its_own() -> None:
    own = changed(RUN, id=901, run_number=13, created_at="2026-11-27T08:30:05Z")
    assert is_accepted([event("labeled")], PULL, [RUN, own], LABELLED)
    assert not is_accepted([event("labeled")], PULL, [own], LABELLED)
    assert not is_accepted([event("labeled")], PULL, [], LABELLED)


def test_runs_of_another_commit_do_not_make_a_label_younger() -> None:
    early = changed(RUN, created_at="2026-11-27T06:00:00Z")
    runs = own_runs([changed(early, head_sha="4" * 40), changed(early, path="x"), RUN], PULL, OURS)
    assert not is_accepted([event("labeled", at="07:00")], PULL, runs, LABELLED)


def moved(at: str, by: str = "author") -> Answer:
    """The branch was moved by force, back to a commit that it had before, perhaps."""
    actor = {"login": by, "type": "User"}
    return {
        "id": 3,
        "event": "head_ref_force_pushed",
        "actor": actor,
        "created_at": f"2026-11-27T{at}:00Z",
    }


def test_a_label_falls_when_the_branch_is_moved_back_to_a_commit_that_was_planned_before() -> None:
    before, after = [event("labeled"), moved("08:40")], [event("labeled", at="08:50"), moved("08:40")]
    assert not is_accepted(before, PULL, [RUN], LABELLED)
    assert fallen_labels([LABELLED], before, [RUN]) == [LABELLED]
    assert is_accepted(after, PULL, [RUN], LABELLED)
    assert fallen_labels([LABELLED], after, [RUN]) == []


def test_whoever_pushed_last_accepts_nothing() -> None:
    """A second person may push to the author's branch, and would then be somebody else."""
    pushed = changed(RUN, actor={"login": "reviewer", "type": "User"})
    assert not is_accepted([event("labeled")], PULL, [pushed], LABELLED)
    assert not is_accepted([moved("08:10", "reviewer"), event("labeled")], PULL, [RUN], LABELLED)
    labelled = changed(pushed, id=901, run_number=13, created_at="2026-11-27T08:30:05Z")
    assert is_accepted([event("labeled")], PULL, [RUN, labelled], LABELLED)
