"""What in a plan can lose data, open access or start work: the rows of danger_table.py that apply to its changes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.review.danger_table import GONE, Hit, Severity, hits
from infra.review.facts import levels, privileges
from infra.review.plan import SECURABLE_KEYS, ResourceChange
from infra.review.references import NAME_PARTS

GRANTS = frozenset({"grant", "grants"})
GOES = frozenset({"destroy", "replace"})
ORDER = (Severity.DATA, Severity.ACCESS, Severity.WORK)
PERMITTED_KINDS = {
    "job_id": "job",
    "pipeline_id": "pipeline",
    "directory_id": "directory",
    "dashboard_id": "dashboard",
}
NewResources = frozenset[tuple[str, str]]
"""Kind and full name of what the plan creates."""


@dataclass(frozen=True)
class Danger:
    """One reason to look twice: the resource and what would happen to it."""

    label: str
    reason: str


def dangers(changes: Iterable[ResourceChange]) -> list[Danger]:
    """Every danger in the plan, the loss of data first."""
    changes = list(changes)
    created = frozenset((change.kind, _full_name(change)) for change in changes if change.action == "create")
    found = [(hit, change) for change in changes for hit in _hits(change, created)]
    ordered = sorted(found, key=lambda one: ORDER.index(one[0].endangers))
    return [Danger(change.label, hit.reason) for hit, change in ordered]


def _hits(change: ResourceChange, created: NewResources) -> Iterator[Hit]:
    if change.action == "forget":
        reason = "Terraform forgets it: it stays in the workspace, unmanaged"
        yield Hit("", Severity.DATA, reason)
    if change.action in GOES:
        yield from _lost(change)
    if change.after and not _is_of_new(change, created):
        # What is replaced has lost its data already.
        loses = change.action == "replace" and any(hit.endangers is Severity.DATA for hit in _lost(change))
        before = {} if _is_elsewhere(change) else change.before
        for hit in hits(change.kind, before, change.after):
            if not (loses and hit.endangers is Severity.DATA):
                yield hit


def _lost(change: ResourceChange) -> Iterator[Hit]:
    if change.kind in GONE:
        severity, reason = GONE[change.kind]
        forced = f" (forced by {', '.join(change.forced_by)})" if change.forced_by else ""
        yield Hit("", severity, f"{change.action}{forced}: {reason}")


def _is_of_new(change: ResourceChange, created: NewResources) -> bool:
    """Grants and permissions on what the same plan creates open nothing that was closed."""
    if change.kind in GRANTS:
        return _securable_key(change.after) in created
    return change.kind == "permissions" and any(
        (kind, change.after.get(key)) in created for key, kind in PERMITTED_KINDS.items()
    )


def _is_elsewhere(change: ResourceChange) -> bool:
    """Whether grants are on another securable than before, where nobody had them."""
    return change.kind in GRANTS and _securable_key(change.before) != _securable_key(change.after)


def access_given(change: ResourceChange) -> list[str]:
    """What grants or permissions give, one entry a principal: `readers SELECT, USE_SCHEMA`."""
    grants = [
        f"{principal} {', '.join(sorted(held))}" for principal, held in privileges(change.after).items()
    ]
    return grants + [f"{principal} {level}" for principal, level in levels(change.after).items()]


def _full_name(change: ResourceChange) -> str:
    values = change.values
    parts = [values[key] for key in NAME_PARTS if values.get(key)]
    return ".".join(parts) or str(values.get("path"))


def _securable_key(values: Mapping[str, Any]) -> tuple[str, str] | None:
    return next(((key, values[key]) for key in SECURABLE_KEYS if values.get(key)), None)
