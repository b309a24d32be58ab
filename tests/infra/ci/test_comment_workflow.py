"""A pull request gets one comment, brought up to date in place, by main's code alone."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.checkout import REPOSITORY
from infra.ci import fallen_labels, reviewed_plan
from infra.ci.reviewed_plan import LABEL
from tests.infra.ci.test_reviewed_plan import HEAD, OURS, PULL, RUN, changed, event
from tests.infra.ci.workflow_shell import github, job, run, script, shell_of

JOB = job("comment", "comment")
COMMENT = shell_of(JOB, "Write one comment, or bring it up to date")
MARKER = "<!-- lakehouse plan -->"
BOT = "github-actions[bot]"
GH = """#!/bin/bash
echo "$*" >> calls
case "$*" in
  *--paginate*) for word in "$@"; do last=$word; done; jq -r "$last" < comments.json ;;
esac
"""

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq stands in for the one in gh")


def comment(folder: Path, comments: list[dict[str, object]], plans: str = "", data: str = "") -> str:
    """The comment that the step writes, after its last call in the file `calls`."""
    script(folder / "bin/gh", GH)
    (folder / "comments.json").write_text(json.dumps(comments))
    (folder / "told").mkdir()
    for name, text in (("plans.md", plans), ("data.md", data)):
        if text:
            (folder / "told" / name).write_text(text)
    places = {"COMMENTS": "repos/o/r/issues/7/comments", "GITHUB_REPOSITORY": "o/r", "RUN": "https://run"}
    done = run(folder, COMMENT, **places)
    assert done.returncode == 0, done.stderr
    return (folder / "body.md").read_text()


def by(login: str, number: int, body: str = MARKER) -> dict[str, object]:
    return {"id": number, "user": {"login": login}, "body": body}


@needs_jq
@pytest.mark.parametrize(
    ("comments", "call"),
    [
        ([], "api --method POST repos/o/r/issues/7/comments "),
        ([by(BOT, 3, "hello"), by(BOT, 4)], "api --method PATCH repos/o/r/issues/comments/4 "),
        ([by("stranger", 5)], "api --method POST repos/o/r/issues/7/comments "),
    ],
)
def test_one_comment_is_written_or_brought_up_to_date(
    tmp_path: Path, comments: list[dict[str, object]], call: str
) -> None:
    comment(tmp_path, comments)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 2 and calls[-1].startswith(call)


@needs_jq
def test_no_second_comment_where_the_first_cannot_be_looked_for(tmp_path: Path) -> None:
    script(tmp_path / "bin/gh", '#!/bin/bash\necho "$*" >> calls\nexit 1\n')
    assert run(tmp_path, COMMENT, COMMENTS="c").returncode == 1
    assert len((tmp_path / "calls").read_text().splitlines()) == 1


@needs_jq
def test_the_comment_tells_of_the_plans_and_then_of_the_data(tmp_path: Path) -> None:
    body = comment(tmp_path, [], "### lakehouse-dev: 1 to change\n", "### Data\n\nNothing changed.\n")
    assert body.splitlines() == [
        MARKER,
        "### lakehouse-dev: 1 to change",
        "",
        "### Data",
        "",
        "Nothing changed.",
        "",
        "The figures are what the change's own code computed.",
    ]


@needs_jq
def test_the_comment_is_no_older_than_the_push_where_nothing_could_be_shown(tmp_path: Path) -> None:
    assert comment(tmp_path, []).splitlines() == [
        MARKER,
        "What this change plans could not be found out, see [the run](https://run).",
        "",
        "What this change does to the data could not be found out, see [the run](https://run).",
    ]


def test_main_alone_runs_and_it_alone_may_write() -> None:
    """`workflow_run` runs main's workflow; the danger is to check out, or to run, what the other run brings."""
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/comment.yml").read_text())
    assert workflow[True] == {"workflow_run": {"workflows": ["plan"], "types": ["completed"]}}
    assert JOB["permissions"] == {
        "contents": "read",
        "actions": "read",
        "issues": "read",
        "pull-requests": "write",
    }
    assert "environment" not in JOB
    assert JOB["if"] == "github.event.workflow_run.event == 'pull_request'"
    used = [step for step in JOB["steps"] if "uses" in step]
    assert [step["uses"].partition("@")[0] for step in used] == [
        "actions/checkout",
        "./.github/actions/setup",
    ]
    assert used[0]["with"] == {"fetch-depth": 0, "persist-credentials": False}
    assert not any("${{" in step.get("run", "") for step in JOB["steps"])


def test_a_push_takes_away_what_was_accepted_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after, never = (
        LABEL.format(environment=name, digest="ab" * 12) for name in ("prod", "staging", "dev")
    )
    events = [event("labeled", label=before, at="07:59"), event("labeled", label=after, at="08:30")]
    labels = [{"name": name} for name in (before, after, never, "bug")]
    answers: dict[str, Any] = {
        f"repos/{OURS}/pulls/7": changed(PULL, state="open", labels=labels),
        f"repos/{OURS}/issues/7/events": [events],
        f"repos/{OURS}/actions/workflows/plan.yml/runs?head_sha={HEAD}": [{"workflow_runs": [RUN]}],
    }
    for name, value in {"GITHUB_REPOSITORY": OURS, **github(tmp_path, answers)}.items():
        monkeypatch.setenv(name, value)
    assert fallen_labels.main("7") == 0
    assert (tmp_path / "deleted").read_text().splitlines() == [
        f"repos/{OURS}/issues/7/labels/dangerous-plan%20{name}%20{'ab' * 12}" for name in ("prod", "dev")
    ]


def test_the_labels_of_a_forks_pull_request_are_let_be() -> None:
    step = next(one for one in JOB["steps"] if "infra.ci.fallen_labels" in one.get("run", ""))
    assert "head_repository.full_name == github.repository" in step["if"]


def test_nothing_is_taken_away_before_the_push_was_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    label = LABEL.format(environment="prod", digest="ab" * 12)
    assert reviewed_plan.fallen_labels([label], [event("labeled", label=label, at="07:59")], []) == []
