"""Two plans of one change have one digest; any other change has another."""

from pathlib import Path

from infra.review.digest import LENGTH, plan_digest
from infra.review.plan import read_plan

PLANS = Path(__file__).parents[1] / "plans"
GITHUBS_LIMIT = 50


def test_the_time_and_the_version_of_a_plan_do_not_count() -> None:
    plan = read_plan(PLANS / "change.json")
    digest = plan_digest(plan)
    assert len(digest) == LENGTH
    assert plan_digest({**plan, "timestamp": "2026-11-27T10:00:00Z", "terraform_version": "1.12.0"}) == digest


def test_what_it_does_counts() -> None:
    plans = [read_plan(file) for file in sorted(PLANS.glob("*.json"))]
    one, *_ = plans
    changed = [
        {**one, "configuration": {}},
        {**one, "output_changes": {"protected": {"actions": ["delete"]}}},
    ]
    assert len({plan_digest(plan) for plan in [*plans, *changed]}) == len(plans) + len(changed)


def test_a_label_has_room_for_it() -> None:
    assert len(f"dangerous-plan staging {'0' * LENGTH}") <= GITHUBS_LIMIT
