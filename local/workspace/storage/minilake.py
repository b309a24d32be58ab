"""All that reaches into minilake's own state, but for users and groups: Unity Catalog, grants, secrets and so on.

minilake itself writes one file at a clean stop only; here every changed module is on disk before the call
that changed it is answered.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar

from minilake.models.grants import (
    EffectivePermissionsList,
    GetPermissionsResponse,
    UpdatePermissionsRequest,
)
from minilake.models.unity_catalog import CreateCatalogRequest, CreateSchemaRequest
from minilake.services import get_service_module
from minilake.services.unity_catalog import METASTORE_ID
from pydantic import JsonValue

from local.workspace.storage.records import Sent
from local.workspace.storage.store import Store

# Its jobs, workspace, permissions, files and SQL statements are replaced or left out.
SERVICES = (
    "identity",
    "scim",
    "tokens",
    "sql_warehouses",
    "saved_queries",
    "alerts",
    "unity_catalog",
    "grants",
    "cluster_policies",
    "instance_pools",
    "secrets",
    "workspace_admin",
    "catchall",
)
_KIND = "minilake"
STARTER_ID = "5ca1ab1e0ca70001"
STARTER: dict[str, JsonValue] = {
    "name": "Serverless Starter Warehouse",
    "cluster_size": "2X-Small",
    "state": "STOPPED",
    "auto_stop_mins": 10,
    "min_num_clusters": 1,
    "max_num_clusters": 1,
    "num_clusters": 0,
    "enable_photon": True,
    "enable_serverless_compute": True,
    "spot_instance_policy": "COST_OPTIMIZED",
    "warehouse_type": "PRO",
}

SecurableKind = Literal["catalogs", "schemas", "volumes", "tables", "functions", "external_tables"]


class Securable(Sent):
    """A catalog, schema, volume, table or function: what all of them have; the rest of its fields stay with it."""

    name: str
    full_name: str | None = None
    catalog_name: str | None = None
    owner: str | None = None
    updated_at: int | None = None
    updated_by: str | None = None


class NewCatalog(CreateCatalogRequest):
    """What a caller says of a new catalog."""

    isolation_mode: str | None = None


AnySecurable = TypeVar("AnySecurable", bound=Securable)


def securable_names(kind: SecurableKind) -> list[str]:
    """The full names of all securables of a kind."""
    return sorted(_securables(kind))


def securable(kind: SecurableKind, full_name: str, form: type[AnySecurable]) -> AnySecurable | None:
    """One securable, or None when there is none."""
    found = _securables(kind).get(full_name)
    return None if found is None else form.model_validate(found)


async def create_catalog(new: NewCatalog) -> None:
    """Create a catalog and the schema `default` in it; 409 when there is one."""
    await _service("unity_catalog").create_catalog(new)


async def create_schema(new: CreateSchemaRequest) -> None:
    """Create a schema; 400 without its catalog, 409 when there is one."""
    await _service("unity_catalog").create_schema(new)


def put_securable(kind: SecurableKind, full_name: str, record: Securable) -> None:
    """Create or replace one securable."""
    _securables(kind)[full_name] = record.as_json()


def remove_securable(kind: SecurableKind, full_name: str) -> bool:
    """Forget a securable; whether there was one."""
    return _securables(kind).pop(full_name, None) is not None


def _securables(kind: SecurableKind) -> dict[str, JsonValue]:
    return _service("unity_catalog")._state[kind]


def securable_type(given: str, full_name: str) -> str:
    """The type that a call on grants names, as `TABLE`; 400 when `full_name` has not as many parts as it needs."""
    return _service("grants")._validate(given, full_name)


async def grants_on(kind: str, full_name: str, principal: str | None) -> GetPermissionsResponse:
    """Grants made on the securable itself, of all principals or of one."""
    return await _service("grants").get_permissions(kind, full_name, principal)


async def effective_grants_on(kind: str, full_name: str, principal: str | None) -> EffectivePermissionsList:
    """Grants on the securable and those it inherits, of all principals or of one."""
    return await _service("grants").get_effective_permissions(kind, full_name, principal)


async def change_grants(
    kind: str, full_name: str, changes: UpdatePermissionsRequest
) -> GetPermissionsResponse:
    """Add and remove privileges; the grants as they are then."""
    return await _service("grants").update_permissions(kind, full_name, changes)


def privileges_on(kind: str, full_name: str) -> dict[str, list[str]]:
    """The privileges that were granted on the securable itself, by principal."""
    return _grants().get((kind, full_name), {})


def grant_on_metastore(principal: str, privileges: Iterable[str]) -> None:
    """Grant privileges on the one metastore, and no others."""
    _grants().setdefault(("METASTORE", METASTORE_ID), {})[principal] = sorted(privileges)


def put_grants(kind: str, full_name: str, privileges: Mapping[str, Iterable[str]]) -> None:
    """Make these, by principal, the privileges that are granted on the securable itself, and no others."""
    _grants()[kind, full_name] = {name: list(held) for name, held in privileges.items()}


def remove_grants(full_name: str) -> None:
    """Forget the grants on a securable."""
    grants = _grants()
    for key in [key for key in grants if key[1] == full_name]:
        del grants[key]


def rename_grants(catalog: str, new_name: str) -> None:
    """Move the grants on a catalog, and on all below it, to its new name."""
    grants = _grants()
    for kind, name in [key for key in grants if f"{key[1]}.".startswith(f"{catalog}.")]:
        grants[kind, new_name + name[len(catalog) :]] = grants.pop((kind, name))


def _grants() -> dict[tuple[str, str], dict[str, list[str]]]:
    return _service("grants")._state["grants"]


def warehouses() -> dict[str, str]:
    """The name of each SQL warehouse by its id."""
    found = _service("sql_warehouses")._state["warehouses"]
    return {warehouse_id: warehouse["name"] for warehouse_id, warehouse in found.items()}


def ensure_warehouse() -> None:
    """The warehouse that Databricks makes with each workspace."""
    found = _service("sql_warehouses")._state["warehouses"]
    found.setdefault(STARTER_ID, {"id": STARTER_ID, **STARTER})


def has_warehouse(warehouse_id: str) -> bool:
    """Whether there is a SQL warehouse of this id."""
    return warehouse_id in _service("sql_warehouses")._state["warehouses"]


def _service(name: str) -> Any:
    """One of minilake's service modules; its `_state` is what it remembers."""
    return get_service_module(name)


class MinilakeState:
    """Saves what changed and brings it back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._saved: dict[str, str] = {}

    def restore(self) -> None:
        """Give every module what it held when the workspace stopped."""
        for name in SERVICES:
            kept = self._store.get(_KIND, name)
            if kept is not None:
                _service(name).restore_state(json.loads(kept))
            self._saved[name] = self._now(name)

    def save(self) -> None:
        """Write the modules that changed since the last time, all of them or none."""
        changed = {name: text for name in SERVICES if (text := self._now(name)) != self._saved[name]}
        if not changed:
            return
        with self._store.transaction():
            for name, text in changed.items():
                self._store.put(_KIND, name, text)
        self._saved.update(changed)

    @staticmethod
    def _now(name: str) -> str:
        return json.dumps(_service(name).get_state())
