"""The dashboard: gone, or another than the code's."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra.drift.compare.missing import missing_object
from infra.drift.declared import Declared
from infra.drift.findings import Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Document, Snapshot

FIELDS = ("parent_path", "warehouse_id")
CONTENT = "serialized_dashboard"
# The lists of parts that have a name each, by which they are told apart.
PARTS = ("datasets", "pages")
EDITED = " (edited)"


def compare_dashboards(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """One finding a field; an edit by hand gives a new etag, by which Terraform sees it, too."""
    for resource in declared.of("dashboard"):
        found = snapshot.work.found.get(resource.address)
        if found is None:
            yield missing_object(resource)
            continue
        for field, wanted, there in _changed(resource.values, found):
            yield Finding(
                Severity.WORK,
                "dashboard",
                resource.full_name,
                field,
                wanted,
                there,
                likely_effect(seen=True),
                address=resource.address,
            )


def _changed(values: Mapping[str, Any], found: Document) -> Iterator[tuple[str, str | None, str | None]]:
    """Each field that differs with both sides; of the content the titles of the parts: it would fill pages."""
    for field in FIELDS:
        if values[field] != found.get(field):
            yield field, values[field], found.get(field)
    expected, actual = _content(values[CONTENT]), _content(found.get(CONTENT))
    if expected != actual:
        yield CONTENT, _titles(expected, actual, ""), _titles(actual, expected, EDITED)


def _content(text: str | None) -> dict[str, Any]:
    """The datasets, the pages and the rest, each under what tells it apart."""
    document = json.loads(text or "{}")
    parts = {f"{kind}.{one['name']}": one for kind in PARTS for one in document.get(kind, ())}
    return parts | {key: value for key, value in document.items() if key not in PARTS}


def _titles(own: Mapping[str, Any], other: Mapping[str, Any], mark: str) -> str | None:
    """The parts that `other` lacks or has otherwise; the latter have the mark. None when there are none."""
    titles = [
        _title(key, part) + (mark if key in other else "")
        for key, part in own.items()
        if other.get(key) != part
    ]
    return ", ".join(sorted(titles)) or None


def _title(key: str, part: Any) -> str:
    return part.get("displayName", key) if isinstance(part, Mapping) else key
