"""Which workspaces reach an isolated catalog: kept and answered; the local workspace itself is never shut out."""

from typing import Literal

from local.workspace.calls import routing
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import invalid
from local.workspace.storage.records import Collection, Record
from local.workspace.unity import securables

router = routing.router("/api/2.1/unity-catalog/bindings")

BindingType = Literal["BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"]


class Binding(Record):
    """One workspace, and whether it may write."""

    workspace_id: int
    binding_type: BindingType = "BINDING_TYPE_READ_WRITE"


class WorkspaceBindings(Record):
    """All workspaces that reach a catalog."""

    bindings: tuple[Binding, ...]


class WorkspaceBindingChange(Record):
    """Workspaces to add and to remove."""

    add: tuple[Binding, ...] = ()
    remove: tuple[Binding, ...] = ()


# By the catalog's name.
_BINDINGS = Collection("bindings", WorkspaceBindings)


@router.get("/{securable_type}/{full_name}")
async def get_bindings(ws: Ws, securable_type: str, full_name: str) -> WorkspaceBindings:
    """The workspaces of a catalog; at first the one in which it was isolated."""
    _must_be_a_catalog(securable_type, full_name)
    return _of(ws, full_name)


@router.patch("/{securable_type}/{full_name}")
async def update_bindings(
    ws: Ws, securable_type: str, full_name: str, body: WorkspaceBindingChange
) -> WorkspaceBindings:
    """Add and remove workspaces; one that is added again gets the new kind of binding."""
    _must_be_a_catalog(securable_type, full_name)
    bound = {one.workspace_id: one for one in _of(ws, full_name).bindings}
    for removed in body.remove:
        bound.pop(removed.workspace_id, None)
    bound |= {one.workspace_id: one for one in body.add}
    changed = WorkspaceBindings(bindings=tuple(bound.values()))
    _BINDINGS.put(ws.store, full_name, changed)
    return changed


def forget(ws: Workspace, catalog: str) -> None:
    """A dropped catalog takes its bindings with it."""
    _BINDINGS.delete(ws.store, catalog)


def _of(ws: Workspace, catalog: str) -> WorkspaceBindings:
    own = Binding(workspace_id=int(ws.identity.workspace_id), binding_type="BINDING_TYPE_READ_WRITE")
    return _BINDINGS.get(ws.store, catalog) or WorkspaceBindings(bindings=(own,))


def _must_be_a_catalog(securable_type: str, full_name: str) -> None:
    if securable_type != "catalog":
        raise invalid("The local workspace binds catalogs only")
    securables.find("catalogs", full_name)
