"""The dashboard: gone, or another than the code's."""

import json
from collections.abc import Iterator
from typing import Any

from infra.drift.compare.missing import missing
from infra.drift.declared import Declared
from infra.drift.findings import Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Snapshot

FIELDS = ("parent_path", "warehouse_id")
CONTENT = "serialized_dashboard"


def compare_dashboards(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """One finding a field; an edit by hand gives a new etag, by which Terraform sees it, too."""
    for resource in declared.of("dashboard"):
        found = snapshot.work.found.get(resource.address)
        if found is None:
            yield missing(resource, Severity.WORK)
            continue
        pairs = [(field, resource.values[field], found.get(field)) for field in FIELDS]
        expected, actual = _content(resource.values[CONTENT]), _content(found.get(CONTENT))
        pairs.append((CONTENT, _told(expected, actual), _told(actual, expected)))
        for field, wanted, there in pairs:
            if wanted != there:
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


def _content(text: str | None) -> dict[str, Any]:
    """The datasets and pages by their titles."""
    document = json.loads(text or "{}")
    parts = [*document.get("datasets", ()), *document.get("pages", ())]
    rest = {key: value for key, value in document.items() if key not in {"datasets", "pages"}}
    return {one.get("displayName", one["name"]): one for one in parts} | rest


def _told(own: dict[str, Any], other: dict[str, Any]) -> str:
    """The parts that differ: the whole text would fill pages."""
    parts = [name for name, part in own.items() if other.get(name) != part]
    return ", ".join(sorted(parts))
