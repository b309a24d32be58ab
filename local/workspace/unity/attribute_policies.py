"""Policies of attributes (ABAC) on catalogs, schemas and tables: kept and answered, not applied to rows."""

import uuid

from pydantic import Field

from local.workspace.calls import routing
from local.workspace.calls.caller import caller_name
from local.workspace.calls.context import Workspace, Ws, now_ms
from local.workspace.calls.errors import DatabricksError, exists, invalid, not_found
from local.workspace.storage import minilake
from local.workspace.storage.minilake import SecurableKind
from local.workspace.storage.records import Collection, Record, Sent
from local.workspace.unity import securables, tables

router = routing.router("/api/2.1/unity-catalog/policies")

_KINDS: dict[str, SecurableKind] = {"CATALOG": "catalogs", "SCHEMA": "schemas"}


class UsedFunction(Sent):
    """The function that filters rows or masks a column."""

    function_name: str


class NewPolicy(Sent):
    """What a caller says of a policy; what it matches, and when, is kept as it was said."""

    name: str
    on_securable_type: str
    on_securable_fullname: str
    for_securable_type: str
    policy_type: str
    to_principals: tuple[str, ...] = Field(min_length=1)
    row_filter: UsedFunction | None = None
    column_mask: UsedFunction | None = None


class Policy(NewPolicy):
    """A policy; times in milliseconds."""

    id: str
    created_at: int
    created_by: str


class AttributePolicies(Record):
    """The policies on a securable itself."""

    policies: list[Policy]


# By the securable's full name and the policy's own.
_POLICIES = Collection("attribute_policies", Policy)


@router.post("")
async def create_policy(ws: Ws, body: NewPolicy) -> Policy:
    """Put a policy on a securable; it holds for all below it, too."""
    _must_exist(ws, body.on_securable_type, body.on_securable_fullname)
    for used in (body.row_filter, body.column_mask):
        if used and not minilake.securable("functions", used.function_name, minilake.Securable):
            message = f"Function '{used.function_name}' does not exist."
            raise DatabricksError("ROUTINE_NOT_FOUND", message, 404)
    key = f"{body.on_securable_fullname}/{body.name}"
    if _POLICIES.get(ws.store, key):
        raise exists(f"{body.on_securable_fullname} already has the policy {body.name}")
    made = {"id": str(uuid.uuid4()), "created_at": now_ms(), "created_by": caller_name()}
    policy = Policy.model_validate(body.as_json() | made)
    _POLICIES.put(ws.store, key, policy)
    return policy


@router.get("/{on_securable_type}/{on_securable_fullname}")
async def list_policies(ws: Ws, on_securable_type: str, on_securable_fullname: str) -> AttributePolicies:
    """The policies on a securable itself."""
    _must_exist(ws, on_securable_type, on_securable_fullname)
    return AttributePolicies(policies=_POLICIES.below(ws.store, f"{on_securable_fullname}/"))


@router.delete("/{on_securable_type}/{on_securable_fullname}/{name}")
async def delete_policy(ws: Ws, on_securable_type: str, on_securable_fullname: str, name: str) -> Record:
    """Take a policy off."""
    _must_exist(ws, on_securable_type, on_securable_fullname)
    if not _POLICIES.get(ws.store, f"{on_securable_fullname}/{name}"):
        raise not_found(f"{on_securable_fullname} has no policy {name}.")
    _POLICIES.delete(ws.store, f"{on_securable_fullname}/{name}")
    return Record()


def forget(ws: Workspace, full_name: str) -> None:
    """A dropped securable takes its policies with it."""
    _POLICIES.delete_below(ws.store, f"{full_name}/")


def _must_exist(ws: Workspace, kind: str, full_name: str) -> None:
    securable = minilake.securable_type(kind, full_name)
    if securable == "TABLE":
        tables.describe(ws, full_name)
    elif securable in _KINDS:
        securables.find(_KINDS[securable], full_name)
    else:
        raise invalid(f"Policies are defined on CATALOG, SCHEMA and TABLE, not on {kind}")
