"""What goes with a dropped securable: all below it, its grants and tags, its data; `force` where that is much."""

import shutil

from local.workspace.calls import routing
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import DatabricksError
from local.workspace.storage import minilake
from local.workspace.storage.records import Record
from local.workspace.unity import (
    attribute_policies,
    bindings,
    delta_tables,
    models,
    recovery,
    securables,
    tables,
    tags,
)

router = routing.router("/api/2.1/unity-catalog")

_ALWAYS_IN_A_CATALOG = "default"


@router.delete("/catalogs/{full_name}")
async def delete_catalog(ws: Ws, full_name: str, force: bool = False) -> Record:
    """Drop a catalog; one with schemas besides `default` only with `force`, and all in them goes too."""
    securables.find("catalogs", full_name)
    schemas = securables.within("schemas", full_name)
    holds = [name for name in schemas if name != f"{full_name}.{_ALWAYS_IN_A_CATALOG}" or _contents(ws, name)]
    if holds and not force:
        raise _not_empty("Catalog", full_name, holds)
    for name in schemas:
        _drop_schema(ws, name)
    minilake.remove_securable("catalogs", full_name)
    bindings.forget(ws, full_name)
    _remove_grants_and_tags(ws, full_name)
    return Record()


@router.delete("/schemas/{full_name}")
async def delete_schema(ws: Ws, full_name: str, force: bool = False) -> Record:
    """Drop a schema; one with tables or volumes only with `force`, and they go too."""
    securables.find("schemas", full_name)
    holds = _contents(ws, full_name)
    if holds and not force:
        raise _not_empty("Schema", full_name, holds)
    _drop_schema(ws, full_name)
    return Record()


@router.delete("/volumes/{full_name}")
async def delete_volume(ws: Ws, full_name: str) -> Record:
    """Drop a volume and the files in it."""
    securables.find("volumes", full_name)
    _drop_volume(ws, full_name)
    return Record()


def _contents(ws: Workspace, schema: str) -> list[str]:
    written = {
        f"{schema}.{table.name}" for table in delta_tables.tables_in_schema(ws.home, schema.partition(".")[2])
    }
    return sorted({*written, *securables.within("tables", schema), *securables.within("volumes", schema)})


def _not_empty(label: str, full_name: str, holds: list[str]) -> DatabricksError:
    shown = ", ".join(holds[:5]) + (", ..." if len(holds) > 5 else "")
    message = f"{label} '{full_name}' is not empty: it holds {shown}. Use force to drop all of it."
    return DatabricksError("INVALID_STATE", message, 400)


def _drop_schema(ws: Workspace, full_name: str) -> None:
    for name in securables.within("volumes", full_name):
        _drop_volume(ws, name)
    for name in securables.within("tables", full_name):
        minilake.remove_securable("tables", name)
        minilake.remove_securable("external_tables", name)
        _remove_grants_and_tags(ws, name)
    for name in securables.within("functions", full_name):
        minilake.remove_securable("functions", name)
        _remove_grants_and_tags(ws, name)
    models.drop_within(ws, full_name)
    recovery.forget_schema(ws, full_name)
    minilake.remove_securable("schemas", full_name)
    _remove_grants_and_tags(ws, full_name)
    schema = full_name.partition(".")[2]
    if not any(name.partition(".")[2] == schema for name in minilake.securable_names("schemas")):
        tables.drop_schema(ws, schema)


def _drop_volume(ws: Workspace, full_name: str) -> None:
    folder = securables.volume_folder(ws, full_name)
    minilake.remove_securable("volumes", full_name)
    _remove_grants_and_tags(ws, full_name)
    if not any(securables.volume_folder(ws, name) == folder for name in minilake.securable_names("volumes")):
        shutil.rmtree(folder, ignore_errors=True)


@router.delete("/tables/{full_name}")
async def delete_table(ws: Ws, full_name: str) -> Record:
    """Drop a table; a managed one can be brought back for a while, an external one goes by name only."""
    found = tables.describe(ws, full_name)
    _, schema, name = full_name.split(".")
    was_external = minilake.remove_securable("tables", full_name)
    table = delta_tables.find_delta_table(ws.home, schema, name)
    if table and not was_external:
        recovery.set_aside(ws, found, table)
    _remove_grants_and_tags(ws, full_name)
    return Record()


def _remove_grants_and_tags(ws: Workspace, full_name: str) -> None:
    """So that a new securable of the name starts without any, and without policies."""
    attribute_policies.forget(ws, full_name)
    tags.forget(ws, full_name)
    minilake.remove_grants(full_name)
