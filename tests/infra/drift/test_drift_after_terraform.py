"""What the real provider deploys is no drift, and what a plan is said to undo is undone by applying it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from common.home import Home
from infra.deploy.terraform import Terraform
from infra.drift.detect import SynthesizedStack, find_drift
from infra.drift.findings import ApplyEffect
from infra.drift.reading.calls import Calls, drift_client
from infra.stack.environments import find_environment
from infra.stack.settings import LocalState
from infra.stack.synthesis import load_stack, synthesize
from lakehouse.deployment.deployers import environment_of, why_no_terraform
from local.workspace.http.serving import Served, serving
from tests.infra.drift.changes.change import job_edit, pipeline_edit, securable_edit
from tests.infra.drift.world import CATALOG, JOB, PIPELINES, ROOT, World
from tests.infra.small_checkout import write_small_checkout

pytestmark = pytest.mark.terraform


@dataclass(frozen=True)
class Applied:
    """A workspace of its own that Terraform deployed a small checkout to."""

    world: World
    terraform: Terraform

    def drift(self, plan: Path | None = None) -> dict[tuple[str, str, str], ApplyEffect]:
        served = self.world.served
        calls = Calls(drift_client(host=served.host, token=served.token, auth_type="pat"))
        parsed = json.loads(self.terraform.plan_json()) if plan else None
        found = find_drift(calls, self.world.stack, plan=parsed)
        return {finding.name: finding.terraform for finding in found}


@pytest.fixture
def applied(tmp_path: Path) -> Iterator[Applied]:
    write_small_checkout(tmp_path)
    environment = replace(find_environment("local"), state=LocalState(".deploy"))
    folder = synthesize(environment, tmp_path / "cdktf.out", tmp_path)
    if reason := why_no_terraform(folder):
        pytest.skip(reason)
    home = Home(tmp_path / "home")
    with serving(home) as served:
        stack = SynthesizedStack("local", load_stack(folder), folder)
        yield Applied(World(home, served, served.client(), stack), deployed(folder, served))


def deployed(folder: Path, served: Served) -> Terraform:
    terraform = Terraform(folder, environment_of(served))
    terraform.plan()
    terraform.apply()
    return terraform


def test_a_plan_says_truly_what_an_apply_undoes(applied: Applied) -> None:
    world, terraform = applied.world, applied.terraform
    assert applied.drift() == {}

    changes = (
        job_edit("", "schedule", lambda job: job.pop("schedule")),
        job_edit("", "max_concurrent_runs", lambda job: job.update(max_concurrent_runs=5)),
        pipeline_edit("", "notifications", lambda spec: spec.pop("notifications"), key="cdc"),
        pipeline_edit("", "channel", lambda spec: spec.update(channel="PREVIEW")),
        securable_edit("", "catalog", CATALOG, "owner", {"owner": "somebody@example.com"}),
        securable_edit("", "schema", f"{CATALOG}.gold", "comment", {"comment": "Mine"}),
    )
    for change in changes:
        change.make(world)
    world.client.schemas.create("scratch", CATALOG)
    world.upload(f"{ROOT}/pipelines/cdc/b.py", b"x = 1\n")
    missed = {
        ("file", f"{ROOT}/pipelines/cdc/b.py", "content"): ApplyEffect.MISSES,
        ("pipeline", PIPELINES["cdc"], "notifications"): ApplyEffect.MISSES,
        ("schema", f"{CATALOG}.scratch", ""): ApplyEffect.MISSES,
    }

    assert applied.drift(terraform.plan()) == {
        **missed,
        ("catalog", CATALOG, "owner"): ApplyEffect.UNDOES,
        ("job", JOB, "max_concurrent_runs"): ApplyEffect.UNDOES,
        ("job", JOB, "schedule"): ApplyEffect.UNDOES_UNSEEN,
        ("pipeline", PIPELINES["medallion"], "channel"): ApplyEffect.UNDOES,
        ("schema", f"{CATALOG}.gold", "comment"): ApplyEffect.UNDOES,
    }
    terraform.apply()
    assert applied.drift(terraform.plan()) == missed
