"""The principals that a workspace is started with: what they are, and a token for each."""

import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.workspace.calls.caller import OWNER, Caller
from local.workspace.calls.context import Workspace
from local.workspace.files.objects import Objects
from local.workspace.rights.who import Who
from local.workspace.storage import directory, minilake
from local.workspace.storage.records import Collection, Record
from local.workspace.unity import permissions

TOKENS = "tokens.json"


@dataclass(frozen=True)
class NewPrincipal:
    """One principal and the role that it plays.

    Attributes:
        role: what its token is found by, `reader`.
        name: a user's name, or a service principal's display name.
        is_user: whether it is a person.
        groups: the groups that it is a member of; `admins` are the workspace's.
        uses: display names of the service principals that it may let run (role Service Principal User).
        on_metastore: its privileges on the metastore.
    """

    role: str
    name: str
    is_user: bool = False
    groups: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    on_metastore: tuple[str, ...] = ()


class _Users(Record):
    """The application ids of the service principals that one principal may let run."""

    application_ids: tuple[str, ...]


_ROLES = Collection("service_principal_user", _Users)


def make(ws: Workspace, declared: Iterable[NewPrincipal]) -> Path:
    """Create the principals and their groups, those that are not there, and a token for each role.

    Returns the file of the tokens, `{role: {"name", "token"}}`, which only the home's owner may read. Two roles of one
    principal have one token.
    """
    entries = list(declared)
    names = {one.name: directory.put_principal(one.name, is_user=one.is_user) for one in entries}
    for one in entries:
        name = names[one.name]
        for group in one.groups:
            directory.add_member(group, name)
        minilake.grant_on_metastore(name, one.on_metastore)
        if one.is_user:
            Objects(ws.store).make_folder(f"/Users/{name}")
        if one.uses:
            _ROLES.put(ws.store, name, _Users(application_ids=tuple(names[other] for other in one.uses)))
    # As Databricks does: the warehouse that comes with a workspace is for everybody.
    permissions.open_to_users(ws, "warehouses", minilake.STARTER_ID, "CAN_USE")
    return _write_tokens(ws.home.workspace / TOKENS, {one.role: names[one.name] for one in entries})


def _write_tokens(file: Path, names: Mapping[str, str]) -> Path:
    known = tokens(file)
    by_name = {name: known.get(name) or f"dapi{secrets.token_hex(16)}" for name in names.values()}
    told = {role: {"name": name, "token": by_name[name]} for role, name in names.items()}
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as written:
        json.dump(told, written, indent=2)
    return file


def tokens(file: Path) -> dict[str, str]:
    """The token of each principal, by its name; none without the file."""
    if not file.exists():
        return {}
    return {one["name"]: one["token"] for one in json.loads(file.read_text()).values()}


def caller_with(given: bytes, owner_token: str, known: Mapping[str, str]) -> Caller | None:
    """Who brings the header `Authorization`; None for a token that nobody has."""
    if hmac.compare_digest(given, f"Bearer {owner_token}".encode()):
        return OWNER
    for name, token in known.items():
        if hmac.compare_digest(given, f"Bearer {token}".encode()):
            return principal(name)
    return None


def principal(name: str) -> Caller:
    """The principal of a name, as a caller."""
    if name == OWNER.name:
        return OWNER
    return Caller(name, "service_principal_name" if directory.is_service_principal(name) else "user_name")


def may_use(ws: Workspace, who: Who, application_id: str) -> bool:
    """Whether `who` has the role Service Principal User on a service principal; managing it would not do."""
    found = _ROLES.get(ws.store, who.name)
    return found is not None and application_id in found.application_ids
