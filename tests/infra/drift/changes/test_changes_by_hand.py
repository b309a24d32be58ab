"""Every change that was measured with Terraform alone: drift names exactly it, whatever Terraform sees.

Of the six that are no drift two need the whole job: tests/lakehouse/deployment/test_rehearsal.py runs it and looks for
drift afterwards.
"""

import io

import pytest

from infra.drift.findings import ApplyEffect, Finding
from tests.infra.drift.changes.by_hand import follow
from tests.infra.drift.changes.change import Change, Name
from tests.infra.drift.changes.changes_of_data import DATA_CHANGES
from tests.infra.drift.changes.changes_of_work import WORK_CHANGES, reorder_tasks, save_pipelines
from tests.infra.drift.changes.rounds import Round, deploying_heals, rounds_of
from tests.infra.drift.world import CATALOG, Undo, World

CHANGES = (*DATA_CHANGES, *WORK_CHANGES)
ROUNDS = rounds_of(CHANGES)


def test_the_changes_are_those_that_were_measured() -> None:
    assert len({change.name for change in CHANGES}) == 83
    assert sum(change.seen for change in CHANGES) == 57
    assert sum(map(len, ROUNDS)) == 83


@pytest.mark.parametrize("changes", ROUNDS, ids=lambda changes: f"{changes[0].name} (of {len(changes)})")
def test_drift_names_exactly_the_changes_and_the_ways_back(world: World, changes: Round) -> None:
    """That all is as before shows in the next round: nothing but its own changes may be found there."""
    undos: list[Undo] = []
    try:
        for change in changes:
            undos.append(change.make(world))
        found = world.drift()
        assert sorted(finding.name for finding in found) == _names(changes)
        findings = {finding.name: finding for finding in found}
        for change in changes:
            _tells_the_way_back(change, [findings[name] for name in change.expected])
        by_hand = [change for change in changes if not deploying_heals(change)]
        for change in by_hand:
            follow(world, findings[change.expected[0]].fix.split("; or, ")[0])
        left = [change for change in changes if deploying_heals(change)]
        assert not by_hand or sorted(finding.name for finding in world.drift()) == _names(left)
    finally:
        # Several are undone by the same deployment.
        for undo in dict.fromkeys(reversed(undos)):
            undo()


def _names(changes: Round) -> list[Name]:
    return sorted(name for change in changes for name in change.expected)


def _tells_the_way_back(change: Change, findings: list[Finding]) -> None:
    heals = deploying_heals(change)
    verdict = ApplyEffect.LIKELY_UNDOES if heals else ApplyEffect.LIKELY_MISSES
    assert {finding.terraform for finding in findings} == {verdict}, change.name
    if heals:
        assert {finding.fix for finding in findings} == {"make deploy ENV=local"}, change.name


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
