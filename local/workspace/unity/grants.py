"""Grants of Unity Catalog: minilake's book-keeping, for objects that exist. `rights/` enforces them."""

from typing import Any

from fastapi import APIRouter
from minilake.models.grants import UpdatePermissionsRequest

from local.workspace.calls.context import Workspace, Ws
from local.workspace.storage import minilake
from local.workspace.storage.minilake import SecurableKind
from local.workspace.unity import securables, tables

router = APIRouter(prefix="/api/2.1/unity-catalog")

_KINDS: dict[str, SecurableKind] = {
    "CATALOG": "catalogs",
    "SCHEMA": "schemas",
    "VOLUME": "volumes",
    "FUNCTION": "functions",
}


def _must_exist(ws: Workspace, securable_type: str, full_name: str) -> None:
    securable = minilake.securable_type(securable_type, full_name)
    if securable == "TABLE":
        tables.describe(ws, full_name)
    elif securable in _KINDS:
        securables.find(_KINDS[securable], full_name)


@router.get("/permissions/{securable_type}/{full_name}")
async def get_grants(ws: Ws, securable_type: str, full_name: str, principal: str | None = None) -> Any:
    """Grants made on the object itself."""
    _must_exist(ws, securable_type, full_name)
    return await minilake.grants_on(securable_type, full_name, principal)


@router.patch("/permissions/{securable_type}/{full_name}")
async def update_grants(ws: Ws, securable_type: str, full_name: str, body: UpdatePermissionsRequest) -> Any:
    """Add and remove privileges of principals."""
    _must_exist(ws, securable_type, full_name)
    return await minilake.change_grants(securable_type, full_name, body)


@router.get("/effective-permissions/{securable_type}/{full_name}")
async def get_effective_grants(
    ws: Ws, securable_type: str, full_name: str, principal: str | None = None
) -> Any:
    """Grants on the object and those it inherits."""
    _must_exist(ws, securable_type, full_name)
    return await minilake.effective_grants_on(securable_type, full_name, principal)
