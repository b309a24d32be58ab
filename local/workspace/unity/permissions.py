"""Permissions on jobs, pipelines, dashboards, alerts, warehouses, folders, files and notebooks that exist."""

from collections.abc import Iterator
from typing import Literal

from local.workspace.calls import routing
from local.workspace.calls.caller import CALLER, OWNER, Caller
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import invalid, not_found
from local.workspace.files.objects import Objects, WorkspaceObject
from local.workspace.files.paths import parent_of, workspace_path
from local.workspace.storage import minilake
from local.workspace.storage.records import Collection, Record

router = routing.router("/api/2.0/permissions")

# For each kind in a call's path: the object's type in the answer, the owner's level.
_TYPES = {
    "jobs": ("job", "IS_OWNER"),
    "pipelines": ("pipelines", "IS_OWNER"),
    "dashboards": ("dashboard", "CAN_MANAGE"),
    "alertsv2": ("alertv2", "CAN_MANAGE"),
    "warehouses": ("warehouses", "IS_OWNER"),
    "directories": ("directory", "CAN_MANAGE"),
    "files": ("file", "CAN_MANAGE"),
    "notebooks": ("notebook", "CAN_MANAGE"),
}
WORKSPACE_OBJECTS = {"directories", "files", "notebooks"}
# From the lowest on.
LEVELS = {
    "jobs": ("CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"),
    "pipelines": ("CAN_VIEW", "CAN_RUN", "IS_OWNER", "CAN_MANAGE"),
    "warehouses": ("CAN_VIEW", "CAN_MONITOR", "CAN_USE", "IS_OWNER", "CAN_MANAGE"),
} | dict.fromkeys(
    WORKSPACE_OBJECTS | {"dashboards", "alertsv2"}, ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE")
)


PrincipalField = Literal["user_name", "group_name", "service_principal_name"]


class Principal(Record):
    """Exactly one of the three names."""

    user_name: str | None = None
    group_name: str | None = None
    service_principal_name: str | None = None


class AccessControl(Principal):
    """One principal's level."""

    permission_level: str

    @property
    def principal(self) -> tuple[PrincipalField, str]:
        """Field and name."""
        named: tuple[tuple[PrincipalField, str | None], ...] = (
            ("user_name", self.user_name),
            ("group_name", self.group_name),
            ("service_principal_name", self.service_principal_name),
        )
        given: list[tuple[PrincipalField, str]] = [(field, name) for field, name in named if name]
        if len(given) != 1:
            raise invalid("Each entry names one of user_name, group_name and service_principal_name")
        return given[0]


class AccessControlList(Record):
    """The body of both changing calls."""

    access_control_list: tuple[AccessControl, ...] = ()


class Permission(Record):
    """A level, and where it comes from when it is not the object's own."""

    permission_level: str
    inherited: bool
    inherited_from_object: tuple[str, ...] | None = None


class PrincipalPermissions(Principal):
    """All that one principal may do."""

    all_permissions: tuple[Permission, ...]


class ObjectPermissions(Record):
    """Who may do what with an object."""

    object_id: str
    object_type: str
    access_control_list: tuple[PrincipalPermissions, ...]


class PermissionLevel(Record):
    """A level that an object knows."""

    permission_level: str
    description: str


class PermissionLevels(Record):
    """All of them."""

    permission_levels: list[PermissionLevel]


_Row = tuple[PrincipalField, str, str]
_Principal = tuple[PrincipalField, str]


class Placed(Record):
    """The folder that a dashboard or an alert stands in."""

    parent_path: str = "/"


_PLACED = {"dashboards": Collection("dashboards", Placed), "alertsv2": Collection("alerts", Placed)}


class _Stored(Record):
    """The field and the name of each principal, and its level."""

    levels: tuple[_Row, ...]


_PERMISSIONS = Collection("permissions", _Stored)


@router.get("/{object_type}/{object_id}")
async def get_permissions(ws: Ws, object_type: str, object_id: str) -> ObjectPermissions:
    """Who may do what with an object, by what was given there and on the folders above it."""
    return _answer(ws, object_type, object_id)


@router.put("/{object_type}/{object_id}")
async def set_permissions(
    ws: Ws, object_type: str, object_id: str, body: AccessControlList
) -> ObjectPermissions:
    """Replace all direct permissions."""
    return _change(ws, object_type, object_id, body, keep=False)


@router.patch("/{object_type}/{object_id}")
async def update_permissions(
    ws: Ws, object_type: str, object_id: str, body: AccessControlList
) -> ObjectPermissions:
    """Add permissions to those there are."""
    return _change(ws, object_type, object_id, body, keep=True)


@router.get("/{object_type}/{object_id}/permissionLevels")
async def permission_levels(ws: Ws, object_type: str, object_id: str) -> PermissionLevels:
    """The levels that an object knows."""
    _must_exist(ws, object_type, object_id)
    levels = [PermissionLevel(permission_level=level, description=level) for level in LEVELS[object_type]]
    return PermissionLevels(permission_levels=levels)


def make_owner(ws: Workspace, object_type: str, object_id: str) -> None:
    """Make the caller the owner of what it has just created; the workspace's own user is that anyhow."""
    caller = CALLER.get()
    if caller != OWNER:
        row: _Row = (caller.field, caller.name, _TYPES[object_type][1])
        _PERMISSIONS.put(ws.store, f"{object_type}/{object_id}", _Stored(levels=(row,)))


