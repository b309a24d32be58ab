"""What one state of an object says, by name: as Terraform has it (blocks in lists) or as the API has it (plurals)."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.review.plan import KNOWN_AFTER_APPLY

Facts = Callable[[Mapping[str, Any]], Mapping[str, Any]]
ACTIVE, PAUSED = "active", "PAUSED"
PRINCIPALS = ("group_name", "service_principal_name", "user_name")


def blocks(values: Mapping[str, Any], *names: str) -> list[Mapping[str, Any]]:
    """The blocks under the first of `names` that is there: a list of them, or a single one."""
    found = next((values[name] for name in names if values.get(name)), [])
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping)]


def field(name: str) -> Facts:
    """The field itself."""
    return lambda values: {name: values.get(name) or None}


def setting(key: str, default: str) -> Facts:
    """A setting of a pipeline, `default` where it has none."""
    return lambda values: {
        key: next((block[key] for block in blocks(values, "configuration") if block.get(key)), default)
    }


def activity(*names: str) -> Facts:
    """Of each block or flag that starts work whether it does: ACTIVE, PAUSED, or None where there is none."""
    return lambda values: {name: _activity(values, name) for name in names}


def _activity(values: Mapping[str, Any], name: str) -> str | None:
    if isinstance(values.get(name), bool):
        return ACTIVE if values[name] else None
    found = [block.get("pause_status") == PAUSED for block in blocks(values, name)]
    return None if not found else PAUSED if all(found) else ACTIVE


def runs_as(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who it runs as, None for whoever made it."""
    named = [block[key] for block in blocks(values, "run_as") for key in PRINCIPALS if block.get(key)]
    known_later = values.get("run_as") == KNOWN_AFTER_APPLY
    return {"run_as": KNOWN_AFTER_APPLY if known_later else next(iter(named), None)}


def full_refreshes(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of each task that runs a pipeline whether it resets the tables."""
    return {
        str(task.get("task_key")): block.get("full_refresh") or False
        for task in blocks(values, "task", "tasks")
        for block in blocks(task, "pipeline_task")
    }


def sources(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The files, notebooks and globs that a pipeline reads."""
    found = [
        str(block.get("include") or block.get("path"))
        for library in blocks(values, "library", "libraries")
        for kind in ("glob", "file", "notebook")
        for block in blocks(library, kind)
    ]
    return {"libraries": frozenset(found)}


def told_by_job(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who is told of each kind of event: addresses, and the ids of webhooks."""
    told: dict[str, frozenset[str]] = {}
    for kind in ("email_notifications", "webhook_notifications"):
        for block in blocks(values, kind):
            told |= {f"{kind}.{event}": _names(who) for event, who in block.items() if isinstance(who, list)}
    return told


def _names(told: list[Any]) -> frozenset[str]:
    return frozenset(str(one.get("id")) if isinstance(one, Mapping) else str(one) for one in told)


def told_by_pipeline(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Each address with each event that it is told of."""
    found = [
        f"{who} of {event}"
        for block in blocks(values, "notification", "notifications")
        for who in block.get("email_recipients") or []
        for event in block.get("alerts") or []
    ]
    return {"notifications": frozenset(found)}


def told_by_alert(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The addresses and destinations of an alert."""
    found = [
        str(one.get("user_email") or one.get("destination_id") or KNOWN_AFTER_APPLY)
        for evaluation in blocks(values, "evaluation")
        for notification in blocks(evaluation, "notification")
        for one in blocks(notification, "subscriptions")
    ]
    return {"evaluation": frozenset(found)}


def privileges(values: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """Privileges by principal, of `databricks_grants` (blocks) or `databricks_grant` (one principal)."""
    found = blocks(values, "grant") or ([values] if values.get("principal") else [])
    return {
        block.get("principal") or KNOWN_AFTER_APPLY: frozenset(map(str, block.get("privileges") or []))
        for block in found
    }


def levels(values: Mapping[str, Any]) -> Mapping[str, str]:
    """The permission level of each principal in a `databricks_permissions`."""
    return {_principal(entry): entry["permission_level"] for entry in blocks(values, "access_control")}


def protected(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The addresses that Terraform never destroys, as the stack's output says."""
    return {"value": frozenset(map(str, values.get("value") or []))}


def _principal(entry: Mapping[str, Any]) -> str:
    return next((entry[key] for key in PRINCIPALS if entry.get(key)), KNOWN_AFTER_APPLY)
