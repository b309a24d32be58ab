"""Tags that mark personal data: a missing one hides it from whoever masks and audits by tag."""

from collections.abc import Iterator

from infra.drift import commands
from infra.drift.findings import Finding, Severity, likely
from infra.drift.snapshot import Snapshot
from infra.drift.stack import Declared

# What infra/constructs/tags.py puts on columns as soon as their tables exist.
COLUMN_TAG = ("pii", "true")
COLUMNS_ADDRESS = "databricks_entity_tag_assignment.pii_column"


def compare_tags(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """Missing and changed tags of objects that are there; further tags are somebody's own."""
    expected = {
        (resource.values["entity_type"], resource.values["entity_name"], resource.values["tag_key"]): (
            resource.values.get("tag_value", ""),
            resource.address,
        )
        for resource in declared.of("entity_tag_assignment")
    }
    key, value = COLUMN_TAG
    expected |= {("columns", column, key): (value, COLUMNS_ADDRESS) for column in declared.tagged_columns}
    for (kind, name, key), (value, address) in expected.items():
        tags = snapshot.unity.tags.get((kind, name))
        if tags is not None and tags.get(key) != value:
            yield _finding(kind, name, key, value, tags.get(key), address)


def _finding(kind: str, name: str, key: str, value: str, actual: str | None, address: str) -> Finding:
    body = {"entity_type": kind, "entity_name": name, "tag_key": key, "tag_value": value}
    call = ("create",) if actual is None else ("update", kind, name, key, "tag_value")
    return Finding(
        Severity.ACCESS,
        "tag",
        f"{kind} {name}",
        key,
        value,
        actual,
        likely(seen=True),
        by_hand=commands.cli("entity-tag-assignments", *call, body=body),
        address=address,
    )
