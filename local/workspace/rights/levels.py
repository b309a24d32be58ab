"""Permissions of the workspace: the highest of what was given directly, to a group, or on a folder above."""

from collections.abc import Iterator

from local.workspace.calls.context import Workspace
from local.workspace.files.objects import Objects, WorkspaceObject
from local.workspace.files.paths import parent_of
from local.workspace.rights.who import Who
from local.workspace.unity import permissions
from local.workspace.unity.permissions import LEVELS, WORKSPACE_OBJECTS

_SHARED = "/Shared"
_FOLDER_KINDS = {"DIRECTORY": "directories", "FILE": "files", "NOTEBOOK": "notebooks"}


class Levels:
    """What one principal may do with the objects of the workspace that have levels, as it is now."""

    def __init__(self, ws: Workspace, who: Who) -> None:
        self._ws = ws
        self._who = who
        self._objects = Objects(ws.store)

    def has(self, kind: str, object_id: str, level: str) -> bool:
        """Whether it has `level`, or a higher one; a dashboard and an alert have their folder's, too."""
        if kind in WORKSPACE_OBJECTS:
            found = self._objects.by_id(object_id)
            return found is not None and self.has_on(found.path, level)
        if self._who.is_admin or self._directly(kind, object_id, level):
            return True
        folder = permissions.holding_folder(self._ws, kind, object_id)
        return folder is not None and self.has_on(folder, level)

    def has_on(self, path: str, level: str) -> bool:
        """The same on a workspace path, with what it inherits from every folder above."""
        if self._who.is_admin or self._is_at_home(path):
            return True
        return any(
            self._directly(_FOLDER_KINDS[one.object_type], str(one.object_id), level)
            for one in self._and_above(path)
        )

    def leads_to(self, path: str, level: str) -> bool:
        """Whether something below the folder is within reach: so it is listed, as the way to that."""
        below = f"{path.rstrip('/')}/"
        return any(
            found is not None and found.path.startswith(below) and self.has_on(found.path, level)
            for found in map(self._objects.by_id, permissions.workspace_objects(self._ws))
        )

    def nearest(self, path: str) -> str:
        """The path itself, or the nearest folder above it that is there."""
        while not self._objects.exists(path):
            path = parent_of(path)
        return path

    def exists(self, path: str) -> bool:
        """Whether something is at the path."""
        return self._objects.exists(path)

    def _is_at_home(self, path: str) -> bool:
        """Everybody may do everything in the shared folder, and each user in the own one."""
        homes = (_SHARED, f"/Users/{self._who.name}")
        return any(path == home or path.startswith(f"{home}/") for home in homes)

    def _and_above(self, path: str) -> Iterator[WorkspaceObject]:
        while True:
            if self._objects.exists(path):
                yield self._objects.find(path)
            if path == "/":
                return
            path = parent_of(path)

    def _directly(self, kind: str, object_id: str, level: str) -> bool:
        enough = levels_from(kind, level)
        given = permissions.levels_on(self._ws, kind, object_id)
        return any(held in enough for (_, name), held in given.items() if name in self._who.in_workspace)


def levels_from(kind: str, level: str) -> tuple[str, ...]:
    """`level` and the higher ones of a kind of object."""
    known = LEVELS[kind]
    return known[known.index(level) :]
