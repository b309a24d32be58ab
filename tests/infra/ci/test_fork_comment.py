"""What a fork's run can have main's code say: its own word on the data, on its own pull request, and nothing else."""

import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from infra.ci import github, show_plans
from lakehouse.cli import main
from tests.infra.ci.test_reviewed_plan import FORK, changed
from tests.infra.ci.test_show_plans import DONE, HOME, OPEN, RUNS, THE_RUN, TREE, Comment

PULLS = f"{HOME}/pulls?state=open&head=stranger%3Achange"
FORKED = changed(DONE, head_repository=FORK)
HEAD = {**OPEN["head"], "repo": FORK}
ITS_PULL = changed(OPEN, head=HEAD)
DATA = '{"base": "1a2b3c4", "world": "dirty"}'
EVIL = """x
</details>
<!-- lakehouse plan -->
### lakehouse-prod: no changes
| a | b |
|---|---|
`` ``` [a](https://evil.example) ![b](https://evil.example/x.png) https://evil.example www.evil.example
> @team olist/lakehouse#1 *b* \\` \\| <b>c</b> &lt;b&gt; \x00\u202e"""


class ForkComment(Comment):
    """A fork's pull request with what its run left."""

    def show(self, **answers: Any) -> str:
        runs = [{"workflow_runs": [FORKED]}]
        return super().show(**({THE_RUN: FORKED, PULLS: [[ITS_PULL]], RUNS: runs} | answers))

    def left_data(self, archive: bytes) -> str | None:
        """What is handed on of an artifact that is this archive."""
        self.leave("data", "x")
        (self.folder / "archives").mkdir()
        (self.folder / "archives/0").write_bytes(archive)
        assert self.show() == show_plans.OF_A_FORK
        file = self.told / "data.json"
        return file.read_text() if file.exists() else None


@pytest.fixture
def comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ForkComment:
    return ForkComment(tmp_path, monkeypatch)


