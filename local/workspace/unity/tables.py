"""The Tables API: what updates wrote to the warehouse, and external tables that a caller registered."""

import uuid

from minilake.uc_types import validate_identifier
from pydantic import Field

from local.engine.storage.log import is_streaming
from local.workspace.calls import routing
from local.workspace.calls.caller import OWNER
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import DatabricksError, invalid
from local.workspace.storage import minilake
from local.workspace.storage.minilake import Securable
from local.workspace.storage.records import Collection, Record
from local.workspace.unity import columns, delta_tables, policies
from local.workspace.unity.columns import Column
from local.workspace.unity.delta_tables import DeltaTable
from local.workspace.unity.policies import RowFilter
from local.workspace.unity.securables import find, new_fields, within

router = routing.router("/api/2.1/unity-catalog")


class TablePipeline(Record):
    """The pipeline of a table that an update wrote, and who it ran as: the table's owner."""

    pipeline_id: str
    owner: str = OWNER.name


class Owner(Record):
    """Who a table was given to."""

    owner: str


# By `schema.table`.
TABLE_PIPELINES = Collection("dataset", TablePipeline)
# By the table's id.
_OWNERS = Collection("table_owner", Owner)


class NewTable(Record):
    """The fields of an external table that its caller chooses."""

    name: str
    catalog_name: str
    schema_name: str
    table_type: str
    data_source_format: str | None = None
    storage_location: str | None = None
    comment: str | None = None
    columns: tuple[Column, ...] = ()
    properties: dict[str, str] = Field(default_factory=dict)


class Table(Securable):
    """A table of the warehouse, or an external one as its caller described it; times in milliseconds."""

    schema_name: str
    table_id: str
    table_type: str
    data_source_format: str | None = None
    storage_location: str
    comment: str | None = None
    columns: tuple[Column, ...] | None = None
    properties: dict[str, str] = Field(default_factory=dict)
    created_at: int
    created_by: str
    pipeline_id: str | None = None
    row_filter: RowFilter | None = None


class Tables(Record):
    """The tables of a schema."""

    tables: list[Table]


class Exists(Record):
    """Whether a table is there."""

    table_exists: bool


class TableOwner(Record):
    """The one field of a table that the API changes."""

    owner: str | None = None


@router.post("/tables")
async def register_table(body: NewTable) -> Table:
    """Register an external table; managed tables are made by pipelines, as in a real workspace."""
    find("schemas", f"{body.catalog_name}.{body.schema_name}")
    validate_identifier(body.name, "table")
    if body.table_type != "EXTERNAL" or not body.storage_location:
        raise invalid("Only EXTERNAL tables with a storage_location can be created by this call")
    full_name = f"{body.catalog_name}.{body.schema_name}.{body.name}"
    if minilake.securable("tables", full_name, Table):
        raise DatabricksError("TABLE_ALREADY_EXISTS", f"Table '{full_name}' already exists", 409)
    table = Table.model_validate(dict(body) | {"table_id": str(uuid.uuid4())} | new_fields(full_name))
    minilake.put_securable("tables", full_name, table)
    return table


@router.get("/tables")
async def list_tables(ws: Ws, catalog_name: str, schema_name: str, omit_columns: bool = False) -> Tables:
    """The tables of a schema with their columns."""
    schema = f"{catalog_name}.{schema_name}"
    find("schemas", schema)
    found = {name: find("tables", name, Table) for name in within("tables", schema)}
    for table in delta_tables.tables_in_schema(ws.home, schema_name):
        found[f"{schema}.{table.name}"] = _answer(ws, catalog_name, table)
    rows = [_with_policies(ws, found[name]) for name in sorted(found)]
    return Tables(tables=[row.changed(columns=None) for row in rows] if omit_columns else rows)


@router.get("/tables/{full_name}")
async def get_table(ws: Ws, full_name: str) -> Table:
    """One table with its columns and comments."""
    return describe(ws, full_name)


@router.get("/tables/{full_name}/exists")
async def table_exists(ws: Ws, full_name: str) -> Exists:
    """Whether the table is there."""
    try:
        describe(ws, full_name)
    except DatabricksError as error:
        if error.status_code != 404:
            raise
        return Exists(table_exists=False)
    return Exists(table_exists=True)


