"""Workspace objects: folders, files and notebooks, with their contents, in the store."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from local.workspace.calls.context import USER, now_ms
from local.workspace.calls.errors import DatabricksError, invalid, not_found
from local.workspace.files.paths import parent_of
from local.workspace.storage.records import Record
from local.workspace.storage.store import Store

DIRECTORY, FILE, NOTEBOOK = "DIRECTORY", "FILE", "NOTEBOOK"
MAX_BYTES = 10 * 1024 * 1024

_COLUMNS = "path, object_id, object_type, language, created_at, modified_at, length(content)"
_ALWAYS_THERE = ("/", "/Shared", "/Repos", "/Users", f"/Users/{USER}")


class ObjectInfo(Record):
    """An object as the API shows it; times and size of files and notebooks only."""

    object_type: str
    path: str
    object_id: int
    resource_id: str
    created_at: int | None = None
    modified_at: int | None = None
    size: int | None = None
    language: str | None = None


@dataclass(frozen=True)
class WorkspaceObject:
    """One object; times in milliseconds, size in bytes (None for a folder)."""

    path: str
    object_id: int
    object_type: str
    language: str | None
    created_at: int
    modified_at: int
    size: int | None

    def answer(self, path: str) -> ObjectInfo:
        """The object under the name the caller used."""
        is_folder = self.object_type == DIRECTORY
        return ObjectInfo(
            object_type=self.object_type,
            path=path,
            object_id=self.object_id,
            resource_id=str(self.object_id),
            created_at=None if is_folder else self.created_at,
            modified_at=None if is_folder else self.modified_at,
            size=None if is_folder else self.size or 0,
            language=self.language or None,
        )


class Objects:
    """The tree of workspace objects of one store; paths come normalized from `workspace_path`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ensure_roots(self) -> None:
        """Every workspace has these folders before anybody uploads."""
        for path in _ALWAYS_THERE:
            self.make_folder(path)

    def find(self, path: str) -> WorkspaceObject:
        """The object at `path`; 404 when there is none."""
        found = self._find(path)
        if found is None:
            raise not_found(f"Path ({path}) doesn't exist.")
        return found

    def exists(self, path: str) -> bool:
        """Whether something is at a path."""
        return self._find(path) is not None

    def _find(self, path: str) -> WorkspaceObject | None:
        rows = self._store.query(f"select {_COLUMNS} from objects where path = ?", path)  # noqa: S608
        return WorkspaceObject(*rows[0]) if rows else None

    def children(self, path: str) -> list[WorkspaceObject]:
        """What is directly in a folder, by name; a file is listed as itself, as the API does."""
        found = self.find(path)
        if found.object_type != DIRECTORY:
            return [found]
        rows = self._store.query(f"select {_COLUMNS} from objects where parent = ? order by path", path)  # noqa: S608
        return [WorkspaceObject(*row) for row in rows]

    def content(self, path: str) -> bytes:
        """The bytes of a file or notebook."""
        if self.find(path).object_type == DIRECTORY:
            raise invalid(f"Path ({path}) is a folder; only files and notebooks can be exported")
        return self._store.query("select content from objects where path = ?", path)[0][0]

    def make_folder(self, path: str) -> None:
        """Create a folder and those above it; nothing happens when it is there."""
        found = self._find(path)
        if found is not None and found.object_type != DIRECTORY:
            raise DatabricksError("RESOURCE_ALREADY_EXISTS", f"Path ({path}) is a {found.object_type}", 400)
        if found is not None:
            return
        if path != "/":
            self.make_folder(parent_of(path))
        self._insert(path, DIRECTORY, None, None)

    def write(
        self, path: str, object_type: str, language: str | None, content: bytes, *, overwrite: bool
    ) -> int:
        """Create or replace a file or notebook in an existing folder; returns its id, which stays."""
        if len(content) > MAX_BYTES:
            message = (
                f"File size imported is ({len(content)} bytes), which exceeded max size ({MAX_BYTES} bytes)"
            )
            raise DatabricksError("MAX_NOTEBOOK_SIZE_EXCEEDED", message, 400)
        found = self._find(path)
        if found is None:
            self._must_be_folder(parent_of(path))
            return self._insert(path, object_type, language, content)
        if not overwrite or found.object_type != object_type:
            message = f"Path ({path}) already exists as a {found.object_type}."
            raise DatabricksError("RESOURCE_ALREADY_EXISTS", message, 400)
        with self._store.transaction() as connection:
            connection.execute(
                "update objects set language = ?, content = ?, modified_at = ? where path = ?",
                (language, content, now_ms(), path),
            )
        return found.object_id

    def _must_be_folder(self, path: str) -> None:
        found = self._find(path)
        if found is None:
            raise not_found(f"The parent folder ({path}) does not exist.")
        if found.object_type != DIRECTORY:
            raise invalid(f"The parent ({path}) is a {found.object_type}, not a folder")

    def _insert(self, path: str, object_type: str, language: str | None, content: bytes | None) -> int:
        moment = now_ms()
        parent = parent_of(path) if path != "/" else ""
        with self._store.transaction() as connection:
            cursor = connection.execute(
                "insert into objects (path, parent, object_type, language, created_at, modified_at, content)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                (path, parent, object_type, language, moment, moment, content),
            )
            return cursor.lastrowid or 0

    def delete(self, path: str, *, recursive: bool) -> None:
        """Remove an object; a folder that is not empty only when `recursive`."""
        found = self.find(path)
        if path in _ALWAYS_THERE:
            raise invalid(f"Path ({path}) belongs to the workspace and cannot be deleted")
        if found.object_type == DIRECTORY and not recursive and self.children(path):
            message = f"Folder ({path}) is not empty; set recursive to delete it"
            raise DatabricksError("DIRECTORY_NOT_EMPTY", message, 400)
        with self._store.transaction() as connection:
            connection.execute(
                "delete from objects where path = ? or (path >= ? and path < ?)", (path, *_below(path))
            )

    def by_id(self, object_id: str) -> WorkspaceObject | None:
        """The object that permissions name by its id."""
        sql = f"select {_COLUMNS} from objects where object_id = ?"  # noqa: S608
        rows = self._store.query(sql, object_id)
        return WorkspaceObject(*rows[0]) if rows else None

    def files_below(self, path: str) -> Iterator[tuple[str, bytes]]:
        """Path and bytes of every file and notebook below a folder."""
        yield from self._store.query(
            "select path, content from objects where path >= ? and path < ? and object_type != 'DIRECTORY'",
            *_below(path),
        )

    def export_tree(self, path: str, target: Path) -> None:
        """Write all below the folder `path` into `target`, at the same names as in the workspace."""
        write_files(self.files_below(path), target)


def write_files(files: Iterable[tuple[str, bytes]], target: Path) -> None:
    """Write files, each a workspace path and its bytes, into `target`, at the same names."""
    for name, content in files:
        file = target / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _below(path: str) -> tuple[str, str]:
    prefix = path.rstrip("/")
    # '0' is the character after '/': the range holds every path below the folder and uses the index.
    return f"{prefix}/", f"{prefix}0"
