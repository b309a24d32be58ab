"""The workflow's own shell, with a recording stand-in for the network: gh, and the comparison's exit code."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from common.checkout import REPOSITORY
from infra.stack.environments import BUILDERS
from tests.infra.ci.workflow_shell import job, run, script, shell_of

WORKFLOW = yaml.safe_load((REPOSITORY / ".github/workflows/drift.yml").read_text())
JOB = job("drift", "drift")
GH = """#!/bin/bash
printf '%s\\n' "$*" >> calls
if [ "$1 $2" = "issue list" ]; then
  for word in "$@"; do last=$word; done
  jq -r "$last" < issues.json
fi
"""
PYTHON = """#!/bin/bash
echo "$*" > calls
echo '### found' > ../drift.md
exit {status}
"""


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq stands in for the one in gh")
@pytest.mark.parametrize(
    ("status", "titles", "expected"),
    [
        ("2", [], "issue create --title Drift in dev --label drift --body-file drift.md"),
        ("2", ["Drift in prod", "Drift in dev"], "issue edit 2 --body-file drift.md"),
        ("0", ["Drift in dev"], "issue close 1 --comment"),
        ("0", ["Drift in prod"], None),
        ("0", [], None),
    ],
)
def test_one_issue_is_opened_updated_or_closed(
    tmp_path: Path, status: str, titles: list[str], expected: str | None
) -> None:
    script(tmp_path / "bin/gh", GH)
    issues = [{"number": number, "title": title} for number, title in enumerate(titles, start=1)]
    (tmp_path / "issues.json").write_text(json.dumps(issues))

    done = run(tmp_path, shell_of(JOB, "Open, update or close the issue"), ENVIRONMENT="dev", STATUS=status)

    assert done.returncode == 0, done.stderr
    calls = (tmp_path / "calls").read_text().splitlines()[2:]
    assert [call.startswith(expected or "") for call in calls] == ([True] if expected else [])


@pytest.mark.parametrize(("status", "output"), [(0, "status=0\n"), (2, "status=2\n")])
def test_drift_is_no_failure_of_the_run(tmp_path: Path, status: int, output: str) -> None:
    done = compare(tmp_path, status)
    assert done.returncode == 0
    assert (tmp_path / "output").read_text() == output
    assert (tmp_path / "summary").read_text() == "### found\n"


def test_an_error_fails_the_run_before_any_issue_is_closed(tmp_path: Path) -> None:
    assert compare(tmp_path, 1).returncode == 1
    assert not (tmp_path / "output").exists()


def compare(folder: Path, status: int) -> subprocess.CompletedProcess[str]:
    script(folder / ".venv/bin/python", PYTHON.format(status=status))
    (folder / "deployed").mkdir()
    files = {"GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_OUTPUT": str(folder / "output")}
    return run(folder, shell_of(JOB, "Compare"), ENVIRONMENT="dev", **files)


@pytest.mark.parametrize(("status", "there"), [(0, True), (1, False)])
def test_the_code_of_the_deployed_commit_is_what_compares(
    tmp_path: Path, status: int, *, there: bool
) -> None:
    script(tmp_path / ".venv/bin/python", f'#!/bin/bash\necho "$*" > asked\necho abc\nexit {status}\n')
    script(tmp_path / "bin/git", '#!/bin/bash\necho "$*" > git-calls\n')

    done = run(
        tmp_path,
        shell_of(JOB, "Go to what is deployed"),
        ENVIRONMENT="dev",
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
    )

    assert (done.returncode == 0) == there == (tmp_path / "git-calls").exists()
    assert (tmp_path / "asked").read_text() == "-m infra.deploy.deployed_commit dev\n"
    if there:
        assert (tmp_path / "git-calls").read_text() == "worktree add --detach deployed abc\n"
        assert (tmp_path / "summary").read_text() == "Compared with commit `abc`.\n"


def test_every_deployed_environment_is_compared_on_a_schedule() -> None:
    assert {*JOB["strategy"]["matrix"]["environment"], "local"} == set(BUILDERS)
    assert WORKFLOW[True]["schedule"]
    assert any("upload-sarif@" in step.get("uses", "") for step in JOB["steps"])
