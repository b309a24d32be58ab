"""Changed files are shown from the checkout and git's history."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from infra.review.files import MOST_LINES, file_diff, repository_path
from infra.review.plan import ResourceChange

FILE = "pipelines/gold/answer.py"


def git(checkout: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "-C", str(checkout), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository whose file has an older version in history and a newer one in the checkout."""
    git(tmp_path, "init", "-q")
    for text in ("one\n", "one\ntwo\n"):
        (tmp_path / FILE).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / FILE).write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "x")
    (tmp_path / FILE).write_text("one\ntwo\nthree\n")
    return tmp_path


def change(before: str, after: str) -> ResourceChange:
    sides = [
        {"path": f"/olist/dev/{FILE}", "md5": hashlib.md5(text.encode()).hexdigest()}
        for text in (before, after)
    ]
    return ResourceChange("databricks_workspace_file.x", "workspace_file", "change", sides[0], sides[1])


def test_the_old_version_comes_from_history(checkout: Path) -> None:
    diff = file_diff(change("one\n", "one\ntwo\nthree\n"), checkout)
    assert diff is not None
    assert (diff.path, diff.added, diff.removed) == (FILE, 2, 0)
    assert diff.lines == ("@@ -1 +1,3 @@", " one", "+two", "+three")


def test_both_may_be_in_history(checkout: Path) -> None:
    diff = file_diff(change("one\n", "one\ntwo\n"), checkout)
    assert diff is not None and diff.lines[-1] == "+two"


def test_a_version_that_git_never_saw_is_said_so(checkout: Path) -> None:
    diff = file_diff(change("edited by hand\n", "one\n"), checkout)
    assert diff is not None
    assert diff.lines == () and diff.note == "the old version is not in git's history"


def test_a_long_diff_is_cut_and_says_so(checkout: Path) -> None:
    text = "".join(f"{number}\n" for number in range(100))
    (checkout / FILE).write_text(text)
    diff = file_diff(change("one\n", text), checkout)
    assert diff is not None
    assert len(diff.lines) == MOST_LINES and diff.added == 100 and "more lines" in diff.note


def test_other_resources_have_no_diff(checkout: Path) -> None:
    assert file_diff(ResourceChange("databricks_schema.x", "schema", "change", {}, {}), checkout) is None


@pytest.mark.parametrize(
    ("uploaded", "path"),
    [
        ("/olist/dev/pipelines/shared/rules.py", "pipelines/shared/rules.py"),
        ("/a/generator/cli.py", "generator/cli.py"),
        ("/a/generate_task.py", "generate_task.py"),
        ("/Shared/notes.md", None),
    ],
)
def test_an_uploaded_path_leads_back_to_the_repository(uploaded: str, path: str | None) -> None:
    assert repository_path(uploaded) == (Path(path) if path else None)
