"""The Workspace API: import, export, list and delete folders, files and notebooks.

The provider uploads `databricks_workspace_file` as a form (format RAW or AUTO) and `databricks_notebook` as
JSON with base64; on 404 for the parent it creates the folder and tries again.
"""

import base64
import binascii

from fastapi import Query, Request, Response
from pydantic import JsonValue
from starlette.datastructures import UploadFile

from local.workspace.calls import routing
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import invalid
from local.workspace.files.objects import FILE, NOTEBOOK, ObjectInfo, Objects
from local.workspace.files.paths import workspace_path
from local.workspace.storage.records import Record

router = routing.router("/api/2.0")

_NOTEBOOK_HEADERS = {
    ".py": (b"# Databricks notebook source", "PYTHON"),
    ".sql": (b"-- Databricks notebook source", "SQL"),
    ".scala": (b"// Databricks notebook source", "SCALA"),
    ".r": (b"# Databricks notebook source", "R"),
}
_LANGUAGES = {"PYTHON", "SQL", "SCALA", "R"}


class PathBody(Record):
    """A call that names one object."""

    path: str


class DeleteBody(PathBody):
    """A call that deletes one object."""

    recursive: bool = False


class ImportBody(Record):
    """Where an upload goes and what becomes of it."""

    path: str | None = None
    format: str | None = None
    language: str | None = None
    overwrite: bool = False


class Imported(Record):
    """The id of the object."""

    object_id: int


class ObjectList(Record):
    """What is in a folder."""

    objects: list[ObjectInfo]


class Exported(Record):
    """The bytes of a file or notebook, in base64."""

    content: str


@router.post("/workspace/import")
async def import_object(request: Request, ws: Ws) -> Imported:
    """Create or overwrite one file or notebook; RAW: a file, SOURCE: a notebook, AUTO: by content."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        fields, content = await _form(request)
    else:
        fields, content = await _json(request)
    return Imported(object_id=_store(ws, ImportBody.model_validate(fields), content))


async def _form(request: Request) -> tuple[dict[str, JsonValue], bytes]:
    form = await request.form()
    content = form.get("content")
    fields: dict[str, JsonValue] = {name: value for name, value in form.items() if isinstance(value, str)}
    if isinstance(content, UploadFile):
        return fields, await content.read()
    return fields, (content or "").encode()


async def _json(request: Request) -> tuple[dict[str, JsonValue], bytes]:
    try:
        fields = await request.json()
    except ValueError as error:
        raise invalid(f"The body is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise invalid("The body is not a JSON object")
    try:
        return fields, base64.b64decode(fields.get("content") or "", validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid(f"content is not base64: {error}") from error


def _store(ws: Workspace, body: ImportBody, content: bytes) -> int:
    if body.path is None:
        raise invalid("path is missing")
    path, object_type, language = _kind(workspace_path(body.path), body, content)
    return Objects(ws.store).write(path, object_type, language, content, overwrite=body.overwrite)


def _kind(path: str, body: ImportBody, content: bytes) -> tuple[str, str, str | None]:
    wanted = body.format or "SOURCE"
    if wanted == "RAW":
        return path, FILE, None
    if wanted == "SOURCE":
        if body.language not in _LANGUAGES:
            raise invalid(f"language must be one of {', '.join(sorted(_LANGUAGES))} for the format SOURCE")
        return path, NOTEBOOK, body.language
    if wanted != "AUTO":
        raise invalid(
            f"The format {wanted} is not available in the local workspace: RAW, SOURCE and AUTO are"
        )
    stem, dot, extension = path.rpartition(".")
    header, language = _NOTEBOOK_HEADERS.get(f".{extension.lower()}", (None, None))
    if dot and header and content.startswith(header):
        return stem, NOTEBOOK, language
    return path, FILE, None


@router.get("/workspace/export")
async def export_object(
    ws: Ws, path: str, direct_download: bool = False, export_format: str = Query("SOURCE", alias="format")
) -> Response:
    """The bytes of a file or notebook, raw with direct_download, else in base64."""
    if export_format not in {"SOURCE", "AUTO", "RAW"}:
        raise invalid(
            f"The format {export_format} is not available in the local workspace: SOURCE, RAW and AUTO are"
        )
    content = Objects(ws.store).content(workspace_path(path))
    if direct_download:
        return Response(content, media_type="application/octet-stream")
    exported = Exported(content=base64.b64encode(content).decode())
    return Response(exported.to_json(), media_type="application/json")


@router.get("/workspace/get-status")
async def get_status(ws: Ws, path: str) -> ObjectInfo:
    """Type, id and language of one object."""
    return Objects(ws.store).find(workspace_path(path)).answer(path.rstrip("/") or "/")


@router.get("/workspace/list")
async def list_objects(ws: Ws, path: str) -> ObjectList:
    """What is directly in a folder."""
    asked_below_workspace = path.startswith("/Workspace/") or path.rstrip("/") == "/Workspace"
    prefix = "/Workspace" if asked_below_workspace else ""
    found = Objects(ws.store).children(workspace_path(path))
    return ObjectList(objects=[child.answer(prefix + child.path) for child in found])


@router.post("/workspace/mkdirs")
async def mkdirs(ws: Ws, body: PathBody) -> Record:
    """Create a folder and those above it."""
    with ws.store.transaction():
        Objects(ws.store).make_folder(workspace_path(body.path))
    return Record()


@router.post("/workspace/delete")
async def delete_object(ws: Ws, body: DeleteBody) -> Record:
    """Delete an object; permissions set on it go with it."""
    path = workspace_path(body.path)
    Objects(ws.store).delete(path, recursive=body.recursive)
    return Record()


@router.post("/workspace-files/import-file/{path:path}")
async def import_file(ws: Ws, path: str, request: Request, overwrite: bool = False) -> Record:
    """Upload one file as raw bytes, creating its folder (the CLI's way)."""
    content = await request.body()
    normal = workspace_path(f"/{path}")
    with ws.store.transaction():
        objects = Objects(ws.store)
        objects.make_folder(normal.rpartition("/")[0] or "/")
        objects.write(normal, FILE, None, content, overwrite=overwrite)
    return Record()


@router.get("/workspace-files/{path:path}")
async def read_file(ws: Ws, path: str) -> Response:
    """Download one file as raw bytes."""
    content = Objects(ws.store).content(workspace_path(f"/{path}"))
    return Response(content, media_type="application/octet-stream")
