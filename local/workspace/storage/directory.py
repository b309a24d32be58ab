"""Users, groups and service principals: the directory, which minilake keeps and answers for."""

import uuid
from collections.abc import Iterator
from typing import Literal

from minilake.services import scim
from pydantic import Field

from local.workspace.storage.records import Sent

_Resource = Literal["Users", "Groups", "ServicePrincipals"]


class Member(Sent):
    """One member of a group, by the id of a user, a service principal or another group, and its display name."""

    value: str
    display: str | None = None


class Entry(Sent):
    """A user, a group or a service principal; each has a name of its own kind."""

    id: str
    user_name: str | None = Field(default=None, alias="userName")
    display_name: str | None = Field(default=None, alias="displayName")
    application_id: str | None = Field(default=None, alias="applicationId")
    active: bool | None = None
    members: tuple[Member, ...] = ()

    @property
    def name(self) -> str:
        """What grants and permissions call it."""
        return self.application_id or self.user_name or self.display_name or ""


def put_principal(name: str, *, is_user: bool) -> str:
    """The user of this name, or the service principal of this display name, created when it is not there.

    Returns what grants and permissions call it: the user's name, the service principal's application id.
    """
    resource: _Resource = "Users" if is_user else "ServicePrincipals"
    for entry in _entries(resource):
        if name == (entry.user_name if is_user else entry.display_name):
            return entry.name
    called = {"userName": name} if is_user else {"displayName": name, "applicationId": str(uuid.uuid4())}
    new = Entry.model_validate({"id": str(uuid.uuid4().int)[:16], "active": True, **called})
    _put(resource, new)
    return new.name


def add_member(group: str, name: str) -> None:
    """Make a user or a service principal a member of a group, which is created when it is not there."""
    found = next((one for one in _entries("Groups") if one.display_name == group), None)
    if found is None:
        found = Entry.model_validate({"id": str(uuid.uuid4().int)[:16], "displayName": group})
    member = next(one for one in _principals() if one.name == name)
    kept = [one for one in found.members if one.value != member.id]
    _put("Groups", found.changed(members=(*kept, Member(value=member.id, display=member.display_name))))


def groups_of(name: str) -> frozenset[str]:
    """The display names of the groups that hold a principal, by way of other groups, too."""
    groups = _entries("Groups")
    within = {one.id for one in _principals() if one.name == name}
    while more := {g.id for g in groups if within & {m.value for m in g.members}} - within:
        within |= more
    return frozenset(group.name for group in groups if group.id in within)


def is_service_principal(name: str) -> bool:
    """Whether a service principal has this application id."""
    return any(one.application_id == name for one in _entries("ServicePrincipals"))


def is_principal(name: str) -> bool:
    """Whether the account knows a user, a service principal or a group of this name."""
    return name == "account users" or any(one.name == name for one in (*_principals(), *_entries("Groups")))


def entry_of(name: str) -> Entry | None:
    """The user or service principal of a name."""
    return next((one for one in _principals() if one.name == name), None)


def _principals() -> Iterator[Entry]:
    yield from _entries("Users")
    yield from _entries("ServicePrincipals")


def _entries(resource: _Resource) -> list[Entry]:
    return [Entry.model_validate(one) for one in scim._state[resource].values()]


def _put(resource: _Resource, entry: Entry) -> None:
    scim._state[resource][entry.id] = entry.as_json()
