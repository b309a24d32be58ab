"""Tags on catalogs, schemas, volumes, tables and columns: kept for objects that exist."""

from collections.abc import Iterable

from local.workspace.calls import routing
from local.workspace.calls.caller import caller_name
from local.workspace.calls.context import Workspace, Ws, now_ms, rfc3339
from local.workspace.calls.errors import exists, invalid, not_found
from local.workspace.storage.records import Collection, Record
from local.workspace.unity import securables, tables

router = routing.router("/api/2.1/unity-catalog/entity-tag-assignments")


class Assignment(Record):
    """One tag on one object."""

    entity_type: str
    entity_name: str
    tag_key: str
    tag_value: str | None = None


class Tag(Assignment):
    """A tag as it is kept; `update_time` in RFC 3339."""

    update_time: str
    updated_by: str


class Tags(Record):
    """The tags of an object."""

    tag_assignments: list[Tag]


_TAGS = Collection("tags", Tag)


class Value(Record):
    """The part of an assignment that can be changed."""

    tag_value: str | None = None


@router.post("")
async def create_tag(ws: Ws, body: Assignment) -> Tag:
    """Put a tag on an object; 409 when it has one of this key."""
    _must_exist(ws, body.entity_type, body.entity_name)
    key = _key(body.entity_type, body.entity_name, body.tag_key)
    if _TAGS.get(ws.store, key):
        raise exists(f"{body.entity_name} already has the tag {body.tag_key}")
    return _save(ws, key, body)


@router.get("/{entity_type}/{entity_name}/tags")
async def list_tags(ws: Ws, entity_type: str, entity_name: str) -> Tags:
    """All tags of an object."""
    _must_exist(ws, entity_type, entity_name)
    return Tags(tag_assignments=_TAGS.below(ws.store, _key(entity_type, entity_name, "")))


@router.get("/{entity_type}/{entity_name}/tags/{tag_key}")
async def get_tag(ws: Ws, entity_type: str, entity_name: str, tag_key: str) -> Tag:
    """One tag of an object."""
    return _find(ws, entity_type, entity_name, tag_key)


@router.patch("/{entity_type}/{entity_name}/tags/{tag_key}")
async def update_tag(ws: Ws, entity_type: str, entity_name: str, tag_key: str, body: Value) -> Tag:
    """Change a tag's value."""
    _find(ws, entity_type, entity_name, tag_key)
    assignment = Assignment(
        entity_type=entity_type, entity_name=entity_name, tag_key=tag_key, tag_value=body.tag_value
    )
    return _save(ws, _key(entity_type, entity_name, tag_key), assignment)


@router.delete("/{entity_type}/{entity_name}/tags/{tag_key}")
async def delete_tag(ws: Ws, entity_type: str, entity_name: str, tag_key: str) -> Record:
    """Take a tag off an object."""
    _find(ws, entity_type, entity_name, tag_key)
    _TAGS.delete(ws.store, _key(entity_type, entity_name, tag_key))
    return Record()


def forget(ws: Workspace, full_name: str) -> None:
    """A dropped object takes its tags, and those of all in it, with it."""
    for tag in tags_below(ws, full_name):
        _TAGS.delete(ws.store, _key(tag.entity_type, tag.entity_name, tag.tag_key))


def tags_below(ws: Workspace, full_name: str) -> list[Tag]:
    """The tags of an object and of all in it."""
    return [tag for tag in _TAGS.all(ws.store) if f"{tag.entity_name}.".startswith(f"{full_name}.")]


def put_tags(ws: Workspace, tags: Iterable[Tag]) -> None:
    """Put tags on as they were, with the time and the name of whoever put them on."""
    for tag in tags:
        _TAGS.put(ws.store, _key(tag.entity_type, tag.entity_name, tag.tag_key), tag)


def _key(entity_type: str, entity_name: str, tag_key: str) -> str:
    return f"{entity_type}/{entity_name}/{tag_key}"


def _save(ws: Workspace, key: str, assignment: Assignment) -> Tag:
    tag = Tag(**dict(assignment), update_time=rfc3339(now_ms()), updated_by=caller_name())
    _TAGS.put(ws.store, key, tag)
    return tag


def _find(ws: Workspace, entity_type: str, entity_name: str, tag_key: str) -> Tag:
    _must_exist(ws, entity_type, entity_name)
    found = _TAGS.get(ws.store, _key(entity_type, entity_name, tag_key))
    if found is None:
        raise not_found(f"{entity_name} does not have the tag {tag_key}")
    return found


def _must_exist(ws: Workspace, entity_type: str, entity_name: str) -> None:
    if entity_type in ("catalogs", "schemas", "volumes"):
        securables.find(entity_type, entity_name)
    elif entity_type == "tables":
        tables.describe(ws, entity_name)
    elif entity_type == "columns":
        table, _, column = entity_name.rpartition(".")
        if column not in {found.name for found in tables.describe(ws, table).columns or ()}:
            raise not_found(f"Table '{table}' has no column '{column}'.")
    else:
        raise invalid(f"{entity_type} cannot be tagged: catalogs, schemas, volumes, tables and columns can")
