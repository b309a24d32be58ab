"""On main: a plan made anew is packed with all that its apply checks, and ends where it changes nothing."""

import tarfile
from pathlib import Path

import pytest

from tests.infra.ci.workflow_shell import job, run, script, shell_of

ANEW = shell_of(job("deploy-environment", "plan"), "Plan anew").replace("${{ inputs.environment }}", "prod")
PLAN = [f".deploy/lakehouse-prod.{name}" for name in ("tfplan", "plan.json", "workspace")]
MAKE = f"""#!/bin/bash
mkdir -p .deploy cdktf.out/stacks/lakehouse-prod/.terraform
touch {" ".join(PLAN)} cdktf.out/stacks/lakehouse-prod/cdk.tf.json
"""
PYTHON = """#!/bin/bash
case "$*" in *"--fail-on changes"*) exit {status} ;; *) echo "### summary" ;; esac
"""


@pytest.mark.parametrize(("status", "output"), [(0, "changes=false\n"), (2, "changes=true\n"), (1, None)])
def test_a_plan_made_anew_goes_on_only_with_a_change(tmp_path: Path, status: int, output: str | None) -> None:
    script(tmp_path / "bin/make", MAKE)
    script(tmp_path / ".venv/bin/python", PYTHON.format(status=status))
    done = run(tmp_path, ANEW, STACK="lakehouse-prod", GITHUB_OUTPUT="output")
    assert done.returncode == (0 if output else 1), done.stderr
    written = tmp_path / "output"
    assert (written.read_text() if written.exists() else None) == output


@pytest.mark.parametrize("workflow", ["plan", "deploy-environment"])
def test_the_workspace_that_it_was_planned_on_goes_along(tmp_path: Path, workflow: str) -> None:
    script(tmp_path / "bin/make", MAKE)
    script(tmp_path / "bin/git", "#!/bin/bash\necho tree\n")
    script(tmp_path / ".venv/bin/python", PYTHON.format(status=0))
    steps = {
        "plan": f"make plan\n{shell_of(job('plan', 'plan'), 'Pack the plan with what it was made from')}",
        "deploy-environment": ANEW,
    }
    files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary"}
    done = run(tmp_path, steps[workflow], STACK="lakehouse-prod", **files)
    assert done.returncode == 0, done.stderr
    with tarfile.open(tmp_path / "packed/plan.tgz") as packed:
        names = set(packed.getnames())
    assert {*PLAN, "cdktf.out/stacks/lakehouse-prod/cdk.tf.json"} <= names
    assert not any(".terraform" in name for name in names)
