"""The Tables API: what updates wrote to the warehouse, and external tables that a caller registered."""

import uuid
from typing import Any

from fastapi import APIRouter
from minilake.uc_types import validate_identifier
from pydantic import BaseModel

from local.workspace.calls.context import USER, Workspace, Ws, now_ms
from local.workspace.calls.errors import DatabricksError, invalid
from local.workspace.storage import minilake
from local.workspace.storage.minilake import SecurableInfo
from local.workspace.unity import delta_tables
from local.workspace.unity.delta_tables import DeltaTable
from local.workspace.unity.securables import find, within

router = APIRouter(prefix="/api/2.1/unity-catalog")

# The pipeline of each table that an update wrote, by `schema.table`.
DATASETS = "dataset"
_OWNERS = "table_owner"


class NewTable(BaseModel):
    """The fields of an external table that its caller chooses."""

    name: str
    catalog_name: str
    schema_name: str
    table_type: str
    data_source_format: str | None = None
    storage_location: str | None = None
    comment: str | None = None
    columns: list[dict[str, Any]] = []
    properties: dict[str, str] = {}


class TableChange(BaseModel):
    """The one field of a table that the API changes."""

    owner: str | None = None


@router.post("/tables")
async def create_table(body: NewTable) -> SecurableInfo:
    """Register an external table; managed tables are made by pipelines, as in a real workspace."""
    find("schemas", f"{body.catalog_name}.{body.schema_name}")
    validate_identifier(body.name, "table")
    if body.table_type != "EXTERNAL" or not body.storage_location:
        raise invalid("Only EXTERNAL tables with a storage_location can be created by this call")
    full_name = f"{body.catalog_name}.{body.schema_name}.{body.name}"
    if full_name in minilake.securables("tables"):
        raise DatabricksError("TABLE_ALREADY_EXISTS", f"Table '{full_name}' already exists", 409)
    moment = now_ms()
    minilake.securables("tables")[full_name] = body.model_dump(exclude_none=True) | {
        "full_name": full_name,
        "table_id": str(uuid.uuid4()),
        "owner": USER,
        "created_at": moment,
        "created_by": USER,
        "updated_at": moment,
        "updated_by": USER,
    }
    return minilake.securables("tables")[full_name]


@router.get("/tables")
async def list_tables(
    ws: Ws, catalog_name: str, schema_name: str, omit_columns: bool = False
) -> dict[str, Any]:
    """The tables of a schema with their columns."""
    schema = f"{catalog_name}.{schema_name}"
    find("schemas", schema)
    found = {name: minilake.securables("tables")[name] for name in within("tables", schema)}
    for table in delta_tables.in_schema(ws.home, schema_name):
        found[f"{schema}.{table.name}"] = _answer(ws, catalog_name, table)
    rows = [found[name] for name in sorted(found)]
    return {"tables": [_without_columns(row) for row in rows] if omit_columns else rows}


@router.get("/tables/{full_name}")
async def get_table(ws: Ws, full_name: str) -> SecurableInfo:
    """One table with its columns and comments."""
    return describe(ws, full_name)


@router.get("/tables/{full_name}/exists")
async def table_exists(ws: Ws, full_name: str) -> dict[str, bool]:
    """Whether the table is there."""
    try:
        describe(ws, full_name)
    except DatabricksError as error:
        if error.status_code != 404:
            raise
        return {"table_exists": False}
    return {"table_exists": True}


@router.patch("/tables/{full_name}")
async def update_table(ws: Ws, full_name: str, body: TableChange) -> SecurableInfo:
    """Give a table to another owner."""
    table = describe(ws, full_name)
    if body.owner:
        ws.store.put(_OWNERS, table["table_id"], {"owner": body.owner})
    return describe(ws, full_name)


def describe(ws: Workspace, full_name: str) -> SecurableInfo:
    """The API's TableInfo; 404 when there is no such table."""
    parts = full_name.split(".")
    if len(parts) != 3:
        raise invalid(f"'{full_name}' is not a table's full name: expected catalog.schema.table")
    catalog, schema, name = parts
    find("schemas", f"{catalog}.{schema}")
    if full_name in minilake.securables("tables"):
        record = minilake.securables("tables")[full_name]
        return record | (ws.store.get(_OWNERS, record["table_id"]) or {})
    # Names reach the file system, so only what can be a table's name is looked up.
    validate_identifier(name, "table")
    table = delta_tables.read(ws.home, schema, name)
    if table is None:
        raise DatabricksError("TABLE_DOES_NOT_EXIST", f"Table '{full_name}' does not exist.", 404)
    return _answer(ws, catalog, table)


def _answer(ws: Workspace, catalog: str, table: DeltaTable) -> SecurableInfo:
    dataset = ws.store.get(DATASETS, f"{table.schema}.{table.name}") or {}
    info = {
        "name": table.name,
        "catalog_name": catalog,
        "schema_name": table.schema,
        "full_name": f"{catalog}.{table.schema}.{table.name}",
        "table_id": table.table_id,
        "table_type": _table_type(dataset, table),
        "data_source_format": "DELTA",
        "storage_location": table.folder.as_uri(),
        "owner": USER,
        "columns": delta_tables.columns(table),
        "properties": table.properties,
        "created_at": table.created_at,
        "created_by": USER,
        "updated_at": table.updated_at,
        "updated_by": USER,
    }
    comment = {"comment": table.comment} if table.comment else {}
    pipeline = {"pipeline_id": dataset["pipeline_id"]} if "pipeline_id" in dataset else {}
    return info | comment | pipeline | (ws.store.get(_OWNERS, table.table_id) or {})


def _table_type(dataset: dict[str, Any], table: DeltaTable) -> str:
    if "pipeline_id" not in dataset:
        return "MANAGED"
    return "STREAMING_TABLE" if delta_tables.is_streaming(table) else "MATERIALIZED_VIEW"


def drop_of_pipeline(ws: Workspace, pipeline_id: str) -> None:
    """Drop the tables that a pipeline wrote, as its deletion does on Databricks."""
    for name in ws.store.keys(DATASETS):
        if (ws.store.get(DATASETS, name) or {}).get("pipeline_id") != pipeline_id:
            continue
        schema, _, table_name = name.partition(".")
        if table := delta_tables.read(ws.home, schema, table_name):
            drop(ws, table)
        ws.store.delete(DATASETS, name)


def drop_schema(ws: Workspace, schema: str) -> None:
    """Drop the tables of a schema with their data."""
    for table in delta_tables.in_schema(ws.home, schema):
        drop(ws, table)
    delta_tables.remove_schema(ws.home, schema)


def drop(ws: Workspace, table: DeltaTable) -> None:
    """Drop a table of the warehouse with its data and its owner."""
    delta_tables.drop_table(table)
    ws.store.delete(_OWNERS, table.table_id)


def _without_columns(row: SecurableInfo) -> SecurableInfo:
    return {field: value for field, value in row.items() if field != "columns"}
