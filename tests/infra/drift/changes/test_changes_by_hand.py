"""Every change that was measured with Terraform alone: drift names exactly it, whatever Terraform sees.

Of the six that are no drift two need the whole job: tests/lakehouse/deployment/test_rehearsal.py runs it and looks for
drift afterwards.
"""

import io

import pytest

from infra.drift.findings import ApplyEffect
from tests.infra.drift.changes.by_hand import follow
from tests.infra.drift.changes.change import Change
from tests.infra.drift.changes.changes_of_data import DATA_CHANGES
from tests.infra.drift.changes.changes_of_work import WORK_CHANGES, reorder_tasks, save_pipelines
from tests.infra.drift.world import CATALOG, World

CHANGES = (*DATA_CHANGES, *WORK_CHANGES)
# Not seen where they were measured, but seen here: our stack declares one `databricks_grants` a securable,
# properties on each schema and a description of the job, so the change alters what is declared.
DECLARED_HERE = {
    "grant (singular): another principal granted on volume raw.olist",
    "schema property added (properties not in config)",
    "job description added (not in config)",
    "catalog owner changed (owner not in config)",
    "schema owner changed (not in config)",
    "volume owner changed (not in config)",
}


def test_the_changes_are_those_that_were_measured() -> None:
    assert len({change.name for change in CHANGES}) == 83
    assert sum(change.seen for change in CHANGES) == 57


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_drift_names_exactly_the_change_and_the_way_back(world: World, change: Change) -> None:
    """That all is as before shows in the next test: nothing but its own change may be found there."""
    undo = change.make(world)
    try:
        findings = world.drift()
        assert sorted(finding.name for finding in findings) == sorted(change.expected)
        heals = change.seen or change.name in DECLARED_HERE
        verdict = ApplyEffect.LIKELY_UNDOES if heals else ApplyEffect.LIKELY_MISSES
        assert {finding.terraform for finding in findings} == {verdict}
        if heals:
            assert {finding.fix for finding in findings} == {"make deploy ENV=local"}
        else:
            follow(world, findings[0].fix.split("; or, ")[0])
            assert world.drift() == []
    finally:
        undo()


def test_an_untouched_deployment_is_silent(world: World) -> None:
    assert world.drift() == []


def test_a_file_in_a_volume_is_silent(world: World) -> None:
    path = f"/Volumes/{CATALOG}/raw/olist/orders/orders.csv"
    world.client.files.upload(path, io.BytesIO(b"order_id\n"))

    assert world.drift() == []


def test_the_order_of_tasks_is_silent(world: World) -> None:
    reorder_tasks(world)

    assert world.drift() == []


def test_pipelines_saved_unchanged_are_silent(world: World) -> None:
    save_pipelines(world)

    assert world.drift() == []
