"""What in a plan can lose data, open access or start work: each rule is one function over one change."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.review.owners import levels
from infra.review.permission_levels import rank_of_level
from infra.review.plan import KNOWN_AFTER_APPLY, SECURABLE_KEYS, ResourceChange
from infra.review.references import NAME_PARTS

LOSES = {
    "catalog": "all its schemas, tables and files are lost",
    "schema": "its tables and files are lost",
    "volume": "its files are lost",
    "sql_table": "its rows are lost",
    "table": "its rows are lost",
    "pipeline": "Databricks drops the tables it owns",
}
RENAMED = frozenset({"catalog", "schema", "volume"})
GRANTS = frozenset({"grant", "grants"})
GOES = frozenset({"destroy", "replace"})
PERMITTED_KINDS = {
    "job_id": "job",
    "pipeline_id": "pipeline",
    "directory_id": "directory",
    "dashboard_id": "dashboard",
}
NewResources = frozenset[tuple[str, str]]
"""Kind and full name of what the plan creates."""
DangerRule = Callable[[ResourceChange, NewResources], Iterator[str]]


@dataclass(frozen=True)
class Danger:
    """One reason to look twice: the resource and what would happen to it."""

    label: str
    reason: str


def dangers(changes: Iterable[ResourceChange]) -> list[Danger]:
    """Every danger in the plan, the loss of data first."""
    changes = list(changes)
    created = frozenset((change.kind, _full_name(change)) for change in changes if change.action == "create")
    return [
        Danger(change.label, reason)
        for rule in RULES
        for change in changes
        for reason in rule(change, created)
    ]


def _data_is_lost(change: ResourceChange, _: NewResources) -> Iterator[str]:
    if change.kind in LOSES and change.action in GOES:
        forced = f" (forced by {', '.join(change.forced_by)})" if change.forced_by else ""
        yield f"{change.action}{forced}: {LOSES[change.kind]}"


def _is_let_go(change: ResourceChange, _: NewResources) -> Iterator[str]:
    if change.action == "forget":
        yield "Terraform forgets it: it stays in the workspace, unmanaged"


def _is_renamed(change: ResourceChange, _: NewResources) -> Iterator[str]:
    old, new = change.before.get("name"), change.after.get("name")
    if change.action == "change" and change.kind in RENAMED and old != new:
        yield f"renamed from {old}: what uses the old name breaks, and streams read their files again"


def _grant_is_wider(change: ResourceChange, created: NewResources) -> Iterator[str]:
    """Grants on what the same plan creates open nothing that was closed."""
    if change.kind not in GRANTS or _securable_key(change.after) in created:
        return
    before = (
        {} if _securable_key(change.before) != _securable_key(change.after) else _privileges(change.before)
    )
    for principal, privileges in _privileges(change.after).items():
        if added := sorted(privileges - before.get(principal, set())):
            yield f"grants {', '.join(added)} to {principal}"


def _permission_is_higher(change: ResourceChange, created: NewResources) -> Iterator[str]:
    if change.kind != "permissions" or any(
        (kind, change.after.get(key)) in created for key, kind in PERMITTED_KINDS.items()
    ):
        return
    before = levels(change.before)
    for principal, level in levels(change.after).items():
        had = before.get(principal)
        if had is None or rank_of_level(level) > rank_of_level(had):
            yield f"gives {principal} {level}" + (f" instead of {had}" if had else "")


def _starts_by_itself(change: ResourceChange, _: NewResources) -> Iterator[str]:
    for block in ("schedule", "trigger", "continuous"):
        if _is_active(change.after.get(block)) and not _is_active(change.before.get(block)):
            yield f"{block} is active from this apply on"


def _changes_hands(change: ResourceChange, _: NewResources) -> Iterator[str]:
    for field in ("run_as", "owner"):
        old, new = _plain(change.before.get(field)), _plain(change.after.get(field))
        # A value that is known only after apply is missing.
        if change.action == "change" and field in change.after and old != new:
            yield f"{field} changes from {old} to {new}"


def _may_be_emptied(change: ResourceChange, _: NewResources) -> Iterator[str]:
    for field in ("force_destroy", "delete_recursive"):
        if change.before and not change.before.get(field) and change.after.get(field) is True:
            yield f"{field} is switched on: it may be destroyed with all that is in it"


def _loses_its_tag(change: ResourceChange, _: NewResources) -> Iterator[str]:
    if change.kind == "entity_tag_assignment" and change.action in GOES:
        yield f"tag {change.before.get('tag_key')} is removed"


def _tells_fewer(change: ResourceChange, _: NewResources) -> Iterator[str]:
    """What an alert would have told is seen by nobody."""
    if change.kind != "alert_v2" or change.action not in {"destroy", "change"}:
        return
    if change.action == "destroy":
        yield "destroyed: nobody is told any more"
    elif not _is_paused(change.before) and _is_paused(change.after):
        yield "paused: nobody is told any more"
    elif gone := sorted(_told(change.before) - _told(change.after)):
        yield f"no longer tells {', '.join(gone)}"


def _is_paused(alert: Mapping[str, Any]) -> bool:
    return (alert.get("schedule") or {}).get("pause_status") == "PAUSED"


def _told(alert: Mapping[str, Any]) -> set[str]:
    notification = (alert.get("evaluation") or {}).get("notification") or {}
    return {
        one.get("user_email") or one.get("destination_id") or KNOWN_AFTER_APPLY
        for one in notification.get("subscriptions") or []
    }


RULES: tuple[DangerRule, ...] = (
    _data_is_lost,
    _is_renamed,
    _is_let_go,
    _grant_is_wider,
    _permission_is_higher,
    _starts_by_itself,
    _changes_hands,
    _may_be_emptied,
    _loses_its_tag,
    _tells_fewer,
)


def access_given(change: ResourceChange) -> list[str]:
    """What grants or permissions give, one entry a principal: `readers SELECT, USE_SCHEMA`."""
    grants = [
        f"{principal} {', '.join(sorted(held))}" for principal, held in _privileges(change.after).items()
    ]
    return grants + [f"{principal} {level}" for principal, level in levels(change.after).items()]


def _full_name(change: ResourceChange) -> str:
    values = change.values
    parts = [values[key] for key in NAME_PARTS if values.get(key)]
    return ".".join(parts) or str(values.get("path"))


def _securable_key(values: Mapping[str, Any]) -> tuple[str, str] | None:
    return next(((key, values[key]) for key in SECURABLE_KEYS if values.get(key)), None)


def _privileges(values: Mapping[str, Any]) -> dict[str, set[str]]:
    """Privileges by principal, of `databricks_grants` (blocks) or `databricks_grant` (one principal)."""
    blocks = values.get("grant") or ([values] if values.get("principal") else [])
    return {
        block.get("principal") or KNOWN_AFTER_APPLY: set(block.get("privileges") or [])
        for block in blocks
        if isinstance(block, Mapping)
    }


def _is_active(block: Any) -> bool:
    """Blocks are lists, empty when absent; a pipeline's `continuous` is a plain flag."""
    if not isinstance(block, list):
        return block is True
    return any((item or {}).get("pause_status") != "PAUSED" for item in block)


def _plain(value: Any) -> str:
    """`[{"service_principal_name": "x", "user_name": ""}]` as `x`."""
    if isinstance(value, list):
        return ", ".join(str(item) for block in value for item in (block or {}).values() if item) or "(none)"
    return str(value) if value else "(none)"
