"""Catalogs, schemas and volumes where minilake falls short: owners, renames, `force`, cascades, folders.

All three stay in minilake's Unity Catalog module, which creates, reads and lists catalogs and schemas itself.
A home has one warehouse and one set of volumes: `<home>/warehouse/<schema>.db/<table>` and
`<home>/volumes/<schema>/<volume>`, whatever the catalog.
"""

import shutil
from typing import Any

from fastapi import APIRouter
from minilake.uc_types import validate_identifier
from pydantic import BaseModel

from local.workspace.http.context import USER, JsonBody, Workspace, Ws, now_ms
from local.workspace.http.errors import DatabricksError, invalid
from local.workspace.storage.minilake_state import service
from local.workspace.unity import delta_tables

router = APIRouter(prefix="/api/2.1/unity-catalog")

_CHANGEABLE = (
    "comment",
    "owner",
    "properties",
    "options",
    "isolation_mode",
    "enable_predictive_optimization",
    "browse_only",
)
_ALWAYS_IN_A_CATALOG = "default"


class NewVolume(BaseModel):
    """The fields of a volume that its caller chooses."""

    name: str
    catalog_name: str
    schema_name: str
    volume_type: str = "MANAGED"
    comment: str | None = None
    storage_location: str | None = None


def registry(kind: str) -> dict[str, dict[str, Any]]:
    """The records of a kind (catalogs, schemas, volumes, tables) by full name."""
    return service("unity_catalog")._state[kind]


def find(kind: str, full_name: str) -> dict[str, Any]:
    """One record; 404 when there is none."""
    record = registry(kind).get(full_name)
    if record is None:
        label = kind[:-1].capitalize()
        raise DatabricksError(
            f"{label.upper()}_DOES_NOT_EXIST", f"{label} '{full_name}' does not exist.", 404
        )
    return record


def within(kind: str, parent: str) -> list[str]:
    """Full names of the records of a kind below a catalog or schema."""
    return sorted(name for name in registry(kind) if name.startswith(f"{parent}."))


def forget(ws: Workspace, full_name: str) -> None:
    """A dropped object takes its grants and tags with it, so a new one of its name starts without any."""
    from local.workspace.unity import tags

    tags.forget(ws, full_name)
    grants = service("grants")._state["grants"]
    for key in [key for key in grants if key[1] == full_name]:
        del grants[key]


def _volume_folder(ws: Workspace, full_name: str) -> Any:
    _, schema, volume = full_name.split(".")
    return ws.home.volumes / schema / volume


@router.patch("/catalogs/{full_name}")
async def update_catalog(full_name: str, body: JsonBody) -> dict[str, Any]:
    """Change a catalog's fields, or its name with all below it."""
    return _update("catalogs", full_name, body)


@router.patch("/schemas/{full_name}")
async def update_schema(full_name: str, body: JsonBody) -> dict[str, Any]:
    """Change a schema's fields; renaming one is refused, because its tables would stay behind."""
    return _update("schemas", full_name, body)


@router.patch("/volumes/{full_name}")
async def update_volume(full_name: str, body: JsonBody) -> dict[str, Any]:
    """Change a volume's fields; renaming one is refused, because its files would stay behind."""
    return _update("volumes", full_name, body)


def _update(kind: str, full_name: str, body: dict[str, Any]) -> dict[str, Any]:
    record = find(kind, full_name)
    new_name = body.get("new_name") or full_name.rpartition(".")[2]
    if not isinstance(new_name, str) or not isinstance(body.get("properties") or {}, dict):
        raise invalid("new_name must be a string and properties an object")
    record.update({field: body[field] for field in _CHANGEABLE if body.get(field) is not None})
    record.update(updated_at=now_ms(), updated_by=USER)
    if new_name == full_name.rpartition(".")[2]:
        return record
    if kind != "catalogs":
        raise invalid(f"The local workspace renames catalogs only, not {kind}: create a new one instead")
    return _rename_catalog(full_name, new_name)


def _rename_catalog(old: str, new: str) -> dict[str, Any]:
    validate_identifier(new, "catalog")
    if new in registry("catalogs"):
        raise DatabricksError("CATALOG_ALREADY_EXISTS", f"Catalog '{new}' already exists", 409)
    for kind in ("schemas", "volumes", "tables"):
        for name in within(kind, old):
            moved = registry(kind).pop(name)
            renamed = new + name[len(old) :]
            registry(kind)[renamed] = moved | {"catalog_name": new, "full_name": renamed}
    grants = service("grants")._state["grants"]
    for securable, name in [key for key in grants if f"{key[1]}.".startswith(f"{old}.")]:
        grants[securable, new + name[len(old) :]] = grants.pop((securable, name))
    registry("catalogs")[new] = registry("catalogs").pop(old) | {"name": new}
    return registry("catalogs")[new]


