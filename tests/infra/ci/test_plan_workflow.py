"""A pull request gets one comment that tells of each touched environment, brought up to date in place."""

import json
import shutil
from pathlib import Path

import pytest

from infra.ci.changed_environments import outputs
from infra.review.render import MOST_CHARACTERS
from infra.stack.environments import BUILDERS
from tests.infra.ci.workflow_shell import job, run, script, shell_of

COMMENT = shell_of(job("plan", "comment"), "Write one comment, or bring it up to date")
MARKER = "<!-- lakehouse plan -->"
BOT = "github-actions[bot]"
GITHUBS_LIMIT = 65_536
GH = """#!/bin/bash
echo "$*" >> calls
case "$*" in
  *--paginate*) for word in "$@"; do last=$word; done; jq -r "$last" < comments.json ;;
esac
"""

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq stands in for the one in gh")


def comment(folder: Path, comments: list[dict[str, object]], *, planned: str, unplanned: str = "[]") -> str:
    """The comment that the step writes, after its last call in the file `calls`."""
    script(folder / "bin/gh", GH)
    (folder / "comments.json").write_text(json.dumps(comments))
    places = {"COMMENTS": "repos/o/r/issues/7/comments", "GITHUB_REPOSITORY": "o/r", "RUN": "https://run"}
    done = run(folder, COMMENT, PLANNED=planned, UNPLANNED=unplanned, **places)
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
    comment(tmp_path, comments, planned="[]")
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 2 and calls[-1].startswith(call)


@needs_jq
def test_no_second_comment_where_the_first_cannot_be_looked_for(tmp_path: Path) -> None:
    script(tmp_path / "bin/gh", '#!/bin/bash\necho "$*" >> calls\nexit 1\n')
    assert run(tmp_path, COMMENT, COMMENTS="c", PLANNED="[]", UNPLANNED="[]").returncode == 1
    assert len((tmp_path / "calls").read_text().splitlines()) == 1


@needs_jq
def test_the_comment_tells_of_each_touched_environment(tmp_path: Path) -> None:
    (tmp_path / "lakehouse-dev.md").write_text("### lakehouse-dev: 1 to change\n")
    body = comment(tmp_path, [], planned='["dev","prod"]', unplanned='["local"]')
    assert body.splitlines() == [
        MARKER,
        "",
        "### lakehouse-dev: 1 to change",
        "",
        "The plan of lakehouse-prod failed, see [the run](https://run).",
        "",
        "lakehouse-local is touched and not planned: its state is on the machine that deploys it.",
        "",
        "What this change does to the data could not be found out, see [the run](https://run).",
    ]


@needs_jq
def test_the_comment_ends_with_what_the_change_does_to_the_data(tmp_path: Path) -> None:
    (tmp_path / "data.md").write_text("### Data\n\nNothing changed.\n")
    body = comment(tmp_path, [], planned="[]")
    assert body.splitlines()[-3:] == ["### Data", "", "Nothing changed."]


@needs_jq
@pytest.mark.parametrize(
    ("planned", "unplanned", "said"),
    [
        ("[]", "[]", "No environment is touched by this change."),
        ("[]", '["local"]', "lakehouse-local is touched and not planned"),
        ("", "", "could not be found out"),
    ],
)
def test_the_comment_says_why_there_is_no_plan(
    tmp_path: Path, planned: str, unplanned: str, said: str
) -> None:
    assert said in comment(tmp_path, [], planned=planned, unplanned=unplanned)


def test_every_environment_with_a_shared_state_is_planned() -> None:
    assert outputs(BUILDERS) == {"planned": ["dev", "staging", "prod"], "unplanned": ["local"]}


def test_the_summaries_of_all_planned_environments_fit_into_one_comment() -> None:
    assert MOST_CHARACTERS * len(outputs(BUILDERS)["planned"]) < GITHUBS_LIMIT


GATE = shell_of(job("plan", "plan"), "Stop when it is dangerous and nobody accepted this very plan")
LABEL = "dangerous-plan prod ab12"


@pytest.mark.parametrize(
    ("accepted", "dangerous", "code"), [("true", 2, 0), ("false", 2, 1), ("", 2, 1), ("false", 0, 0)]
)
def test_a_dangerous_plan_is_red_until_this_very_plan_is_accepted(
    tmp_path: Path, accepted: str, dangerous: int, code: int
) -> None:
    script(tmp_path / ".venv/bin/python", f"#!/bin/bash\nexit {dangerous}\n")
    done = run(tmp_path, GATE, ACCEPTED=accepted, LABEL=LABEL, STACK="lakehouse-prod")
    assert done.returncode == code
    assert (LABEL in done.stdout) == bool(code)


def test_what_was_accepted_counts_only_in_the_run_that_a_label_started() -> None:
    step = next(one for one in job("plan", "plan")["steps"] if one.get("run") == GATE)
    assert (
        """contains(fromJSON('["labeled", "unlabeled"]'), github.event.action) &&"""
        in step["env"]["ACCEPTED"]
    )
    assert "steps.pack.outputs.label" in step["env"]["ACCEPTED"]


@needs_jq
def test_a_push_takes_away_what_was_accepted_before(tmp_path: Path) -> None:
    names = [LABEL, "dangerous-plan staging cd34", "bug"]
    script(tmp_path / "bin/gh", GH)
    (tmp_path / "comments.json").write_text(json.dumps([{"name": name} for name in names]))
    steps = job("plan", "comment")["steps"]
    step = next(one for one in steps if one.get("name") == "Take away what was accepted before this push")
    assert step["if"] == "github.event.action == 'synchronize'"
    assert run(tmp_path, step["run"], LABELS="labels").returncode == 0
    assert (tmp_path / "calls").read_text().splitlines()[1:] == [
        f"api --method DELETE labels/{name.replace(' ', '%20')}" for name in names[:2]
    ]
