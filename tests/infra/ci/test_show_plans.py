"""What a pull request is told by main's code, on answers in the form of GitHub's API; `gh` stands for GitHub."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.ci import artifacts, show_plans
from infra.ci.reviewed_plan import LABEL
from infra.deploy.packed import MODULES, ROOT_MODULE
from infra.review.digest import plan_digest
from infra.review.plan import read_plan
from infra.stack.synthesis import CONFIGURATION
from tests.infra.ci.test_reviewed_plan import FORK, HEAD, OURS, PULL, RUN, changed
from tests.infra.ci.workflow_shell import github
from tests.infra.deploy.test_packed import plan_file

PLANS = Path(__file__).parents[1] / "plans"
TREE = "5" * 40
HOME, URL = f"repos/{OURS}", "https://github.com/olist/lakehouse/actions/runs/900"
OPEN = changed(PULL, state="open", merged_at=None)
DONE = {**RUN, "html_url": URL}
THE_RUN, PULLS = f"{HOME}/actions/runs/900", f"{HOME}/pulls?state=open&head=olist%3Achange"
RUNS, ARTIFACTS = f"{HOME}/actions/workflows/plan.yml/runs?head_sha={HEAD}", f"{THE_RUN}/artifacts"
STACK = {"resource": {"terraform_data": {"made": {"input": "made"}}}}


class Comment:
    """A pull request's run with what it left, and what main's code makes of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.told = folder, folder / "told"
        self.told.mkdir()
        self.stack = folder / "cdktf.out/stacks/lakehouse-prod"
        self.stack.mkdir(parents=True)
        (self.stack / CONFIGURATION).write_text(json.dumps(STACK))
        for name, value in github(folder, {}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GITHUB_REPOSITORY", OURS)
        monkeypatch.setenv("GITHUB_OUTPUT", str(folder / "output"))
        monkeypatch.setattr(artifacts, "REPOSITORY", folder)
        monkeypatch.setattr(artifacts, "synthesize", lambda _: self.stack)

    def leave(self, artifact: str, file: str, content: str | bytes = "") -> None:
        place = self.folder / "artifacts" / artifact / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)

    def leave_plan(self, environment: str = "prod", tree: str = TREE, content: bytes = b"") -> None:
        for kind in ("tfplan", "workspace"):
            self.leave(f"plan-{environment}-{tree}", f"lakehouse-{environment}.{kind}", content)

    def show(self, **answers: Any) -> str:
        """The part on the plans, empty where nothing is to be told."""
        left = [self._archived(*one) for one in enumerate(sorted((self.folder / "artifacts").glob("*")))]
        sound: dict[str, Any] = {
            THE_RUN: DONE,
            PULLS: [[OPEN]],
            RUNS: [{"workflow_runs": [DONE]}],
            ARTIFACTS: [{"artifacts": left}],
        }
        github(self.folder, sound | answers)
        assert show_plans.main("900", str(self.told)) == 0
        written = self.told / "plans.md"
        return written.read_text() if written.exists() else ""

    def _archived(self, number: int, artifact: Path) -> dict[str, Any]:
        """Pack an artifact that was left, unless a test packed it; returns what GitHub says of it."""
        archive = self.folder / "archives" / str(number)
        if not archive.exists():
            shutil.make_archive(str(archive), "zip", artifact)
            archive.with_name(f"{number}.zip").rename(archive)
        size = archive.stat().st_size
        return {"id": number, "name": artifact.name, "size_in_bytes": size, "expired": False}

    @property
    def output(self) -> str:
        file = self.folder / "output"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Comment:
    return Comment(tmp_path, monkeypatch)


@pytest.fixture
def parsed(comment: Comment, monkeypatch: pytest.MonkeyPatch) -> Comment:
    """A comment on a dangerous plan, without Terraform."""
    monkeypatch.setattr(show_plans, "planned_changes", lambda _: read_plan(PLANS / "change.json"))
    comment.leave("touched", "touched", 'planned=["prod"]\nunplanned=[]\n')
    comment.leave_plan()
    return comment


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_a_plan_file_is_shown_by_main_without_the_state_it_was_made_of(comment: Comment) -> None:
    made = comment.folder / "made"
    made.mkdir()
    (made / CONFIGURATION).write_text(json.dumps(STACK))
    for arguments in (["init"], ["plan", "-out=plan"]):
        subprocess.run(["terraform", f"-chdir={made}", *arguments], check=True, capture_output=True)
    backend = {"s3": {"bucket": "b", "key": "k", "region": "us-east-1"}}
    (comment.stack / CONFIGURATION).write_text(json.dumps({**STACK, "terraform": {"backend": backend}}))
    comment.leave_plan(content=(made / "plan").read_bytes())
    told = comment.show()
    assert "### lakehouse-prod: 1 to create" in told and "shown by main's code" in told
    assert comment.output == "pull=7\n"


