"""Reads who is a member of a group, where the workspace shows it: to its administrators alone."""

from collections.abc import Iterable

from infra.drift.reading.calls import Calls

GROUPS = "/api/2.0/preview/scim/v2/Groups"


def read_members(calls: Calls, groups: Iterable[str]) -> dict[str, frozenset[str]]:
    """The names of the members of each group that is there; of none where not a single member is shown.

    An empty group and one whose members are hidden look alike, so one alone tells nothing.
    """
    names = sorted(set(groups))
    members = dict(zip(names, calls.each(lambda name: _members(calls, name), names), strict=True))
    shown = any(members.values())
    return {name: found for name, found in members.items() if shown and found is not None}


def _members(calls: Calls, group: str) -> frozenset[str] | None:
    """The display names of a group's members; None without the group."""
    answer = calls.get(GROUPS, filter=f'displayName eq "{group}"', attributes="id,displayName,members")
    rows = answer.get("Resources") or []
    if not rows:
        return None
    return frozenset(one.get("display") or one["value"] for one in rows[0].get("members") or [])
