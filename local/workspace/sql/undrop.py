"""Statements on tables that were dropped, as Databricks has them.

    UNDROP TABLE t        UNDROP TABLE WITH ID '...'        UNDROP MATERIALIZED VIEW WITH ID '...'
    SHOW TABLES DROPPED IN s [LIMIT n]

A materialized view comes back by its id only. Of several tables of a name it is the last one dropped of those that
the caller may bring back; SHOW TABLES DROPPED lists no others.
"""

import re
from dataclasses import dataclass

from local.workspace.calls.caller import CALLER
from local.workspace.calls.context import Workspace, rfc3339
from local.workspace.calls.errors import DatabricksError, exists, invalid
from local.workspace.rights.privileges import Privileges, Securable
from local.workspace.rights.who import Who
from local.workspace.sql.named_tables import qualified
from local.workspace.unity import recovery, securables
from local.workspace.unity.recovery import DroppedTable

DROPPED_COLUMNS = (
    "catalogName",
    "schemaName",
    "tableName",
    "tableId",
    "tableType",
    "deletedAt",
    "createdAt",
    "updatedAt",
    "createdBy",
    "owner",
    "comment",
)
_STARTS = re.compile(r"\s*(?:UNDROP|SHOW\s+TABLES\s+DROPPED)\b", re.IGNORECASE)
_FORM = re.compile(
    r"\s*(?:UNDROP\s+(?P<kind>TABLE|MATERIALIZED\s+VIEW)\s+(?:WITH\s+ID\s+'(?P<id>[^']+)'|(?P<name>[\w`.]+))"
    r"|SHOW\s+TABLES\s+DROPPED\s+(?:IN|FROM)\s+(?P<schema>[\w`.]+)(?:\s+LIMIT\s+(?P<limit>\d+))?)\s*;?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Undrop:
    """One UNDROP: of a name, in full, or of a table's id."""

    is_view: bool
    name: str | None
    table_id: str | None


@dataclass(frozen=True)
class ShowDropped:
    """One SHOW TABLES DROPPED: the full name of the schema, and how many rows at most."""

    schema: str
    limit: int | None


def undrop_of(statement: str, catalog: str | None) -> Undrop | ShowDropped | None:
    """What a statement asks of dropped tables, None for one that asks nothing; 400 for a form that is not known."""
    if not _STARTS.match(statement):
        return None
    found = _FORM.fullmatch(statement)
    if found is None:
        raise invalid(
            "Expected UNDROP TABLE name, UNDROP TABLE WITH ID 'id', UNDROP MATERIALIZED VIEW WITH ID 'id', or "
            "SHOW TABLES DROPPED IN schema"
        )
    if found["schema"]:
        limit = int(found["limit"]) if found["limit"] else None
        return ShowDropped(qualified(found["schema"], catalog, parts=2), limit)
    name = found["name"] and qualified(found["name"], catalog)
    return Undrop(found["kind"].upper() != "TABLE", name, found["id"])


def lacks_to_undrop(ws: Workspace, dropped: DroppedTable) -> tuple[str, Securable] | None:
    """The privilege that the caller lacks to bring a table back, and on what."""
    who, table = Who.of(CALLER.get()), dropped.table
    privileges = Privileges(ws, who)
    catalog = Securable("CATALOG", table.catalog_name or "")
    schema = Securable("SCHEMA", dropped.full_name.rpartition(".")[0])
    if who.is_metastore_admin or privileges.owns(catalog):
        return None
    if privileges.owns(schema):
        return privileges.lacks_use(catalog)
    managed = any("MANAGE" in dropped.grants.get(name, ()) for name in who.in_account)
    if table.owner in who.in_account or managed or privileges.holds("MANAGE", schema):
        return privileges.lacks("CREATE_TABLE", schema)
    return privileges.lacks_use(schema) or ("MANAGE", Securable("TABLE", dropped.full_name))


def find_dropped(ws: Workspace, asked: Undrop) -> DroppedTable:
    """The table that is meant; 404 where none was dropped within the recovery period."""
    found = [one for one in recovery.dropped_tables(ws) if asked.name in (None, one.full_name)]
    if asked.table_id:
        found = [one for one in found if one.table.table_id == asked.table_id]
    if not found:
        raise DatabricksError(
            "TABLE_DOES_NOT_EXIST",
            f"[TABLE_OR_VIEW_NOT_FOUND] Nothing of the name or id {asked.name or asked.table_id} was dropped within "
            "the last 7 days, or its pipeline, schema or catalog was dropped after it. SQLSTATE: 42P01",
            404,
        )
    return next((one for one in found if not lacks_to_undrop(ws, one)), found[0])


def undrop(ws: Workspace, asked: Undrop, dropped: DroppedTable) -> None:
    """Bring a table back; 400 for one of another kind and a view by its name, 409 where the name is taken."""
    name, is_view = dropped.full_name, dropped.table.table_type == "MATERIALIZED_VIEW"
    by_id = f"UNDROP {'MATERIALIZED VIEW' if is_view else 'TABLE'} WITH ID '{dropped.table.table_id}'"
    if is_view != asked.is_view or (is_view and asked.name):
        raise invalid(f"[WRONG_COMMAND_FOR_OBJECT_TYPE] {name} comes back by {by_id}")
    securables.find("schemas", name.rpartition(".")[0])
    if Privileges(ws, Who.of(CALLER.get())).exists(Securable("TABLE", name)):
        raise exists(
            f"[TABLE_OR_VIEW_ALREADY_EXISTS] There is another table {name} now: rename or drop it, then say {by_id}"
        )
    recovery.bring_back(ws, dropped)


def rows_of_dropped(ws: Workspace, asked: ShowDropped) -> list[list[str | None]]:
    """The rows of SHOW TABLES DROPPED, by the columns of DROPPED_COLUMNS; 404 without the schema."""
    securables.find("schemas", asked.schema)
    found = [one for one in recovery.dropped_tables(ws) if one.full_name.rpartition(".")[0] == asked.schema]
    return [_row(one) for one in found if not lacks_to_undrop(ws, one)][: asked.limit]


def _row(dropped: DroppedTable) -> list[str | None]:
    table = dropped.table
    times = [
        rfc3339(one) for one in (dropped.deleted_at, table.created_at, table.updated_at or table.created_at)
    ]
    named = [table.catalog_name, table.schema_name, table.name, table.table_id, table.table_type]
    return [*named, *times, table.created_by, table.owner, table.comment]