def test_a_dangerous_plan_is_told_with_the_label_that_accepts_it(parsed: Comment) -> None:
    parsed.leave(f"plan-prod-{TREE}", "infra/deploy/operate.py", "evil")
    parsed.leave(f"plan-prod-{TREE}", "lakehouse-prod.md", "### lakehouse-prod: no changes")
    told = parsed.show()
    label = LABEL.format(environment="prod", digest=plan_digest(read_plan(PLANS / "change.json")))
    assert (
        f"of tree `5555555`, shown by main's code; somebody else accepts it by the label `` {label} ``"
        in told
    )
    assert "no changes" not in told and not (parsed.folder / "infra").exists()


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        (THE_RUN, changed(DONE, path=".github/workflows/mine.yml"), "none of the plan workflow"),
        (THE_RUN, changed(DONE, event="workflow_dispatch"), "none of the plan workflow"),
        (PULLS, [[]], "is the last commit of 0 open pull requests"),
        (PULLS, [[PULL | {"state": "closed"}]], "of 0 open pull requests"),
        (PULLS, [[changed(OPEN, head={**OPEN["head"], "sha": "4" * 40})]], "of 0 open pull requests"),
        (PULLS, [[changed(OPEN, head={**OPEN["head"], "repo": FORK})]], "of 0 open pull requests"),
        (PULLS, [[changed(OPEN, base={**OPEN["base"], "ref": "release"})]], "#7 does not go into main"),
        (PULLS, [[OPEN, changed(OPEN, number=8)]], "of 2 open pull requests"),
        (RUNS, [{"workflow_runs": [changed(DONE, id=901, run_number=13), DONE]}], "a later run tells of #7"),
        (RUNS, [{"workflow_runs": []}], "a later run tells of #7"),
    ],
)
def test_a_run_that_is_not_the_last_word_on_an_open_pull_request_tells_nothing(
    parsed: Comment, path: str, answer: Any, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parsed.show(**{path: answer}) == "" and parsed.output == ""
    said = capsys.readouterr().out
    assert said.startswith("::notice::nothing is shown: ") and why in said


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ({f"{ROOT_MODULE}more.tf": ""}, "was made from another configuration than a stack's"),
        ({f"{ROOT_MODULE}{CONFIGURATION}": "{}", "tfconfig/m-child/main.tf": ""}, "another configuration"),
        ({MODULES: "[]"}, "another configuration"),
        (None, "is no plan of Terraform"),
    ],
)
def test_what_is_no_plan_of_a_stack_is_said_so(
    comment: Comment, tmp_path: Path, entries: dict[str, str] | None, why: str
) -> None:
    content = b"no archive" if entries is None else plan_file(tmp_path, entries).read_bytes()
    comment.leave_plan(content=content)
    told = comment.show()
    assert "### lakehouse-prod: main's code cannot show this plan" in told and why in told
    assert comment.output == "pull=7\n"


def test_a_plan_is_told_whatever_the_change_says_that_it_touches(parsed: Comment) -> None:
    parsed.leave("touched", "touched", "planned=[]\nunplanned=[]\n")
    parsed.leave_plan(tree="6" * 40)
    told = parsed.show()
    assert "No environment" not in told
    assert [told.count(f"of tree `{tree * 7}`, shown") for tree in "56"] == [1, 1]


@pytest.mark.parametrize(
    "claim",
    [
        "",
        "planned=[]",
        "planned=3\nunplanned=[]",
        'planned=["@team"]\nunplanned=[]',
        "planned=[[]]\nunplanned=[]",
    ],
)
def test_a_claim_that_cannot_be_read_is_none(comment: Comment, claim: str) -> None:
    comment.leave("touched", "touched", claim)
    assert comment.show() == f"What this change plans could not be found out, see [the run]({URL})."


def test_environments_without_a_plan_are_told_as_the_change_says(parsed: Comment) -> None:
    parsed.leave("touched", "touched", 'planned=["dev", "prod"]\nunplanned=["local"]\n')
    assert parsed.show().splitlines()[:2] == [
        f"The plan of lakehouse-dev failed, see [the run]({URL}).",
        "lakehouse-local is touched and not planned: its state is on the machine that deploys it.",
    ]


def test_no_environment_is_touched(comment: Comment) -> None:
    comment.leave("touched", "touched", "planned=[]\nunplanned=[]\n")
    assert comment.show() == "No environment is touched by this change, as its own code finds."


def test_an_environment_that_main_does_not_know_is_not_guessed(parsed: Comment) -> None:
    parsed.leave_plan("qa")
    told = parsed.show()
    assert "### lakehouse-qa: main's code cannot show this plan" in told and "'qa'" in told


def test_expired_artifacts_are_not_asked_for(parsed: Comment) -> None:
    gone = [{"id": 1, "name": name, "expired": True} for name in (f"plan-prod-{TREE}", "touched", "data")]
    told = parsed.show(**{ARTIFACTS: [{"artifacts": gone}]})
    assert told.startswith("What this change plans could not be found out")


def test_what_happens_to_the_data_is_handed_on_as_data(parsed: Comment) -> None:
    parsed.leave("data", "data.json", '{"base": "x"}')
    parsed.leave("data", "data.md", "### lakehouse-prod: no changes")
    parsed.show()
    assert {file.name for file in parsed.told.iterdir()} == {"plans.md", "data.json"}
    assert (parsed.told / "data.json").read_text() == '{"base": "x"}'


def test_more_plans_than_fit_are_counted(parsed: Comment, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed.leave_plan(tree="6" * 40)
    monkeypatch.setattr(show_plans, "MOST_TEXT", 10)
    assert "2 of the 2 plans have no room here: see the run." in parsed.show()


def test_the_plans_of_all_environments_and_the_data_fit_into_one_comment() -> None:
    from infra.ci.changed_environments import outputs
    from infra.review.render import MOST_CHARACTERS
    from infra.stack.environments import BUILDERS
    from lakehouse.difference.rendering import MOST_MARKDOWN

    assert MOST_CHARACTERS * len(outputs(BUILDERS)["planned"]) < show_plans.MOST_TEXT
    assert show_plans.MOST_TEXT + MOST_MARKDOWN < 65_536