@router.delete("/catalogs/{full_name}")
async def delete_catalog(ws: Ws, full_name: str, force: bool = False) -> dict[str, Any]:
    """Drop a catalog; one with schemas besides `default` only with `force`, and all in them goes too."""
    find("catalogs", full_name)
    schemas = within("schemas", full_name)
    holds = [name for name in schemas if name != f"{full_name}.{_ALWAYS_IN_A_CATALOG}" or _contents(ws, name)]
    if holds and not force:
        raise _not_empty("Catalog", full_name, holds)
    for name in schemas:
        _drop_schema(ws, name)
    del registry("catalogs")[full_name]
    forget(ws, full_name)
    return {}


@router.delete("/schemas/{full_name}")
async def delete_schema(ws: Ws, full_name: str, force: bool = False) -> dict[str, Any]:
    """Drop a schema; one with tables or volumes only with `force`, and they go too."""
    find("schemas", full_name)
    holds = _contents(ws, full_name)
    if holds and not force:
        raise _not_empty("Schema", full_name, holds)
    _drop_schema(ws, full_name)
    return {}


@router.delete("/volumes/{full_name}")
async def delete_volume(ws: Ws, full_name: str) -> dict[str, Any]:
    """Drop a volume and the files in it."""
    find("volumes", full_name)
    _drop_volume(ws, full_name)
    return {}


def _contents(ws: Workspace, schema: str) -> list[str]:
    tables = {f"{schema}.{table.name}" for table in delta_tables.in_schema(ws.home, schema.partition(".")[2])}
    return sorted({*tables, *within("tables", schema), *within("volumes", schema)})


def _not_empty(label: str, full_name: str, holds: list[str]) -> DatabricksError:
    shown = ", ".join(holds[:5]) + (", ..." if len(holds) > 5 else "")
    message = f"{label} '{full_name}' is not empty: it holds {shown}. Use force to drop all of it."
    return DatabricksError("INVALID_STATE", message, 400)


def _drop_schema(ws: Workspace, full_name: str) -> None:
    from local.workspace.unity import tables

    for name in within("volumes", full_name):
        _drop_volume(ws, name)
    for name in within("tables", full_name):
        del registry("tables")[name]
        registry("external_tables").pop(name, None)
        forget(ws, name)
    del registry("schemas")[full_name]
    forget(ws, full_name)
    schema = full_name.partition(".")[2]
    if not any(name.partition(".")[2] == schema for name in registry("schemas")):
        tables.drop_schema(ws, schema)


def _drop_volume(ws: Workspace, full_name: str) -> None:
    folder = _volume_folder(ws, full_name)
    del registry("volumes")[full_name]
    forget(ws, full_name)
    if not any(_volume_folder(ws, name) == folder for name in registry("volumes")):
        shutil.rmtree(folder, ignore_errors=True)


@router.post("/volumes")
async def create_volume(ws: Ws, body: NewVolume) -> dict[str, Any]:
    """Create a volume over its folder of the home; files that are there already (a local run's) stay."""
    find("schemas", f"{body.catalog_name}.{body.schema_name}")
    validate_identifier(body.name, "volume")
    full_name = f"{body.catalog_name}.{body.schema_name}.{body.name}"
    if full_name in registry("volumes"):
        raise DatabricksError("VOLUME_ALREADY_EXISTS", f"Volume '{full_name}' already exists", 409)
    if body.volume_type != "MANAGED":
        raise invalid("The local workspace has MANAGED volumes only")
    folder = _volume_folder(ws, full_name)
    folder.mkdir(parents=True, exist_ok=True)
    moment = now_ms()
    registry("volumes")[full_name] = body.model_dump(exclude_none=True) | {
        "full_name": full_name,
        "storage_location": folder.as_uri(),
        "owner": USER,
        "created_at": moment,
        "created_by": USER,
        "updated_at": moment,
        "updated_by": USER,
    }
    return registry("volumes")[full_name]


@router.get("/volumes")
async def list_volumes(catalog_name: str, schema_name: str) -> dict[str, Any]:
    """The volumes of a schema."""
    find("schemas", f"{catalog_name}.{schema_name}")
    return {
        "volumes": [registry("volumes")[name] for name in within("volumes", f"{catalog_name}.{schema_name}")]
    }


@router.get("/volumes/{full_name}")
async def get_volume(full_name: str) -> dict[str, Any]:
    """One volume."""
    return find("volumes", full_name)
