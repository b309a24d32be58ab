"""On main: a plan is shown by main's code, and ends where it changes nothing; a stale one is planned anew."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from common.checkout import REPOSITORY
from tests.infra.ci.workflow_shell import job, run, script, shell_of

PLAN, APPLY = job("deploy-environment", "plan"), job("deploy-environment", "apply")
SHOW = shell_of(PLAN, "Show what will be applied")
FILES = [f".deploy/lakehouse-prod.{name}" for name in ("tfplan", "workspace")]
PYTHON = """#!/bin/bash
case "$*" in
  *"--fail-on changes"*) exit {status} ;;
  *digest*) echo ab12 ;;
  *) echo "### summary" ;;
esac
"""


def planned(folder: Path, status: int = 0) -> None:
    script(folder / ".venv/bin/python", PYTHON.format(status=status))
    script(folder / "bin/git", "#!/bin/bash\necho tree\n")
    (folder / ".deploy").mkdir()
    for file in FILES:
        (folder / file).touch()


@pytest.mark.parametrize(("status", "output"), [(0, "changes=false\n"), (2, "changes=true\n"), (1, None)])
def test_a_plan_goes_on_only_with_a_change(tmp_path: Path, status: int, output: str | None) -> None:
    planned(tmp_path, status)
    done = run(tmp_path, SHOW, STACK="lakehouse-prod", GITHUB_OUTPUT="output", GITHUB_STEP_SUMMARY="summary")
    assert done.returncode == (0 if output else 1), done.stderr
    written = tmp_path / "output"
    assert (written.read_text() if written.exists() else None) == output
    assert (tmp_path / "summary").read_text() == "### summary\n"


@pytest.mark.parametrize("workflow", ["plan", "deploy-environment"])
def test_a_plan_goes_along_with_the_workspace_that_it_was_made_on(tmp_path: Path, workflow: str) -> None:
    planned(tmp_path)
    steps = {
        "plan": shell_of(job("plan", "plan"), "Pack the plan, with where it was made"),
        "deploy-environment": SHOW,
    }
    files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary"}
    done = run(tmp_path, steps[workflow], STACK="lakehouse-prod", ENVIRONMENT="prod", **files)
    assert done.returncode == 0, done.stderr
    packed = {file.name for file in (tmp_path / "packed").iterdir()}
    assert packed == {Path(file).name for file in FILES}


def workflow(name: str) -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / f".github/workflows/{name}.yml").read_text())


def test_an_approval_that_is_awaited_holds_up_its_own_environment_only() -> None:
    deploy = workflow("deploy")
    assert "concurrency" not in deploy and "concurrency" not in workflow("deploy-environment")
    for found in deploy["jobs"].values():
        assert found["concurrency"] == f"deploy-{found['with']['environment']}"


def test_a_stale_plan_is_applied_by_nobody_and_planned_anew_by_the_next_job() -> None:
    steps = {step.get("name"): step for step in APPLY["steps"]}
    assert steps["Apply that very plan"]["if"] == "steps.check.outputs.stale != 'true'"
    assert APPLY["outputs"] == {"stale": "${{ steps.check.outputs.stale }}"}
    for environment in ("staging", "prod"):
        anew = workflow("deploy")["jobs"][f"{environment}-anew"]
        assert anew["needs"] == environment and anew["with"] == {"environment": environment, "anew": True}
        assert f"needs.{environment}.outputs.stale == 'true'" in anew["if"]


def test_nothing_but_the_two_files_of_an_artifact_reaches_a_deployment() -> None:
    """An artifact may hold anything: unpacked over the checkout it would be code that runs as the deployer."""
    shells = [step.get("run", "") for found in (PLAN, APPLY) for step in found["steps"]]
    assert not any("tar " in shell or "gh run download" in shell for shell in shells)
    download = next(step for step in APPLY["steps"] if "download-artifact" in step.get("uses", ""))
    assert download["with"]["path"] == ".deploy"
