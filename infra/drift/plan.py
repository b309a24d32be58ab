"""What a Terraform plan says of the findings: whether an apply sees and undoes them, and what else it changes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from common.errors import UserError
from infra.drift.compare.permissions import TARGETS
from infra.drift.declared import PLURALS, Declared
from infra.drift.findings import DECLARED, ApplyEffect, Finding, Severity
from infra.review.fields import field_changes
from infra.review.plan import SECURABLE_KEYS, ResourceChange, resource_changes

# Resources that the provider writes whole whenever anything in them changes.
WRITTEN_WHOLE = frozenset(
    {"job", "pipeline", "grants", "permissions", "entity_tag_assignment", "workspace_file"}
)


def merge_plan(findings: Iterable[Finding], plan: Mapping[str, Any], declared: Declared) -> list[Finding]:
    """The findings with the plan's word on each, and one for every change that none of them explains.

    `plan` is the parsed `terraform show -json`; UserError when it is of another environment.
    """
    _must_be_of(plan, declared)
    planned = {change.address: change for change in resource_changes(plan) if change.kind != "output"}
    judged = [replace(finding, terraform=_judge(finding, planned)) for finding in findings]
    explained = {finding.address for finding in judged}
    missing = {finding.object for finding in judged if finding.expected == DECLARED}
    return judged + [
        _unexplained(change)
        for address, change in planned.items()
        if address.split("[")[0] not in explained and not _follows(change, plan, missing)
    ]


def _must_be_of(plan: Mapping[str, Any], declared: Declared) -> None:
    catalog = declared.only("catalog")
    for entry in plan.get("resource_changes", []):
        sides = [side for side in (entry["change"].get("before"), entry["change"].get("after")) if side]
        names = {side.get("name") for side in sides}
        if entry["address"] == catalog.address and catalog.values["name"] not in names:
            wrong, right = ", ".join(map(str, names)), catalog.values["name"]
            raise UserError(f"the plan is of the catalog {wrong}, not of {right}: plan this environment")


def _judge(finding: Finding, planned: Mapping[str, ResourceChange]) -> ApplyEffect:
    address = finding.address
    change = next((planned[one] for one in planned if address and one.split("[")[0] == address), None)
    if change is None:
        return ApplyEffect.MISSES
    if change.action != "change" or change.kind not in {"job", "pipeline", "catalog", "schema", "volume"}:
        return ApplyEffect.UNDOES
    seen = {_top(field.path) for field in field_changes(change)}
    plural = PLURALS.get(change.kind, {})
    if _top(finding.field) in {plural.get(field, field) for field in seen}:
        return ApplyEffect.UNDOES
    return ApplyEffect.UNDOES_UNSEEN if change.kind in WRITTEN_WHOLE else ApplyEffect.MISSES


def _follows(change: ResourceChange, plan: Mapping[str, Any], missing: set[str]) -> bool:
    """Whether the change only brings back what something missing took along, or points to its new id."""
    names = _names(change)
    if any(name == one or name.startswith((f"{one}.", f"{one}/")) for one in missing for name in names):
        return True
    unknown = _unknown(change.address, plan)
    if change.action == "create":
        return bool(missing) and bool(unknown & set(TARGETS))
    return bool(missing) and {_top(field.path) for field in field_changes(change)} <= unknown


def _names(change: ResourceChange) -> set[str]:
    """What the resource is called, and what it is attached to."""
    values = change.values
    parts = [values[key] for key in ("catalog_name", "schema_name", "name") if values.get(key)]
    attached = [values[key] for key in ("path", "entity_name", *SECURABLE_KEYS) if values.get(key)]
    return {".".join(parts), *map(str, attached)}


def _unknown(address: str, plan: Mapping[str, Any]) -> set[str]:
    """The arguments of which some part is known only after the apply."""
    entries = (entry for entry in plan["resource_changes"] if entry["address"] == address)
    marks = next(entries)["change"].get("after_unknown") or {}
    return {argument for argument, mark in marks.items() if "true" in json.dumps(mark)}


def _top(path: str) -> str:
    return path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]


def _unexplained(change: ResourceChange) -> Finding:
    fields = ", ".join(field.path for field in field_changes(change)) if change.action == "change" else ""
    return Finding(
        Severity.WORK,
        "plan",
        change.label,
        fields,
        f"Terraform would {change.action} it",
        None,
        ApplyEffect.UNDOES,
        address=change.address,
    )
