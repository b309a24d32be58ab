"""Owners in permissions: the provider leaves out its own identity, and takes any other owner for a change.

So a plan by another identity than the one that deployed takes the owner away from job and pipelines, every time. They
always have one: the apply sets whoever applies.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from infra.review.facts import levels
from infra.review.plan import ResourceChange

OWNS = "IS_OWNER"


def owners(changes: Iterable[ResourceChange]) -> set[str]:
    """Those that the plan takes the ownership from, by leaving them out of permissions that it changes."""
    return {
        principal
        for change in changes
        if change.kind == "permissions" and change.action == "change"
        for principal, level in levels(change.before).items()
        if level == OWNS and principal not in levels(change.after)
    }


def only_owners_differ(changes: Iterable[ResourceChange]) -> bool:
    """Whether all changes leave an owner out of permissions, and do nothing else.

    On a folder the owner has another level, so what counts is who owns anything in the plan.
    """
    found = list(changes)
    own = owners(found)
    return all(_leaves_out(change, own) for change in found)


def _leaves_out(change: ResourceChange, own: set[str]) -> bool:
    if (
        change.kind != "permissions"
        or change.action != "change"
        or _rest(change.before) != _rest(change.after)
    ):
        return False
    return {who: what for who, what in levels(change.before).items() if who not in own} == levels(
        change.after
    )


def _rest(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != "access_control"}
