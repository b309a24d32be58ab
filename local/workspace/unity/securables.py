"""Catalogs, schemas and volumes where minilake falls short: owners, renames, folders.

All three stay in minilake's Unity Catalog module, which creates, reads and lists catalogs and schemas itself.
A home has one warehouse and one set of volumes: `<home>/warehouse/<schema>.db/<table>` and
`<home>/volumes/<schema>/<volume>`, whatever the catalog.
"""

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from minilake.uc_types import validate_identifier
from pydantic import BaseModel

from local.workspace.calls.context import USER, JsonBody, Workspace, Ws, now_ms
from local.workspace.calls.errors import DatabricksError, invalid
from local.workspace.storage import minilake
from local.workspace.storage.minilake import SecurableInfo, SecurableKind

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


class NewVolume(BaseModel):
    """The fields of a volume that its caller chooses."""

    name: str
    catalog_name: str
    schema_name: str
    volume_type: str = "MANAGED"
    comment: str | None = None
    storage_location: str | None = None


def find(kind: SecurableKind, full_name: str) -> SecurableInfo:
    """One record; 404 when there is none."""
    record = minilake.securables(kind).get(full_name)
    if record is None:
        label = kind[:-1].capitalize()
        raise DatabricksError(
            f"{label.upper()}_DOES_NOT_EXIST", f"{label} '{full_name}' does not exist.", 404
        )
    return record


def within(kind: SecurableKind, parent: str) -> list[str]:
    """Full names of the records of a kind below a catalog or schema."""
    return sorted(name for name in minilake.securables(kind) if name.startswith(f"{parent}."))


def volume_folder(ws: Workspace, full_name: str) -> Path:
    """The home's folder behind a volume, whether the volume exists or not."""
    _, schema, volume = full_name.split(".")
    return ws.home.volumes / schema / volume


@router.patch("/catalogs/{full_name}")
async def update_catalog(full_name: str, body: JsonBody) -> SecurableInfo:
    """Change a catalog's fields, or its name with all below it."""
    return _update("catalogs", full_name, body)


@router.patch("/schemas/{full_name}")
async def update_schema(full_name: str, body: JsonBody) -> SecurableInfo:
    """Change a schema's fields; renaming one is refused, because its tables would stay behind."""
    return _update("schemas", full_name, body)


@router.patch("/volumes/{full_name}")
async def update_volume(full_name: str, body: JsonBody) -> SecurableInfo:
    """Change a volume's fields; renaming one is refused, because its files would stay behind."""
    return _update("volumes", full_name, body)


def _update(kind: SecurableKind, full_name: str, body: dict[str, Any]) -> SecurableInfo:
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


def _rename_catalog(old: str, new: str) -> SecurableInfo:
    validate_identifier(new, "catalog")
    if new in minilake.securables("catalogs"):
        raise DatabricksError("CATALOG_ALREADY_EXISTS", f"Catalog '{new}' already exists", 409)
    kinds: tuple[SecurableKind, ...] = ("schemas", "volumes", "tables")
    for kind in kinds:
        for name in within(kind, old):
            moved = minilake.securables(kind).pop(name)
            renamed = new + name[len(old) :]
            minilake.securables(kind)[renamed] = moved | {"catalog_name": new, "full_name": renamed}
    minilake.rename_grants(old, new)
    minilake.securables("catalogs")[new] = minilake.securables("catalogs").pop(old) | {"name": new}
    return minilake.securables("catalogs")[new]


@router.post("/volumes")
async def create_volume(ws: Ws, body: NewVolume) -> SecurableInfo:
    """Create a volume over its folder of the home; files that are there already (a local run's) stay."""
    find("schemas", f"{body.catalog_name}.{body.schema_name}")
    validate_identifier(body.name, "volume")
    full_name = f"{body.catalog_name}.{body.schema_name}.{body.name}"
    if full_name in minilake.securables("volumes"):
        raise DatabricksError("VOLUME_ALREADY_EXISTS", f"Volume '{full_name}' already exists", 409)
    if body.volume_type != "MANAGED":
        raise invalid("The local workspace has MANAGED volumes only")
    folder = volume_folder(ws, full_name)
    folder.mkdir(parents=True, exist_ok=True)
    moment = now_ms()
    minilake.securables("volumes")[full_name] = body.model_dump(exclude_none=True) | {
        "full_name": full_name,
        "storage_location": folder.as_uri(),
        "owner": USER,
        "created_at": moment,
        "created_by": USER,
        "updated_at": moment,
        "updated_by": USER,
    }
    return minilake.securables("volumes")[full_name]


@router.get("/volumes")
async def list_volumes(catalog_name: str, schema_name: str) -> dict[str, Any]:
    """The volumes of a schema."""
    find("schemas", f"{catalog_name}.{schema_name}")
    return {
        "volumes": [
            minilake.securables("volumes")[name]
            for name in within("volumes", f"{catalog_name}.{schema_name}")
        ]
    }


@router.get("/volumes/{full_name}")
async def get_volume(full_name: str) -> SecurableInfo:
    """One volume."""
    return find("volumes", full_name)
