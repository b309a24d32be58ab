"""Permissions on jobs, pipelines, folders, files and notebooks: kept for what exists, enforced nowhere."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from local.workspace.calls.context import USER, Workspace, Ws
from local.workspace.calls.errors import invalid, missing
from local.workspace.files.objects import Objects

router = APIRouter(prefix="/api/2.0/permissions")

_KIND = "permissions"
# For each kind in a call's path: the object's type in the answer, the store's kind, the owner's level.
_TYPES = {
    "jobs": ("job", "IS_OWNER"),
    "pipelines": ("pipelines", "IS_OWNER"),
    "directories": ("directory", "CAN_MANAGE"),
    "files": ("file", "CAN_MANAGE"),
    "notebooks": ("notebook", "CAN_MANAGE"),
}
_WORKSPACE_OBJECTS = {"directories", "files", "notebooks"}
_LEVELS = {
    "jobs": ("CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"),
    "pipelines": ("CAN_VIEW", "CAN_RUN", "IS_OWNER", "CAN_MANAGE"),
} | dict.fromkeys(_WORKSPACE_OBJECTS, ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"))


class AccessControl(BaseModel):
    """One principal's level; exactly one of the three names."""

    user_name: str | None = None
    group_name: str | None = None
    service_principal_name: str | None = None
    permission_level: str

    @property
    def principal(self) -> tuple[str, str]:
        """Field and name."""
        given = [
            (field, name) for field, name in self.model_dump().items() if name and field != "permission_level"
        ]
        if len(given) != 1:
            raise invalid("Each entry names one of user_name, group_name and service_principal_name")
        return given[0]


class AccessControlList(BaseModel):
    """The body of both changing calls."""

    access_control_list: list[AccessControl] = []


@router.get("/{object_type}/{object_id}")
async def get_permissions(ws: Ws, object_type: str, object_id: str) -> dict[str, Any]:
    """Who may do what with an object; its owner is always among them."""
    return _answer(ws, object_type, object_id)


@router.put("/{object_type}/{object_id}")
async def set_permissions(
    ws: Ws, object_type: str, object_id: str, body: AccessControlList
) -> dict[str, Any]:
    """Replace all direct permissions."""
    return _change(ws, object_type, object_id, body, keep=False)


@router.patch("/{object_type}/{object_id}")
async def update_permissions(
    ws: Ws, object_type: str, object_id: str, body: AccessControlList
) -> dict[str, Any]:
    """Add permissions to those there are."""
    return _change(ws, object_type, object_id, body, keep=True)


@router.get("/{object_type}/{object_id}/permissionLevels")
async def permission_levels(ws: Ws, object_type: str, object_id: str) -> dict[str, Any]:
    """The levels that an object knows."""
    _must_exist(ws, object_type, object_id)
    levels = [{"permission_level": level, "description": level} for level in _LEVELS[object_type]]
    return {"permission_levels": levels}


def forget(ws: Workspace, object_type: Literal["jobs", "pipelines"], object_id: str) -> None:
    """A deleted object takes its permissions with it."""
    ws.store.delete(_KIND, f"{object_type}/{object_id}")


def _change(
    ws: Workspace, object_type: str, object_id: str, body: AccessControlList, *, keep: bool
) -> dict[str, Any]:
    key = _must_exist(ws, object_type, object_id)
    levels = _stored(ws, key) if keep else {}
    for entry in body.access_control_list:
        if entry.permission_level not in _LEVELS[object_type]:
            known = ", ".join(_LEVELS[object_type])
            raise invalid(f"{entry.permission_level} is no permission level of {object_type}: {known}")
        levels[entry.principal] = entry.permission_level
    rows = [[field, name, level] for (field, name), level in levels.items()]
    ws.store.put(_KIND, key, {"levels": rows})
    return _answer(ws, object_type, object_id)


def _stored(ws: Workspace, key: str) -> dict[tuple[str, str], str]:
    rows = (ws.store.get(_KIND, key) or {"levels": []})["levels"]
    return {(field, name): level for field, name, level in rows}


def _must_exist(ws: Workspace, object_type: str, object_id: str) -> str:
    """The key of an object's permissions; 404 when there is no such object."""
    if object_type not in _TYPES:
        raise invalid(f"The local workspace keeps permissions of {', '.join(_TYPES)}, not of {object_type}")
    if object_type in _WORKSPACE_OBJECTS:
        found = Objects(ws.store).by_id(object_id)
        there = found is not None and found.object_type.lower() == _TYPES[object_type][0]
    else:
        there = ws.store.get(object_type, object_id) is not None
    if not there:
        raise missing(f"{object_type}/{object_id} does not exist.")
    return f"{object_type}/{object_id}"


def _answer(ws: Workspace, object_type: str, object_id: str) -> dict[str, Any]:
    key = _must_exist(ws, object_type, object_id)
    type_name, owner_level = _TYPES[object_type]
    levels = _stored(ws, key)
    if owner_level not in levels.values():
        levels = {("user_name", USER): owner_level} | levels
    entries = [
        {field: name, "all_permissions": [{"permission_level": level, "inherited": False}]}
        for (field, name), level in levels.items()
    ]
    inherited = {
        "group_name": "admins",
        "all_permissions": [
            {
                "permission_level": "CAN_MANAGE",
                "inherited": True,
                "inherited_from_object": [f"/{object_type}/"],
            }
        ],
    }
    return {
        "object_id": f"/{object_type}/{object_id}",
        "object_type": type_name,
        "access_control_list": [*entries, inherited],
    }
