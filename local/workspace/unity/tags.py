"""Tags on catalogs, schemas, volumes, tables and columns: kept for objects that exist."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from local.workspace.calls.context import USER, Workspace, Ws, now_ms, rfc3339
from local.workspace.calls.errors import exists, invalid, missing
from local.workspace.unity import securables, tables

router = APIRouter(prefix="/api/2.1/unity-catalog/entity-tag-assignments")

_KIND = "tags"


class Assignment(BaseModel):
    """One tag on one object."""

    entity_type: str
    entity_name: str
    tag_key: str
    tag_value: str | None = None


class Value(BaseModel):
    """The part of an assignment that can be changed."""

    tag_value: str | None = None


@router.post("")
async def create_tag(ws: Ws, body: Assignment) -> dict[str, Any]:
    """Put a tag on an object; 409 when it has one of this key."""
    _must_exist(ws, body.entity_type, body.entity_name)
    key = _key(body.entity_type, body.entity_name, body.tag_key)
    if ws.store.get(_KIND, key):
        raise exists(f"{body.entity_name} already has the tag {body.tag_key}")
    return _save(ws, key, body)


@router.get("/{entity_type}/{entity_name}/tags")
async def list_tags(ws: Ws, entity_type: str, entity_name: str) -> dict[str, Any]:
    """All tags of an object."""
    _must_exist(ws, entity_type, entity_name)
    return {"tag_assignments": ws.store.below(_KIND, _key(entity_type, entity_name, ""))}


@router.get("/{entity_type}/{entity_name}/tags/{tag_key}")
async def get_tag(ws: Ws, entity_type: str, entity_name: str, tag_key: str) -> dict[str, Any]:
    """One tag of an object."""
    return _find(ws, entity_type, entity_name, tag_key)


@router.patch("/{entity_type}/{entity_name}/tags/{tag_key}")
async def update_tag(ws: Ws, entity_type: str, entity_name: str, tag_key: str, body: Value) -> dict[str, Any]:
    """Change a tag's value."""
    _find(ws, entity_type, entity_name, tag_key)
    assignment = Assignment(
        entity_type=entity_type, entity_name=entity_name, tag_key=tag_key, tag_value=body.tag_value
    )
    return _save(ws, _key(entity_type, entity_name, tag_key), assignment)


@router.delete("/{entity_type}/{entity_name}/tags/{tag_key}")
async def delete_tag(ws: Ws, entity_type: str, entity_name: str, tag_key: str) -> dict[str, Any]:
    """Take a tag off an object."""
    _find(ws, entity_type, entity_name, tag_key)
    ws.store.delete(_KIND, _key(entity_type, entity_name, tag_key))
    return {}


def forget(ws: Workspace, full_name: str) -> None:
    """A dropped object takes its tags, and those of all in it, with it."""
    for tag in ws.store.all(_KIND):
        if f"{tag['entity_name']}.".startswith(f"{full_name}."):
            ws.store.delete(_KIND, _key(tag["entity_type"], tag["entity_name"], tag["tag_key"]))


def _key(entity_type: str, entity_name: str, tag_key: str) -> str:
    return f"{entity_type}/{entity_name}/{tag_key}"


def _save(ws: Workspace, key: str, assignment: Assignment) -> dict[str, Any]:
    document = assignment.model_dump(exclude_none=True)
    document |= {"update_time": rfc3339(now_ms()), "updated_by": USER}
    ws.store.put(_KIND, key, document)
    return document


def _find(ws: Workspace, entity_type: str, entity_name: str, tag_key: str) -> dict[str, Any]:
    _must_exist(ws, entity_type, entity_name)
    found = ws.store.get(_KIND, _key(entity_type, entity_name, tag_key))
    if found is None:
        raise missing(f"{entity_name} does not have the tag {tag_key}")
    return found


def _must_exist(ws: Workspace, entity_type: str, entity_name: str) -> None:
    if entity_type in ("catalogs", "schemas", "volumes"):
        securables.find(entity_type, entity_name)
    elif entity_type == "tables":
        tables.describe(ws, entity_name)
    elif entity_type == "columns":
        table, _, column = entity_name.rpartition(".")
        if column not in {found["name"] for found in tables.describe(ws, table)["columns"]}:
            raise missing(f"Table '{table}' has no column '{column}'.")
    else:
        raise invalid(f"{entity_type} cannot be tagged: catalogs, schemas, volumes, tables and columns can")
