"""Tags that mark personal data: a missing one hides it from whoever masks and audits by tag."""

from collections.abc import Iterator
from datetime import datetime

from infra.drift import commands
from infra.drift.declared import Declared
from infra.drift.findings import Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Document, Snapshot
from infra.review.danger_table import hits, severity_of

# What infra/stack/constructs/tags.py puts on columns as soon as their tables exist.
COLUMN_TAG = ("pii", "true")
TAG = "entity_tag_assignment"
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
        tag = (tags or {}).get(key)
        if tags is not None and (tag is None or tag.get("tag_value", "") != value):
            yield _finding(kind, name, key, value, tag, address)


def _finding(kind: str, name: str, key: str, value: str, tag: Document | None, address: str) -> Finding:
    body = {"entity_type": kind, "entity_name": name, "tag_key": key, "tag_value": value}
    call = ("create",) if tag is None else ("update", kind, name, key, "tag_value")
    changed = hits(TAG, {"tag_value": value}, {"tag_value": tag and tag.get("tag_value", "")})
    return Finding(
        severity_of("tag_value", changed, Severity.NOTE),
        "tag",
        f"{kind} {name}",
        key,
        value,
        tag.get("tag_value", "") if tag else None,
        likely_effect(seen=True),
        by_hand=commands.cli("entity-tag-assignments", *call, body=body),
        address=address,
        changed_by=tag.get("updated_by") if tag else None,
        changed_at=_milliseconds(tag.get("update_time")) if tag else None,
    )


def _milliseconds(moment: str | None) -> int | None:
    """The API's 2026-11-23T10:00:00.000Z as milliseconds since 1970."""
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else None
