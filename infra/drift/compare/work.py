"""Pipelines and the job: every setting, with what the API fills in."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.drift import commands
from infra.drift.compare.missing import missing_object
from infra.drift.compare.principals import is_same
from infra.drift.declared import Declared, Resource
from infra.drift.differences import ANYTHING, FieldDifference, differences
from infra.drift.findings import UNDECLARED, Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Document, Snapshot, id_of
from infra.review.danger_table import hits, severity_of
from infra.review.plan import PROVIDER_PREFIX

# What the API fills in where a setting is not given, from the Jobs 2.2 and Pipelines references.
PIPELINE_DEFAULTS = {"edition": "ADVANCED", "channel": "CURRENT"}
JOB_DEFAULTS = {
    "max_concurrent_runs": 1,
    "run_if": "ALL_SUCCESS",
    "pause_status": "UNPAUSED",
    "source": "WORKSPACE",
    "performance_target": "PERFORMANCE_OPTIMIZED",
}
# What the workspace computes, or keeps for itself.
COMPUTED = {
    "pipeline": frozenset({"id", "pipeline_type", "photon", "storage"}),
    "job": frozenset({"format", "edit_mode", "deployment"}),
}
# What describes it and changes nothing that runs.
DESCRIPTIONS = frozenset({"description", "tags"})
# Databricks attaches one by itself; another than the declared one is told.
ATTACHED = frozenset({"budget_policy_id"})


def compare_work(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """Missing and changed ones, and others that carry a declared name."""
    for resource in declared.of("pipeline", "job"):
        found = snapshot.work.found.get(resource.address)
        if found is None:
            yield missing_object(resource)
        else:
            yield from _changed(resource, found, snapshot)
    for kind, document in snapshot.work.others:
        yield _double(kind, document)


def _changed(resource: Resource, found: Document, snapshot: Snapshot) -> Iterator[Finding]:
    is_job = resource.kind == "job"
    settings = found["settings"] if is_job else found["spec"]
    ignored = COMPUTED[resource.kind] | (ATTACHED - resource.values.keys())
    actual = {key: value for key, value in settings.items() if key not in ignored}
    expected = _with_ids(resource.values, snapshot)
    for document in (actual, expected):
        document.pop("run_as", None)
    runs_as = _runs_as(resource, found, snapshot.deployer)
    if runs_as is not None:
        yield _finding(resource, found, expected, runs_as, Severity.ACCESS)
    dangers = hits(resource.kind, expected, actual)
    for difference in differences(expected, actual, JOB_DEFAULTS if is_job else PIPELINE_DEFAULTS):
        otherwise = Severity.NOTE if difference.top in DESCRIPTIONS else Severity.WORK
        severity = severity_of(difference.path, dangers, otherwise)
        yield _finding(resource, found, expected, difference, severity)


def _with_ids(value: Any, snapshot: Snapshot) -> Any:
    """`value` with each Terraform address replaced by the id of what it names, unknown when that is gone."""
    if isinstance(value, Mapping):
        return {key: _with_ids(item, snapshot) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_ids(item, snapshot) for item in value]
    if isinstance(value, str) and value.startswith((f"{PROVIDER_PREFIX}pipeline.", f"{PROVIDER_PREFIX}job.")):
        found = snapshot.work.found.get(value)
        return ANYTHING if found is None else id_of(found)
    return value


def _runs_as(resource: Resource, found: Document, deployer: str | None) -> FieldDifference | None:
    """Who it runs as, where that is not the declared principal or, without one, its creator or who deployed last."""
    declared = resource.values.get("run_as") or {}
    expected = next(iter(declared.values()), deployer or found.get("creator_user_name"))
    actual = found.get("run_as_user_name") or expected
    if is_same(actual, expected) or (not declared and is_same(actual, found.get("creator_user_name"))):
        return None
    return FieldDifference("run_as", expected, actual)


def _finding(
    resource: Resource,
    found: Document,
    expected: Mapping[str, Any],
    difference: FieldDifference,
    severity: Severity,
) -> Finding:
    return Finding(
        severity,
        resource.kind,
        resource.full_name,
        difference.path,
        difference.expected,
        difference.actual,
        likely_effect(seen=_is_seen(resource, difference)),
        by_hand=_by_hand(resource, found, expected, difference),
        address=resource.address,
        changed_at=found.get("last_modified"),
    )


def _is_seen(resource: Resource, difference: FieldDifference) -> bool:
    """Of who runs it the provider compares what is declared, and nothing else."""
    return "run_as" in resource.values if difference.top == "run_as" else difference.provider_sees


def _by_hand(
    resource: Resource, found: Document, expected: Mapping[str, Any], difference: FieldDifference
) -> str:
    run_as = {"run_as": resource.values["run_as"]} if "run_as" in resource.values else {}
    if difference.top == "run_as":
        run_as = run_as or {"run_as": {"user_name": difference.expected}}
        if resource.kind == "job":
            return commands.cli("jobs", "update", body={"job_id": id_of(found), "new_settings": run_as})
    if resource.kind == "pipeline":
        return commands.cli("pipelines", "update", id_of(found), body={**expected, **run_as})
    whole = {"job_id": id_of(found), "new_settings": {**expected, **run_as}}
    if any(leaf is ANYTHING for leaf in _leaves(expected)):
        return ""
    return commands.cli("jobs", "reset", body=whole)


def _leaves(value: Any) -> Iterator[Any]:
    if not isinstance(value, Mapping | list):
        yield value
        return
    for item in value.values() if isinstance(value, Mapping) else value:
        yield from _leaves(item)


def _double(kind: str, document: Document) -> Finding:
    name = document.get("name") or document.get("settings", {}).get("name", "")
    return Finding(
        Severity.WORK,
        kind,
        f"{name} ({id_of(document)})",
        "",
        None,
        UNDECLARED,
        likely_effect(seen=False),
        by_hand=commands.cli(f"{kind}s", "delete", str(id_of(document))),
        changed_by=document.get("creator_user_name"),
        changed_at=document.get("last_modified") or document.get("created_time"),
    )