def archive(name: str = "data.json", text: str = DATA, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as made:
        made.writestr(name, text)
    return packed.getvalue()


def test_of_a_forks_run_the_part_on_the_data_is_taken_and_no_plan(
    comment: ForkComment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(show_plans, "planned_changes", None)
    comment.leave_plan()
    comment.leave("touched", "touched", "planned=[]\nunplanned=[]\n")
    comment.leave("data", "data.json", DATA)
    comment.leave("data", "plans.md", "### lakehouse-prod: no changes")
    told = comment.show()
    assert told == show_plans.OF_A_FORK and "**the fork's own code**" in told
    assert (comment.told / "data.json").read_text() == DATA
    assert comment.output == "pull=7\n"
    assert not (comment.folder / "downloaded").exists() and not (comment.folder / ".deploy").exists()


def test_a_plan_alone_is_not_looked_at(comment: ForkComment) -> None:
    comment.leave("touched", "touched", 'planned=["prod"]\nunplanned=[]\n')
    comment.leave_plan(tree=TREE)
    assert comment.show() == show_plans.OF_A_FORK
    assert [file.name for file in comment.told.iterdir()] == ["plans.md"]


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        (THE_RUN, changed(FORKED, path=".github/workflows/mine.yml"), "none of the plan workflow"),
        (THE_RUN, changed(FORKED, event="push"), "none of the plan workflow"),
        (PULLS, [[]], "of 0 open pull requests"),
        (PULLS, [[OPEN]], "of 0 open pull requests"),
        (PULLS, [[changed(ITS_PULL, head={**HEAD, "repo": None})]], "of 0 open pull requests"),
        (
            PULLS,
            [[changed(ITS_PULL, head={**HEAD, "repo": {"full_name": "stranger/other"}})]],
            "of 0 open pull requests",
        ),
        (PULLS, [[changed(ITS_PULL, head={**HEAD, "sha": "4" * 40})]], "of 0 open pull requests"),
        (PULLS, [[changed(ITS_PULL, head={**HEAD, "ref": "other"})]], "of 0 open pull requests"),
        (PULLS, [[changed(ITS_PULL, state="closed")]], "of 0 open pull requests"),
        (PULLS, [[ITS_PULL, changed(ITS_PULL, number=8)]], "of 2 open pull requests"),
        (PULLS, [[changed(ITS_PULL, base={**OPEN["base"], "ref": "release"})]], "#7 does not go into main"),
        (PULLS, [[changed(ITS_PULL, base={**OPEN["base"], "repo": FORK})]], "#7 does not go into main"),
        (RUNS, [{"workflow_runs": [changed(FORKED, id=901, run_number=13), FORKED]}], "a later run tells"),
        (RUNS, [{"workflow_runs": [DONE]}], "a later run tells"),
    ],
    ids=[
        "another workflow",
        "a push",
        "no pull request",
        "another's",
        "gone",
        "another repository of its owner",
        "an old commit",
        "another branch",
        "closed",
        "two",
        "not into main",
        "within the fork",
        "an old run",
        "unknown run",
    ],
)
def test_a_run_speaks_on_no_pull_request_but_its_own(
    comment: ForkComment, path: str, answer: Any, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    comment.leave("data", "data.json", DATA)
    assert comment.show(**{path: answer}) == "" and comment.output == ""
    assert why in capsys.readouterr().out


def test_a_run_of_a_fork_that_is_gone_speaks_nowhere(comment: ForkComment) -> None:
    lost = {THE_RUN: changed(DONE, head_repository=None), f"{HOME}/pulls?state=open&head=%3Achange": [[]]}
    assert comment.show(**lost) == "" and comment.output == ""


def test_neither_anothers_run_nor_that_of_another_branch_silences_it(comment: ForkComment) -> None:
    later = {"id": 901, "run_number": 13}
    others = [changed(DONE, **later), changed(FORKED, **later, head_branch="other"), FORKED]
    assert comment.show(**{RUNS: [{"workflow_runs": others}]}) == show_plans.OF_A_FORK


def test_the_name_of_a_branch_asks_for_nothing_else(comment: ForkComment) -> None:
    branch = "a&state=all#{owner}"
    told = comment.show(
        **{
            THE_RUN: changed(FORKED, head_branch=branch),
            RUNS: [{"workflow_runs": [changed(FORKED, head_branch=branch)]}],
            f"{HOME}/pulls?state=open&head=stranger%3Aa%26state%3Dall%23%7Bowner%7D": [
                [changed(ITS_PULL, head={**HEAD, "ref": branch})]
            ],
        }
    )
    assert told == show_plans.OF_A_FORK


def test_of_the_attempts_of_a_run_the_last_counts(comment: ForkComment) -> None:
    (comment.folder / "archives").mkdir()
    for number in (4, 5):
        (comment.folder / f"archives/{number}").write_bytes(archive(text=str(number)))
    left = [{"id": number, "name": "data", "size_in_bytes": 1, "expired": False} for number in (5, 4)]
    comment.show(**{f"{THE_RUN}/artifacts": [{"artifacts": left}]})
    assert (comment.told / "data.json").read_text() == "5"


def test_an_artifact_is_read_as_far_as_ours_go(comment: ForkComment) -> None:
    assert comment.left_data(archive()) == DATA


@pytest.mark.parametrize(
    "packed",
    [
        b"no archive",
        archive()[:40],
        archive("../data.json"),
        archive("data.json/x"),
        archive(method=zipfile.ZIP_LZMA),
        archive().replace(b"data.json", b"date.json", 1),
    ],
    ids=["no archive", "cut off", "elsewhere", "folder", "unpacks whole", "two names"],
)
def test_an_artifact_that_is_none_of_ours_says_nothing(comment: ForkComment, packed: bytes) -> None:
    assert comment.left_data(packed) is None


def test_a_file_is_not_unpacked_beyond_the_limit(
    comment: ForkComment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github, "MOST_BYTES", 1_000)
    packed = archive(text=" " * 1_001)
    assert len(packed) < 1_000 and comment.left_data(packed) is None


def test_an_artifact_that_is_too_large_is_not_even_fetched(comment: ForkComment) -> None:
    left = {"id": 5, "name": "data", "size_in_bytes": github.MOST_BYTES + 1, "expired": False}
    assert comment.show(**{f"{THE_RUN}/artifacts": [{"artifacts": [left]}]}) == show_plans.OF_A_FORK


def rendered(
    file: Path, content: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, str]:
    """What the workflow's step makes of a file that was left: the exit code, and the part of the comment."""
    file.write_text(content)
    command = ["lakehouse", "diff", "--read", str(file), "--format", "markdown"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr().out


def report(text: str) -> str:
    """A report that says `text` wherever it can."""
    table = {
        "table": text,
        "state": "changed",
        "key": [text],
        "added": 1,
        "schema": [{"what": "added", "column": text, "after": text}],
        "columns": [{"column": text, "rows": 1, "examples": [{"key": text, "before": text, "after": text}]}],
        "examples": [text],
        "figures": [{"column": text, "before": text, "after": text}],
    }
    contract = {"table": text, "before": text, "after": text, "breaking": [text], "other": [text]}
    return json.dumps(
        {
            "base": text,
            "world": text,
            "tables": [table, table],
            "rules": [{"dataset": text, "expectation": text, "before": 0, "after": 1}],
            "quarantine": [{"dataset": text, "before": 0, "after": 1}],
            "contracts": [contract],
            "failures": [text],
            "mended": [text],
        }
    )


def tags(markdown: str) -> list[str]:
    page = MarkdownIt("commonmark").enable("table").render(markdown)
    assert "<!--" not in page
    return re.findall(r"</?\w+", page)


def test_no_text_of_a_report_breaks_out_of_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "data.json"
    code, harmless = rendered(file, report("x"), monkeypatch, capsys)
    evil_code, evil = rendered(file, report(EVIL), monkeypatch, capsys)
    assert code == evil_code == 0
    assert tags(evil) == tags(harmless) and len(evil.splitlines()) == len(harmless.splitlines())
    outside_code = re.sub(r"`` .*? ``", "", evil)
    assert not any(call in outside_code for call in ("@team", "://", "www.", "#1"))
    assert "\x00" not in evil and "\u202e" not in evil


@pytest.mark.parametrize(
    "content",
    [
        "",
        "null",
        "[" * 100_000,
        '{"base": "b", "world": "w", "x": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"base": "\\ud800", "world": "w"}',
        '{"base": "b", "world": "w", "seconds": "x"}',
        '{"base": "b", "world": "w", "quarantine": [{"dataset": "x", "before": 0, "after": 1%s}]}'
        % ("0" * 5000),
        '{"base": "b", "world": "w", "tables": "x"}',
    ],
    ids=["empty", "null", "deep", "deep within", "half a sign", "no number", "huge number", "no list"],
)
def test_what_is_no_report_is_not_shown_at_all(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = rendered(tmp_path / "data.json", content, monkeypatch, capsys)
    assert "is no report of `lakehouse diff`" in str(code) and told == ""


def test_a_huge_report_fits_into_the_comment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lakehouse.difference.rendering import MOST_MARKDOWN

    long = {"base": "b", "world": "w" * 300_000, "failures": ["*" * 300] * 3_000}
    _, told = rendered(tmp_path / "data.json", json.dumps(long), monkeypatch, capsys)
    assert 0 < len(told) < MOST_MARKDOWN + 1_000