@router.patch("/tables/{full_name}")
async def update_table(ws: Ws, full_name: str, body: TableOwner) -> Table:
    """Give a table to another owner."""
    table = describe(ws, full_name)
    if body.owner:
        _OWNERS.put(ws.store, table.table_id, Owner(owner=body.owner))
    return describe(ws, full_name)


def describe(ws: Workspace, full_name: str) -> Table:
    """The API's TableInfo; 404 when there is no such table."""
    parts = full_name.split(".")
    if len(parts) != 3:
        raise invalid(f"'{full_name}' is not a table's full name: expected catalog.schema.table")
    catalog, schema, name = parts
    find("schemas", f"{catalog}.{schema}")
    external = minilake.securable("tables", full_name, Table)
    if external:
        return _with_policies(ws, external.changed(owner=_owner(ws, external.table_id, external.owner)))
    # Names reach the file system, so only what can be a table's name is looked up.
    validate_identifier(name, "table")
    table = delta_tables.find_delta_table(ws.home, schema, name)
    if table is None:
        raise DatabricksError("TABLE_DOES_NOT_EXIST", f"Table '{full_name}' does not exist.", 404)
    return _with_policies(ws, _answer(ws, catalog, table))


def _with_policies(ws: Workspace, table: Table) -> Table:
    found = policies.of(ws, table.table_id)
    if not found.row_filter and not found.masks:
        return table
    return table.changed(row_filter=found.row_filter, columns=policies.masked(table.columns or (), found))


def _answer(ws: Workspace, catalog: str, table: DeltaTable) -> Table:
    dataset = TABLE_PIPELINES.get(ws.store, f"{table.schema}.{table.name}")
    owner = dataset.owner if dataset else OWNER.name
    return Table(
        name=table.name,
        catalog_name=catalog,
        schema_name=table.schema,
        full_name=f"{catalog}.{table.schema}.{table.name}",
        table_id=table.table_id,
        table_type=_table_type(table) if dataset else "MANAGED",
        data_source_format="DELTA",
        storage_location=table.folder.as_uri(),
        comment=table.comment or None,
        owner=_owner(ws, table.table_id, owner),
        columns=columns.columns_of_table(table),
        properties=table.properties,
        created_at=table.created_at,
        created_by=owner,
        updated_at=table.updated_at,
        updated_by=owner,
        pipeline_id=dataset.pipeline_id if dataset else None,
    )


def _owner(ws: Workspace, table_id: str, otherwise: str | None) -> str | None:
    given = _OWNERS.get(ws.store, table_id)
    return given.owner if given else otherwise


def _table_type(table: DeltaTable) -> str:
    return "STREAMING_TABLE" if is_streaming(table.folder) else "MATERIALIZED_VIEW"


def drop_of_pipeline(ws: Workspace, pipeline_id: str) -> None:
    """Drop the tables that a pipeline wrote, as its deletion does on Databricks."""
    for name in TABLE_PIPELINES.keys(ws.store):
        dataset = TABLE_PIPELINES.get(ws.store, name)
        if dataset is None or dataset.pipeline_id != pipeline_id:
            continue
        schema, _, table_name = name.partition(".")
        if table := delta_tables.find_delta_table(ws.home, schema, table_name):
            drop(ws, table)
        TABLE_PIPELINES.delete(ws.store, name)


def drop_schema(ws: Workspace, schema: str) -> None:
    """Drop the tables of a schema with their data."""
    for table in delta_tables.tables_in_schema(ws.home, schema):
        drop(ws, table)
    delta_tables.remove_schema(ws.home, schema)


def drop(ws: Workspace, table: DeltaTable) -> None:
    """Drop a table of the warehouse for good, with its data, its owner and its policies."""
    delta_tables.drop_table(table)
    forget(ws, table.table_id)


def forget(ws: Workspace, table_id: str) -> None:
    """A table that is gone for good takes its owner and its policies with it."""
    _OWNERS.delete(ws.store, table_id)
    policies.forget(ws, table_id)
