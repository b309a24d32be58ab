"""Catalog, schemas and volumes: are they there, are they as declared, and is there more."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.drift import commands
from infra.drift.compare.missing import missing_object
from infra.drift.compare.principals import is_same
from infra.drift.declared import Declared, Resource
from infra.drift.differences import FieldDifference, differences
from infra.drift.findings import UNDECLARED, Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Document, Snapshot
from infra.review.danger_table import hits, severity_of

FIELDS = ("comment", "properties", "storage_root", "volume_type", "owner", "isolation_mode")
KINDS = ("catalog", "schema", "volume")
# The commands of the CLI that are not called like the kind.
DELETED_AS = {"model": "registered-models"}
# Properties that Databricks sets on the objects it makes.
SYSTEM_PROPERTIES = ("delta.", "pipelines.", "databricks.")


def compare_securables(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """Missing, changed and undeclared ones; what a missing parent took along is not told again."""
    actual = _there(declared, snapshot)
    for resource in declared.of(*KINDS):
        found = actual.get(resource.full_name)
        if found is not None:
            yield from _changed(resource, found, snapshot.deployer)
        elif _parent(resource.full_name) in {"", *actual}:
            yield missing_object(resource)
    yield from _undeclared(declared, snapshot)
    yield from _bindings(declared, snapshot)


def _there(declared: Declared, snapshot: Snapshot) -> dict[str, Document]:
    unity = snapshot.unity
    catalog = {declared.only("catalog").full_name: unity.catalog} if unity.catalog is not None else {}
    return {**catalog, **unity.schemas, **unity.volumes}


def _parent(full_name: str) -> str:
    return full_name.rpartition(".")[0]


def _changed(resource: Resource, found: Document, deployer: str | None) -> Iterator[Finding]:
    expected = {field: resource.values[field] for field in FIELDS if field in resource.values}
    # An owner that nobody declared is whoever created the object.
    expected.setdefault("owner", found.get("created_by") or deployer or found.get("owner"))
    actual = {field: found[field] for field in FIELDS if field in found}
    for field in ("storage_root", "isolation_mode"):
        if field not in expected:
            actual.pop(field, None)
    if is_same(actual.get("owner"), expected["owner"]):
        actual["owner"] = expected["owner"]
    actual["properties"] = _own_properties(expected.get("properties", {}), actual.get("properties") or {})
    dangers = hits(resource.kind, expected, actual)
    for difference in differences(expected, actual, {}):
        severity = severity_of(difference.path, dangers, Severity.NOTE)
        yield _finding(resource, found, expected, difference, severity)


def _own_properties(expected: Mapping[str, str], actual: Mapping[str, str]) -> dict[str, str]:
    return {
        key: value
        for key, value in actual.items()
        if key in expected or not key.startswith(SYSTEM_PROPERTIES)
    }


def _finding(
    resource: Resource,
    found: Document,
    expected: Mapping[str, Any],
    difference: FieldDifference,
    severity: Severity,
) -> Finding:
    body = {difference.top: expected.get(difference.top) or ({} if difference.top == "properties" else "")}
    declares = difference.top in resource.values
    return Finding(
        severity,
        resource.kind,
        resource.full_name,
        difference.path,
        difference.expected,
        difference.actual,
        likely_effect(seen=declares and difference.provider_sees),
        by_hand=commands.cli(f"{resource.kind}s", "update", resource.full_name, body=body),
        address=resource.address,
        changed_by=found.get("updated_by"),
        changed_at=found.get("updated_at"),
    )


def _undeclared(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    unity = snapshot.unity
    found = {
        "schema": unity.schemas, "volume": unity.volumes, "function": unity.functions, "model": unity.models
    }  # fmt: skip
    for kind, there in found.items():
        known = {resource.full_name for resource in declared.of(kind)}
        for full_name in sorted(there.keys() - known):
            yield undeclared(kind, full_name, there[full_name])


def undeclared(kind: str, full_name: str, found: Document) -> Finding:
    """An object in the catalog that no code made: its grants are nobody's, and neither is its data."""
    return Finding(
        Severity.ACCESS,
        kind,
        full_name,
        "",
        None,
        UNDECLARED,
        likely_effect(seen=False),
        by_hand=commands.cli(DELETED_AS.get(kind, f"{kind}s"), "delete", full_name),
        changed_by=found.get("updated_by") or found.get("created_by"),
        changed_at=found.get("updated_at") or found.get("created_at"),
    )


def _bindings(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """Workspaces that reach an isolated catalog beside its own and those that are declared."""
    catalog = declared.only("catalog")
    known = {str(one.values["workspace_id"]) for one in declared.of("workspace_binding")}
    for workspace, binding in sorted(snapshot.unity.bindings.items()):
        if workspace not in known | {snapshot.workspace_id}:
            body = {"remove": [{"workspace_id": int(workspace), "binding_type": binding}]}
            yield Finding(
                Severity.ACCESS,
                "catalog",
                catalog.full_name,
                f"bindings[{workspace}]",
                None,
                binding,
                likely_effect(seen=False),
                by_hand=commands.cli(
                    "workspace-bindings", "update-bindings", "catalog", catalog.full_name, body=body
                ),
            )
