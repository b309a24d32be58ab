"""A plan says of each finding whether an apply sees and undoes it, and what drift did not find."""

from typing import Any

import pytest

from common.errors import UserError
from infra.drift.declared import Declared, Resource
from infra.drift.findings import DECLARED, ApplyEffect, Finding, Severity
from infra.drift.plan import merge_plan

ADDRESS = "databricks_catalog.catalog"
STACK = Declared((Resource(ADDRESS, "catalog", {"name": "olist"}),), ())


def entry(address: str, before: Any, after: Any, action: str = "update", **more: Any) -> dict[str, Any]:
    change = {"actions": [action], "before": before, "after": after, **more}
    return {
        "address": address,
        "type": address.split(".", maxsplit=1)[0],
        "mode": "managed",
        "change": change,
    }


def merged(findings: list[Finding], *entries: dict[str, Any]) -> list[Finding]:
    return merge_plan(findings, {"resource_changes": list(entries)}, STACK)


def finding(address: str, field: str, **more: Any) -> Finding:
    kind = address.split(".", maxsplit=1)[0].removeprefix("databricks_")
    values = {"object": "x", "expected": 1, "actual": 2} | more
    return Finding(
        Severity.WORK, kind, field=field, terraform=ApplyEffect.LIKELY_MISSES, address=address, **values
    )


JOB = entry(
    "databricks_job.job", {"max_concurrent_runs": 5, "name": "x"}, {"max_concurrent_runs": 1, "name": "x"}
)


def test_what_the_plan_changes_is_undone_and_what_it_does_not_touch_is_missed() -> None:
    file = finding("databricks_workspace_file.rules", "content")
    extra = finding("", "")
    job = finding("databricks_job.job", "max_concurrent_runs")

    assert [one.terraform for one in merged([job, file, extra], JOB)] == [
        ApplyEffect.UNDOES,
        ApplyEffect.MISSES,
        ApplyEffect.MISSES,
    ]


def test_a_job_is_written_whole_so_another_change_of_it_heals_what_is_unseen() -> None:
    (schedule,) = merged([finding("databricks_job.job", "schedule")], JOB)
    assert schedule.terraform is ApplyEffect.UNDOES_UNSEEN and schedule.terraform.heals


def test_a_schema_is_written_in_parts() -> None:
    change = entry("databricks_schema.gold", {"comment": "b", "name": "x"}, {"comment": "a", "name": "x"})
    owner, comment = merged(
        [finding("databricks_schema.gold", "owner"), finding("databricks_schema.gold", "comment")], change
    )
    assert (owner.terraform, comment.terraform) == (ApplyEffect.MISSES, ApplyEffect.UNDOES)


def test_plural_fields_are_those_of_the_singular_blocks() -> None:
    change = entry(
        "databricks_job.job",
        {"task": [{"task_key": "a", "max_retries": 0}]},
        {"task": [{"task_key": "a", "max_retries": 2}]},
    )
    assert (
        merged([finding("databricks_job.job", "tasks[a].max_retries")], change)[0].terraform
        is ApplyEffect.UNDOES
    )


def test_a_change_that_no_finding_explains_is_one_itself() -> None:
    (unexplained,) = merged([], JOB)
    assert (unexplained.kind, unexplained.object, unexplained.field) == (
        "plan",
        "job x",
        "max_concurrent_runs",
    )
    assert unexplained.expected == "Terraform would change it"


def test_what_follows_a_missing_object_is_not_told_again() -> None:
    volume = finding("databricks_volume.olist", "", object="olist.raw.files", expected=DECLARED, actual=None)
    again = entry(
        "databricks_volume.olist",
        None,
        {"name": "files", "catalog_name": "olist", "schema_name": "raw"},
        "create",
    )
    grants = entry("databricks_grants.g", None, {"volume": "olist.raw.files"}, "create")
    pipeline = entry(
        "databricks_pipeline.p",
        {"name": "p", "configuration": {"path": "/Volumes/x"}},
        {"name": "p", "configuration": {}},
        after_unknown={"configuration": {"path": True}},
    )
    permissions = entry("databricks_permissions.p", None, {}, "create", after_unknown={"job_id": True})

    (only,) = merged([volume], again, grants, pipeline, permissions)
    assert only.terraform is ApplyEffect.UNDOES


def test_a_plan_of_another_environment_is_refused() -> None:
    other = entry(ADDRESS, {"name": "olist_dev"}, {"name": "olist_dev"}, "no-op")
    with pytest.raises(UserError, match="the plan is of the catalog olist_dev, not of olist"):
        merged([], other)
