"""Catalogs, schemas and volumes where minilake falls short: owners, renames, folders.

All three stay in minilake's Unity Catalog module, which creates, reads and lists catalogs and schemas itself.
A home has one warehouse and one set of volumes: `<home>/warehouse/<schema>.db/<table>` and
`<home>/volumes/<schema>/<volume>`, whatever the catalog.
"""

from pathlib import Path

from minilake.models.unity_catalog import CreateSchemaRequest
from minilake.uc_types import validate_identifier
from pydantic import JsonValue

from local.workspace.calls import routing
from local.workspace.calls.caller import caller_name
from local.workspace.calls.context import Workspace, Ws, now_ms
from local.workspace.calls.errors import DatabricksError, invalid
from local.workspace.storage import minilake
from local.workspace.storage.minilake import AnySecurable, Securable, SecurableKind
from local.workspace.storage.records import Record

router = routing.router("/api/2.1/unity-catalog")


class SecurableChange(Record):
    """The fields that a call may change; None leaves one as it is."""

    comment: str | None = None
    owner: str | None = None
    properties: dict[str, str] | None = None
    options: dict[str, JsonValue] | None = None
    isolation_mode: str | None = None
    enable_predictive_optimization: str | None = None
    browse_only: bool | None = None


class SecurableBody(SecurableChange):
    """What a call changes: fields, or the name."""

    new_name: str | None = None


class NewVolume(Record):
    """The fields of a volume that its caller chooses."""

    name: str
    catalog_name: str
    schema_name: str
    volume_type: str = "MANAGED"
    comment: str | None = None
    storage_location: str | None = None


class Volume(Securable):
    """A volume; times in milliseconds."""

    schema_name: str
    volume_type: str
    storage_location: str
    created_at: int
    created_by: str


class Volumes(Record):
    """The volumes of a schema."""

    volumes: list[Volume]


def find(kind: SecurableKind, full_name: str, form: type[AnySecurable] = Securable) -> AnySecurable:
    """One securable; 404 when there is none."""
    record = minilake.securable(kind, full_name, form)
    if record is None:
        label = kind[:-1].capitalize()
        raise DatabricksError(
            f"{label.upper()}_DOES_NOT_EXIST", f"{label} '{full_name}' does not exist.", 404
        )
    return record


def within(kind: SecurableKind, parent: str) -> list[str]:
    """Full names of the securables of a kind below a catalog or schema."""
    return [name for name in minilake.securable_names(kind) if name.startswith(f"{parent}.")]


def volume_folder(ws: Workspace, full_name: str) -> Path:
    """The home's folder behind a volume, whether the volume exists or not."""
    _, schema, volume = full_name.split(".")
    return ws.home.volumes / schema / volume


@router.post("/catalogs")
async def create_catalog(body: minilake.NewCatalog) -> Securable:
    """Create a catalog with its schema `default`; whoever creates them owns both."""
    await minilake.create_catalog(body)
    _owned_by_caller("schemas", f"{body.name}.default")
    return _owned_by_caller("catalogs", body.name, isolation_mode=body.isolation_mode)


@router.post("/schemas")
async def create_schema(body: CreateSchemaRequest) -> Securable:
    """Create a schema; whoever creates it owns it."""
    await minilake.create_schema(body)
    return _owned_by_caller("schemas", f"{body.catalog_name}.{body.name}")


def _owned_by_caller(kind: SecurableKind, full_name: str, **fields: JsonValue) -> Securable:
    who = caller_name()
    given = {field: value for field, value in fields.items() if value is not None}
    created = find(kind, full_name).changed(owner=who, created_by=who, updated_by=who, **given)
    minilake.put_securable(kind, full_name, created)
    return created


@router.patch("/catalogs/{full_name}")
async def update_catalog(full_name: str, body: SecurableBody) -> Securable:
    """Change a catalog's fields, or its name with all below it."""
    return _update("catalogs", full_name, body)


@router.patch("/schemas/{full_name}")
async def update_schema(full_name: str, body: SecurableBody) -> Securable:
    """Change a schema's fields; renaming one is refused, because its tables would stay behind."""
    return _update("schemas", full_name, body)


@router.patch("/volumes/{full_name}")
async def update_volume(full_name: str, body: SecurableBody) -> Securable:
    """Change a volume's fields; renaming one is refused, because its files would stay behind."""
    return _update("volumes", full_name, body)


def _update(kind: SecurableKind, full_name: str, body: SecurableBody) -> Securable:
    found, name = find(kind, full_name), full_name.rpartition(".")[2]
    renamed = body.new_name not in (None, "", name)
    if renamed and kind != "catalogs":
        raise invalid(f"The local workspace renames catalogs only, not {kind}: create a new one instead")
    given = body.model_dump(include=set(SecurableChange.model_fields), exclude_none=True)
    changed = found.changed(**given, updated_at=now_ms(), updated_by=caller_name())
    minilake.put_securable(kind, full_name, changed)
    return _rename_catalog(changed, body.new_name) if renamed and body.new_name else changed


def _rename_catalog(catalog: Securable, new: str) -> Securable:
    old = catalog.name
    validate_identifier(new, "catalog")
    if minilake.securable("catalogs", new, Securable):
        raise DatabricksError("CATALOG_ALREADY_EXISTS", f"Catalog '{new}' already exists", 409)
    kinds: tuple[SecurableKind, ...] = ("schemas", "volumes", "tables")
    for kind in kinds:
        for name in within(kind, old):
            full_name = new + name[len(old) :]
            _move(kind, name, find(kind, name).changed(catalog_name=new, full_name=full_name), full_name)
    minilake.rename_grants(old, new)
    return _move("catalogs", old, catalog.changed(name=new), new)


def _move(kind: SecurableKind, old_name: str, record: Securable, new_name: str) -> Securable:
    minilake.remove_securable(kind, old_name)
    minilake.put_securable(kind, new_name, record)
    return record


def new_fields(full_name: str) -> dict[str, JsonValue]:
    """The fields of a securable that is created now, whatever its kind."""
    moment = now_ms()
    return {
        "full_name": full_name,
        "owner": caller_name(),
        "created_at": moment,
        "created_by": caller_name(),
        "updated_at": moment,
        "updated_by": caller_name(),
    }


@router.post("/volumes")
async def create_volume(ws: Ws, body: NewVolume) -> Volume:
    """Create a volume over its folder of the home; files that are there already (a local run's) stay."""
    find("schemas", f"{body.catalog_name}.{body.schema_name}")
    validate_identifier(body.name, "volume")
    full_name = f"{body.catalog_name}.{body.schema_name}.{body.name}"
    if minilake.securable("volumes", full_name, Securable):
        raise DatabricksError("VOLUME_ALREADY_EXISTS", f"Volume '{full_name}' already exists", 409)
    if body.volume_type != "MANAGED":
        raise invalid("The local workspace has MANAGED volumes only")
    folder = volume_folder(ws, full_name)
    folder.mkdir(parents=True, exist_ok=True)
    location = {"storage_location": folder.as_uri()}
    volume = Volume.model_validate(dict(body) | location | new_fields(full_name))
    minilake.put_securable("volumes", full_name, volume)
    return volume


@router.get("/volumes")
async def list_volumes(catalog_name: str, schema_name: str) -> Volumes:
    """The volumes of a schema."""
    schema = f"{catalog_name}.{schema_name}"
    find("schemas", schema)
    return Volumes(volumes=[find("volumes", name, Volume) for name in within("volumes", schema)])


@router.get("/volumes/{full_name}")
async def get_volume(full_name: str) -> Volume:
    """One volume."""
    return find("volumes", full_name, Volume)
