"""Which workspaces reach an isolated catalog: kept and answered; the local workspace itself is never shut out.

The older call for catalogs names workspaces only: what it assigns may write.
"""

from typing import Literal

from local.workspace.calls import routing
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import invalid
from local.workspace.storage.records import Collection, Record
from local.workspace.unity import securables

router = routing.router("/api/2.1/unity-catalog")

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


class AssignedWorkspaces(Record):
    """The ids of all workspaces that reach a catalog, as the older call has them."""

    workspaces: tuple[int, ...]


class WorkspaceAssignment(Record):
    """The ids of workspaces to add and to remove."""

    assign_workspaces: tuple[int, ...] = ()
    unassign_workspaces: tuple[int, ...] = ()


# By the catalog's name.
_BINDINGS = Collection("bindings", WorkspaceBindings)


@router.get("/bindings/{securable_type}/{full_name}")
async def get_bindings(ws: Ws, securable_type: str, full_name: str) -> WorkspaceBindings:
    """The workspaces of a catalog; at first the one in which it was isolated."""
    _must_be_a_catalog(securable_type, full_name)
    return _of(ws, full_name)


@router.patch("/bindings/{securable_type}/{full_name}")
async def update_bindings(
    ws: Ws, securable_type: str, full_name: str, body: WorkspaceBindingChange
) -> WorkspaceBindings:
    """Add and remove workspaces; one that is added again gets the new kind of binding."""
    _must_be_a_catalog(securable_type, full_name)
    bound = {one.workspace_id: one for one in _of(ws, full_name).bindings}
    for removed in body.remove:
        bound.pop(removed.workspace_id, None)
    # Written out, since a field that nobody set is left out of an answer.
    bound |= {
        one.workspace_id: Binding(workspace_id=one.workspace_id, binding_type=one.binding_type)
        for one in body.add
    }
    changed = WorkspaceBindings(bindings=tuple(bound.values()))
    _BINDINGS.put(ws.store, full_name, changed)
    return changed


@router.get("/workspace-bindings/catalogs/{full_name}")
async def get_workspaces(ws: Ws, full_name: str) -> AssignedWorkspaces:
    """The ids of the workspaces of a catalog."""
    return _assigned(await get_bindings(ws, "catalog", full_name))


@router.patch("/workspace-bindings/catalogs/{full_name}")
async def assign_workspaces(ws: Ws, full_name: str, body: WorkspaceAssignment) -> AssignedWorkspaces:
    """Add and remove workspaces; Terraform's provider asks this before it drops an isolated catalog."""
    change = WorkspaceBindingChange(
        add=tuple(_writable(one) for one in body.assign_workspaces),
        remove=tuple(Binding(workspace_id=one) for one in body.unassign_workspaces),
    )
    return _assigned(await update_bindings(ws, "catalog", full_name, change))


def forget(ws: Workspace, catalog: str) -> None:
    """A dropped catalog takes its bindings with it."""
    _BINDINGS.delete(ws.store, catalog)


def _assigned(bound: WorkspaceBindings) -> AssignedWorkspaces:
    return AssignedWorkspaces(workspaces=tuple(one.workspace_id for one in bound.bindings))


def _of(ws: Workspace, catalog: str) -> WorkspaceBindings:
    own = _writable(int(ws.identity.workspace_id))
    return _BINDINGS.get(ws.store, catalog) or WorkspaceBindings(bindings=(own,))


def _writable(workspace_id: int) -> Binding:
    return Binding(workspace_id=workspace_id, binding_type="BINDING_TYPE_READ_WRITE")


def _must_be_a_catalog(securable_type: str, full_name: str) -> None:
    if securable_type != "catalog":
        raise invalid("The local workspace binds catalogs only")
    securables.find("catalogs", full_name)
