"""Permissions on jobs, pipelines, dashboard, alerts and all uploaded code: one finding a principal."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.drift import commands
from infra.drift.compare.principals import as_declared
from infra.drift.declared import Declared, Resource
from infra.drift.findings import Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Snapshot, id_of
from infra.review.danger_table import hits, severity_of
from infra.review.facts import PRINCIPALS
from infra.review.permission_levels import rank_of_level

TARGETS = ("job_id", "pipeline_id", "directory_id", "dashboard_id")
# What has exactly one owner.
OWNED = ("job", "pipeline")
OWNER = frozenset({"IS_OWNER", "CAN_MANAGE"})
KINDS = {"DIRECTORY": "folder", "FILE": "file", "NOTEBOOK": "notebook"}


def compare_permissions(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """Missing, extra and changed levels on what is there; where no owner is declared the deployer owns what it made."""
    names = {resource.address: resource for resource in declared.resources}
    for resource in declared.of("permissions"):
        target = next(resource.values[key] for key in TARGETS if key in resource.values)
        if target in snapshot.work.permissions:
            wanted, actual = _wanted(resource), snapshot.work.permissions[target]
            actual = as_declared(actual, wanted)
            if "IS_OWNER" not in wanted.values():
                actual = _without_deployer(names[target], actual, snapshot)
            yield from _of_object(resource, names[target], wanted, actual, snapshot)
            if names[target] == declared.root:
                yield from _from_above(declared.root, wanted, snapshot)
    yield from _undeclared_lists(declared, snapshot)


def _wanted(resource: Resource) -> dict[str, str]:
    return {
        next(entry[key] for key in PRINCIPALS if entry.get(key)): entry["permission_level"]
        for entry in resource.values["access_control"]
    }


def _without_deployer(target: Resource, levels: Mapping[str, str], snapshot: Snapshot) -> dict[str, str]:
    """What is left without what whoever deploys owns; each job and pipeline has one owner, the last to deploy."""
    deployers = {snapshot.deployer} if target.kind in OWNED else snapshot.deployers
    return {
        principal: level
        for principal, level in levels.items()
        if not (principal in deployers and level in OWNER)
    }


def _from_above(root: Resource, wanted: Mapping[str, str], snapshot: Snapshot) -> Iterator[Finding]:
    """Who may do more with all uploaded code than is declared, because of a folder above it."""
    for principal, level in sorted(as_declared(snapshot.work.from_above, wanted).items()):
        if (
            rank_of_level(level) > rank_of_level(wanted.get(principal))
            and principal not in snapshot.deployers
        ):
            yield _undeclared("folder", root.full_name, principal, f"{level} from a folder above it")


def _undeclared_lists(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """Levels on folders and files in it, and on alerts, where none is declared; whoever made one manages it."""
    people_deploy = not any("IS_OWNER" in _wanted(one).values() for one in declared.of("permissions"))
    code = snapshot.code
    lists = [
        (KINDS[code.objects[path]["object_type"]], path, held)
        for path, held in code.permissions.items()
        if path in code.objects
    ]
    lists += [("alert", title, held) for title, held in snapshot.alert_permissions.items()]
    for kind, name, levels in sorted(lists, key=lambda one: one[:2]):
        for principal, level in sorted(levels.items()):
            # Nothing tells which of several people made it.
            made_it = principal in snapshot.deployers or (people_deploy and "@" in principal)
            if not (made_it and level in OWNER):
                yield _undeclared(kind, name, principal, level)


def _undeclared(kind: str, name: str, principal: str, level: str) -> Finding:
    return Finding(
        Severity.ACCESS,
        "permissions",
        f"{kind} {name}",
        principal,
        None,
        level,
        likely_effect(seen=False),
        by_hand=f"take it away in the workspace: Share, on {name} or the folder above that gives it",
    )


def _of_object(
    resource: Resource,
    target: Resource,
    wanted: Mapping[str, str],
    actual: Mapping[str, str],
    snapshot: Snapshot,
) -> Iterator[Finding]:
    for principal in sorted({*wanted, *actual}):
        before, after = wanted.get(principal), actual.get(principal)
        if before != after:
            yield Finding(
                severity_of(principal, hits("permissions", *_lists(principal, before, after)), Severity.WORK),
                "permissions",
                f"{'folder' if target.kind == 'directory' else target.kind} {target.full_name}",
                principal,
                before,
                after,
                likely_effect(seen=True),
                by_hand=_by_hand(resource, target, snapshot),
                address=resource.address,
            )


def _lists(principal: str, *levels: str | None) -> list[dict[str, Any]]:
    """For each of `levels` the permissions in which the principal has it, and nobody else anything."""
    entries = [[{"group_name": principal, "permission_level": level}] if level else [] for level in levels]
    return [{"access_control": entry} for entry in entries]


def _by_hand(resource: Resource, target: Resource, snapshot: Snapshot) -> str:
    """Set the whole list: the API takes no single entry away."""
    if target.kind == "directory":
        kind, object_id = "directories", snapshot.code.objects.get(target.full_name, {}).get("object_id")
    else:
        kind, object_id = f"{target.kind}s", id_of(snapshot.work.found[target.address])
    body = {"access_control_list": resource.values["access_control"]}
    return commands.cli("permissions", "set", kind, str(object_id), body=body)