def open_to_users(ws: Workspace, object_type: str, object_id: str, level: str) -> None:
    """Give all users of the workspace a level, unless levels were given already."""
    key = f"{object_type}/{object_id}"
    if _PERMISSIONS.get(ws.store, key) is None:
        _PERMISSIONS.put(ws.store, key, _Stored(levels=(("group_name", "users", level),)))


def owner_of(ws: Workspace, object_type: str, object_id: str) -> Caller:
    """Who owns a job or a pipeline, and runs it where nobody else was chosen."""
    given = levels_on(ws, object_type, object_id)
    for (field, name), level in given.items():
        if level == "IS_OWNER" and field != "group_name" and name != OWNER.name:
            return Caller(name, field)
    return OWNER


def levels_on(ws: Workspace, object_type: str, object_id: str) -> dict[tuple[PrincipalField, str], str]:
    """The levels that were given on the object itself, by the field and the name of each principal."""
    stored = _PERMISSIONS.get(ws.store, f"{object_type}/{object_id}") or _Stored(levels=())
    return {(field, name): level for field, name, level in stored.levels}


def workspace_objects(ws: Workspace) -> list[str]:
    """The ids of the folders, files and notebooks that levels were given on."""
    keys = (key.split("/") for key in _PERMISSIONS.keys(ws.store))
    return [object_id for object_type, object_id in keys if object_type in WORKSPACE_OBJECTS]


def holding_folder(ws: Workspace, object_type: str, object_id: str) -> str | None:
    """The path of the folder that a dashboard or an alert stands in; None of what is not there or stands in none."""
    placed = _PLACED[object_type].get(ws.store, object_id) if object_type in _PLACED else None
    return workspace_path(placed.parent_path) if placed else None


def forget(ws: Workspace, object_type: Literal["jobs", "pipelines", "alertsv2"], object_id: str) -> None:
    """A deleted object takes its permissions with it."""
    _PERMISSIONS.delete(ws.store, f"{object_type}/{object_id}")


def _change(
    ws: Workspace, object_type: str, object_id: str, body: AccessControlList, *, keep: bool
) -> ObjectPermissions:
    key = _must_exist(ws, object_type, object_id)
    levels = levels_on(ws, object_type, object_id) if keep else {}
    for entry in body.access_control_list:
        if entry.permission_level not in LEVELS[object_type]:
            known = ", ".join(LEVELS[object_type])
            raise invalid(f"{entry.permission_level} is no permission level of {object_type}: {known}")
        levels[entry.principal] = entry.permission_level
    rows: tuple[_Row, ...] = tuple((field, name, level) for (field, name), level in levels.items())
    _PERMISSIONS.put(ws.store, key, _Stored(levels=rows))
    return _answer(ws, object_type, object_id)


def _must_exist(ws: Workspace, object_type: str, object_id: str) -> str:
    """The key of an object's permissions; 404 when there is no such object."""
    if object_type not in _TYPES:
        raise invalid(f"The local workspace keeps permissions of {', '.join(_TYPES)}, not of {object_type}")
    if object_type in WORKSPACE_OBJECTS:
        found = Objects(ws.store).by_id(object_id)
        there = found is not None and found.object_type.lower() == _TYPES[object_type][0]
    elif object_type == "warehouses":
        there = minilake.has_warehouse(object_id)
    elif object_type in _PLACED:
        there = holding_folder(ws, object_type, object_id) is not None
    else:
        there = ws.store.get(object_type, object_id) is not None
    if not there:
        raise not_found(f"{object_type}/{object_id} does not exist.")
    return f"{object_type}/{object_id}"


def _answer(ws: Workspace, object_type: str, object_id: str) -> ObjectPermissions:
    _must_exist(ws, object_type, object_id)
    type_name, owner_level = _TYPES[object_type]
    levels = levels_on(ws, object_type, object_id)
    # A list on a folder is all that was given there; a job always has an owner.
    if owner_level not in levels.values() and object_type not in WORKSPACE_OBJECTS:
        levels = {(OWNER.field, OWNER.name): owner_level} | levels
    held = {principal: [_own(level)] for principal, level in levels.items()}
    for principal, permission in _inherited(ws, object_type, object_id):
        held.setdefault(principal, []).append(permission)
    entries = [
        PrincipalPermissions.model_validate({field: name, "all_permissions": tuple(permissions)})
        for (field, name), permissions in held.items()
    ]
    return ObjectPermissions(
        object_id=f"/{object_type}/{object_id}",
        object_type=type_name,
        access_control_list=tuple(entries),
    )


def _own(level: str) -> Permission:
    return Permission(permission_level=level, inherited=False)


def _inherited(ws: Workspace, object_type: str, object_id: str) -> Iterator[tuple[_Principal, Permission]]:
    """What the folders above give, and what admins have everywhere."""
    for folder in _folders_above(ws, object_type, object_id):
        source = f"/directories/{folder.object_id}"
        for principal, level in levels_on(ws, "directories", str(folder.object_id)).items():
            yield principal, _from(source, level)
    yield ("group_name", "admins"), _from(f"/{object_type}/", "CAN_MANAGE")


def _from(source: str, level: str) -> Permission:
    return Permission(permission_level=level, inherited=True, inherited_from_object=(source,))


def _folders_above(ws: Workspace, object_type: str, object_id: str) -> Iterator[WorkspaceObject]:
    objects = Objects(ws.store)
    path = "/"
    if object_type in WORKSPACE_OBJECTS and (found := objects.by_id(object_id)):
        path = found.path
    elif folder := holding_folder(ws, object_type, object_id):
        # Its folder is above it, as a file's is above the file.
        path = f"{folder}/{object_id}"
    while path != "/":
        path = parent_of(path)
        if objects.exists(path):
            yield objects.find(path)
