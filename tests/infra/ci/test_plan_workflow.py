"""A pull request's plan leaves what it made, and is red while it is dangerous and nobody accepted it."""

import json
from pathlib import Path

import pytest
import yaml

from common.checkout import REPOSITORY
from infra.ci.changed_environments import outputs
from infra.ci.claims import CLAIM
from infra.ci.show_plans import DATA, DATA_FILE
from infra.stack.environments import BUILDERS
from tests.infra.ci.workflow_shell import job, run, script, shell_of


def test_every_environment_with_a_shared_state_is_planned() -> None:
    assert outputs(BUILDERS) == {"planned": ["dev", "staging", "prod"], "unplanned": ["local"]}


def test_the_run_leaves_what_the_comment_is_made_of() -> None:
    left = {
        step["with"]["name"]: step["with"]["path"]
        for found in ("touched", "plan", "data")
        for step in job("plan", found)["steps"]
        if "upload-artifact" in step.get("uses", "")
    }
    assert left.pop("plan-${{ matrix.environment }}-${{ steps.pack.outputs.tree }}") == "packed"
    assert left == {CLAIM: CLAIM, DATA: DATA}
    assert f"--write {DATA}/{DATA_FILE}" in json.dumps(job("plan", "data"))


def test_the_code_of_a_pull_request_may_write_nothing_here() -> None:
    workflow = yaml.safe_load((REPOSITORY / ".github/workflows/plan.yml").read_text())
    granted = [workflow["permissions"], *(one.get("permissions", {}) for one in workflow["jobs"].values())]
    # id-token is what logs in by OIDC; it writes nothing here.
    assert all("write" not in {k: v for k, v in one.items() if k != "id-token"}.values() for one in granted)


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
