"""Dropped tables that UNDROP can bring back: data, grants, tags, owner, policies, and the pipeline that wrote them.

They lie in `<home>/workspace/dropped/<table id>`. Gone for good are those that were dropped more than seven days ago,
and those whose pipeline, schema or catalog was dropped after them. External tables are not kept.
"""

import shutil
from pathlib import Path

from local.workspace.calls.context import Workspace, now_ms
from local.workspace.storage import minilake
from local.workspace.storage.records import Collection, Record
from local.workspace.unity import delta_tables, tables, tags
from local.workspace.unity.delta_tables import DeltaTable
from local.workspace.unity.tables import Table, TablePipeline
from local.workspace.unity.tags import Tag

RECOVERY_PERIOD_MS = 7 * 24 * 60 * 60 * 1000


class DroppedTable(Record):
    """A table as it was when it was dropped, in milliseconds; `grants` has the privileges of each principal on it."""

    full_name: str
    table: Table
    deleted_at: int
    grants: dict[str, tuple[str, ...]]
    tags: tuple[Tag, ...]
    pipeline: TablePipeline | None = None


# By the table's id; owner and policies stay in their own collections, which know tables by their id, too.
DROPPED_TABLES = Collection("dropped_table", DroppedTable)


def set_aside(ws: Workspace, table: Table, stored: DeltaTable) -> None:
    """Drop a table of the warehouse, and keep it; its grants and tags are still to be removed."""
    before = dropped_tables(ws)
    full_name = f"{table.catalog_name}.{table.schema_name}.{table.name}"
    dropped = DroppedTable(
        full_name=full_name,
        table=table,
        # Of two tables of a name it says which was dropped last.
        deleted_at=max(now_ms(), before[0].deleted_at + 1) if before else now_ms(),
        grants={name: tuple(held) for name, held in minilake.privileges_on("TABLE", full_name).items()},
        tags=tuple(tags.tags_below(ws, full_name)),
        pipeline=tables.TABLE_PIPELINES.get(ws.store, f"{stored.schema}.{stored.name}"),
    )
    DROPPED_TABLES.put(ws.store, table.table_id, dropped)
    delta_tables.move_aside(stored, _folder(ws, table.table_id))


def dropped_tables(ws: Workspace) -> list[DroppedTable]:
    """All that can be brought back, the last one dropped first."""
    _forget_expired(ws)
    # A crash may leave the record of a table that is not dropped yet, or is back already.
    kept = [
        one for one in DROPPED_TABLES.all(ws.store) if delta_tables.is_aside(_folder(ws, one.table.table_id))
    ]
    return sorted(kept, key=lambda one: one.deleted_at, reverse=True)


def bring_back(ws: Workspace, dropped: DroppedTable) -> None:
    """Make it the table of its name again, which must be free."""
    table = dropped.table
    if dropped.pipeline:
        tables.TABLE_PIPELINES.put(ws.store, f"{table.schema_name}.{table.name}", dropped.pipeline)
    tags.put_tags(ws, dropped.tags)
    minilake.put_grants("TABLE", dropped.full_name, dropped.grants)
    delta_tables.move_back(ws.home, table.schema_name, table.name, _folder(ws, table.table_id))
    DROPPED_TABLES.delete(ws.store, table.table_id)


def forget_schema(ws: Workspace, full_name: str) -> None:
    """The dropped tables of a schema that is dropped itself are gone for good."""
    for one in DROPPED_TABLES.all(ws.store):
        if one.full_name.startswith(f"{full_name}."):
            _forget(ws, one)


def forget_pipeline(ws: Workspace, pipeline_id: str) -> None:
    """The dropped tables of a pipeline that is deleted are gone for good."""
    for one in DROPPED_TABLES.all(ws.store):
        if one.pipeline and one.pipeline.pipeline_id == pipeline_id:
            _forget(ws, one)


def _forget_expired(ws: Workspace) -> None:
    for one in DROPPED_TABLES.all(ws.store):
        if one.deleted_at + RECOVERY_PERIOD_MS < now_ms():
            _forget(ws, one)


def _forget(ws: Workspace, dropped: DroppedTable) -> None:
    table_id = dropped.table.table_id
    if delta_tables.is_aside(_folder(ws, table_id)):
        shutil.rmtree(_folder(ws, table_id), ignore_errors=True)
        tables.forget(ws, table_id)
    DROPPED_TABLES.delete(ws.store, table_id)


def _folder(ws: Workspace, table_id: str) -> Path:
    return ws.home.workspace / "dropped" / table_id
