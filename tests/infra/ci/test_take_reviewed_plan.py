"""On main: the plan of a pull request is taken or planned anew, by what GitHub answers; `gh` stands for GitHub."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from common.checkout import REPOSITORY
from common.errors import UserError
from infra.ci import artifacts, take_reviewed_plan
from infra.ci.reviewed_plan import LABEL
from infra.review.digest import plan_digest
from infra.review.plan import read_plan
from infra.review.summary import summarize
from tests.infra.ci.test_reviewed_plan import COMMIT, FORK, HEAD, OURS, PULL, RUN, changed, event
from tests.infra.ci.workflow_shell import github as github_in

PLANS = Path(__file__).parents[1] / "plans"
TREE = "5" * 40
NAME = f"plan-prod-{TREE}"
HOME = f"repos/{OURS}"
PULLS, RUNS = f"{HOME}/commits/{COMMIT}/pulls", f"{HOME}/actions/workflows/plan.yml/runs?head_sha={HEAD}"
ARTIFACTS, EVENTS = f"{HOME}/actions/runs/900/artifacts", f"{HOME}/issues/7/events"
Answers = dict[str, Any]


def answers(**more: Any) -> Answers:
    """What GitHub answers where all is as it should be, as `gh api --paginate --slurp` prints it."""
    sound: Answers = {
        PULLS: [[PULL]],
        RUNS: [{"total_count": 1, "workflow_runs": [RUN]}],
        ARTIFACTS: [{"total_count": 1, "artifacts": [{"name": NAME, "expired": False}]}],
        EVENTS: [[]],
    }
    return deepcopy(sound | more)


class GitHub:
    """A folder of answers and of one artifact, and what the step makes of them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.plan = read_plan(PLANS / "create.json")
        for name in ("tfplan", "workspace"):
            self.leave(f"lakehouse-prod.{name}")
        for name, value in github_in(folder, {}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GITHUB_REPOSITORY", OURS)
        monkeypatch.setenv("GITHUB_OUTPUT", str(folder / "output"))
        monkeypatch.setattr(artifacts, "REPOSITORY", folder)
        # Terraform has no provider here; what it looks into is in tests/infra/deploy/test_packed.py.
        monkeypatch.setattr(
            take_reviewed_plan.operate, "review", lambda _: (self.plan, summarize(self.plan, REPOSITORY))
        )

    def leave(self, name: str) -> None:
        file = self.folder / "artifacts" / NAME / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)

    def take(self, found: Answers) -> str:
        github_in(self.folder, found)
        assert take_reviewed_plan.main("prod", COMMIT, TREE) == 0
        return (self.folder / "output").read_text()

    @property
    def taken(self) -> set[str]:
        return {file.name for file in (self.folder / ".deploy").glob("*")}


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    return GitHub(tmp_path, monkeypatch)


def test_the_reviewed_plan_is_taken_and_nothing_else_of_its_artifact(github: GitHub) -> None:
    github.leave("infra/deploy/operate.py")
    github.leave("lakehouse-prod.plan.json")
    assert github.take(answers()) == "reviewed=true\n"
    assert github.taken == {"lakehouse-prod.tfplan", "lakehouse-prod.workspace"}
    assert not (github.folder / "infra").exists()
    asked = (github.folder / "downloaded").read_text()
    assert asked.startswith(f"run download 900 --repo {OURS} --name {NAME} --dir ")


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        (PULLS, [[changed(PULL, head={**PULL["head"], "repo": FORK})]], "#7 comes from a fork"),
        (PULLS, [[]], f"{COMMIT[:12]} is the merge of 0 pull requests, not of one"),
        (
            RUNS,
            [{"workflow_runs": [changed(RUN, conclusion="failure")]}],
            "the last plan of #7 is not green but failure",
        ),
        (
            RUNS,
            [{"workflow_runs": []}, {"workflow_runs": [changed(RUN, event="push")]}],
            "the last commit of #7 was not planned",
        ),
        (ARTIFACTS, [{"artifacts": []}], "#7 left no plan of this tree"),
        (
            ARTIFACTS,
            [{"artifacts": [{"name": f"plan-prod-{HEAD}", "expired": False}]}],
            "#7 left no plan of this tree",
        ),
    ],
)
def test_any_other_is_planned_anew_and_the_reason_is_told(
    github: GitHub, path: str, answer: Any, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert github.take(answers(**{path: answer})) == "reviewed=false\n"
    assert capsys.readouterr().out == f"::notice::prod is planned anew: {why}\n"
    assert github.taken == set()


def test_where_github_does_not_answer_it_is_planned_anew(github: GitHub) -> None:
    found = answers()
    del found[EVENTS]
    assert github.take(found) == "reviewed=false\n"


def test_an_artifact_that_lacks_a_file_is_planned_anew(
    github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    (github.folder / "artifacts" / NAME / "lakehouse-prod.workspace").unlink()
    assert github.take(answers()) == "reviewed=false\n"
    assert f"the artifact {NAME} has no lakehouse-prod.workspace" in capsys.readouterr().out


def test_a_plan_that_main_refuses_is_planned_anew(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise UserError("made from another configuration")

    monkeypatch.setattr(take_reviewed_plan.operate, "review", refuse)
    assert github.take(answers()) == "reviewed=false\n"


@pytest.mark.parametrize(
    ("by", "other", "reviewed"),
    [("reviewer", False, True), ("author", False, False), ("reviewer", True, False)],
)
def test_a_dangerous_plan_is_taken_only_when_somebody_else_accepted_this_very_one(
    github: GitHub, by: str, other: bool, reviewed: bool
) -> None:
    github.plan = read_plan(PLANS / "change.json")
    digest = plan_digest(read_plan(PLANS / "rename.json") if other else github.plan)
    label = LABEL.format(environment="prod", digest=digest)
    events = [[{"id": 1, "event": "renamed"}], [event("labeled", label=label, by=by)]]
    assert github.take(answers(**{EVENTS: events})) == f"reviewed={str(reviewed).lower()}\n"
