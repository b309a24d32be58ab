"""The Files API: the files in volumes, which are folders of the home."""

import os
import shutil
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from uuid import uuid4

from fastapi import Request, Response
from fastapi.responses import FileResponse

from local.workspace.calls import routing
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import DatabricksError, invalid, not_found
from local.workspace.calls.pages import Page
from local.workspace.files.paths import volume_parts
from local.workspace.storage.records import Record
from local.workspace.unity.securables import find, volume_folder

router = routing.router("/api/2.0/fs")

_PAGE = 1000
_UPLOADING = ".uploading-"


class DirectoryEntry(Record):
    """A file or folder; `last_modified` in milliseconds, `file_size` in bytes and of files only."""

    path: str
    name: str
    is_directory: bool
    last_modified: int
    file_size: int | None = None


class DirectoryPage(Page):
    """A page of a folder."""

    contents: list[DirectoryEntry]


def folder_of_volume(ws: Workspace, catalog: str, schema: str, volume: str) -> Path:
    """The home's folder behind a volume that exists; 404 otherwise."""
    full_name = f"{catalog}.{schema}.{volume}"
    find("volumes", full_name)
    return volume_folder(ws, full_name)


def _local(ws: Workspace, path: str) -> Path:
    catalog, schema, volume, below = volume_parts(f"/{path}")
    root = folder_of_volume(ws, catalog, schema, volume).resolve()
    target = root.joinpath(*below).resolve()
    if target != root and root not in target.parents:
        raise invalid(f"'/{path}' leads out of its volume")
    return target


def _file(ws: Workspace, path: str) -> Path:
    target = _local(ws, path)
    if not target.is_file():
        raise not_found(f"The file being accessed is not found: /{path}")
    return target


def _folder(ws: Workspace, path: str) -> Path:
    target = _local(ws, path)
    if not target.is_dir():
        raise not_found(f"The directory being accessed is not found: /{path}")
    return target


@router.put("/files/{path:path}", status_code=204)
async def upload(ws: Ws, path: str, request: Request, overwrite: bool = False) -> None:
    """Write a file; readers see the old one or the whole new one."""
    target = _local(ws, path)
    if target.is_dir() or (target.exists() and not overwrite):
        raise DatabricksError("ALREADY_EXISTS", f"The file being created already exists: /{path}", 409)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{_UPLOADING}{uuid4().hex}")
    try:
        with part.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@router.get("/files/{path:path}")
async def download(ws: Ws, path: str) -> FileResponse:
    """A file's bytes; ranges work."""
    return FileResponse(_file(ws, path), media_type="application/octet-stream")


@router.head("/files/{path:path}")
async def file_metadata(ws: Ws, path: str) -> Response:
    """A file's size and time of change."""
    stat = _file(ws, path).stat()
    changed = formatdate(stat.st_mtime, usegmt=True)
    headers = {"content-length": str(stat.st_size), "last-modified": changed}
    return Response(headers=headers, media_type="application/octet-stream")


@router.delete("/files/{path:path}", status_code=204)
async def delete_file(ws: Ws, path: str) -> None:
    """Delete a file."""
    _file(ws, path).unlink()


@router.put("/directories/{path:path}", status_code=204)
async def create_folder(ws: Ws, path: str) -> None:
    """Create a folder and those above it."""
    target = _local(ws, path)
    if target.is_file():
        raise DatabricksError("ALREADY_EXISTS", f"There is a file at this path: /{path}", 409)
    target.mkdir(parents=True, exist_ok=True)


@router.head("/directories/{path:path}")
async def folder_metadata(ws: Ws, path: str) -> Response:
    """Whether a folder is there."""
    _folder(ws, path)
    return Response()


@router.delete("/directories/{path:path}", status_code=204)
async def delete_folder(ws: Ws, path: str) -> None:
    """Delete an empty folder."""
    folder = _folder(ws, path)
    if folder == _local(ws, "/".join(path.split("/")[:4])):
        raise invalid(f"/{path} is a volume; delete it through Unity Catalog")
    if any(_visible(folder)):
        raise DatabricksError("DIRECTORY_NOT_EMPTY", f"The directory is not empty: /{path}", 400)
    shutil.rmtree(folder)


@router.get("/directories/{path:path}")
async def list_folder(ws: Ws, path: str, page_size: int = _PAGE, page_token: str = "") -> DirectoryPage:
    """What is directly in a folder, by name, a page at a time."""
    names = sorted(child.name for child in _visible(_folder(ws, path)) if child.name > page_token)
    page = names[: max(1, min(page_size, _PAGE))]
    entries = [_entry(path, _folder(ws, path) / name) for name in page]
    return DirectoryPage(contents=entries, next_page_token=page[-1] if len(names) > len(page) else None)


def _visible(folder: Path) -> Iterator[Path]:
    return (child for child in folder.iterdir() if not child.name.startswith(_UPLOADING))


def _entry(path: str, child: Path) -> DirectoryEntry:
    stat = child.stat()
    return DirectoryEntry(
        path=f"/{path.strip('/')}/{child.name}",
        name=child.name,
        is_directory=child.is_dir(),
        last_modified=int(stat.st_mtime * 1000),
        file_size=None if child.is_dir() else stat.st_size,
    )
