"""The Statement Execution API: one query a call, a row filter or mask, or UNDROP, answered when it is done.

As on Databricks a query that fails, for want of a right too, is a call that succeeds and says so in its state.
"""

import uuid
from collections.abc import Sequence

from pydantic import Field

from local.workspace.calls import routing
from local.workspace.calls.caller import CALLER
from local.workspace.calls.context import Workspace, Ws
from local.workspace.calls.errors import DatabricksError, not_found
from local.workspace.processes.query_process import query_in_a_process
from local.workspace.rights.privileges import Privileges, Securable
from local.workspace.rights.who import Who
from local.workspace.sql import alterations, undrop
from local.workspace.sql.alterations import Alteration
from local.workspace.sql.named_tables import tables_of
from local.workspace.sql.undrop import ShowDropped, Undrop
from local.workspace.storage import minilake
from local.workspace.storage.records import Record, Sent
from local.workspace.unity import tables

router = routing.router("/api/2.0/sql/statements")

_REFUSED = "[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have {} on {}. SQLSTATE: 42501"


class NewStatement(Sent):
    """A query, the warehouse that runs it, and the catalog of the tables that name none."""

    statement: str
    warehouse_id: str
    catalog: str | None = None


class Error(Record):
    """Why a statement failed."""

    error_code: str
    message: str


class StatementStatus(Record):
    """How a statement ended."""

    state: str
    error: Error | None = None


class Column(Record):
    """A column of the result."""

    name: str
    position: int


class Schema(Record):
    """The columns of the result."""

    column_count: int
    columns: tuple[Column, ...]


class Manifest(Record):
    """What the result consists of."""

    format: str
    schema_: Schema = Field(alias="schema")
    total_row_count: int


class Result(Record):
    """The rows: each value as text, None for null."""

    row_count: int
    data_array: list[list[str | None]]


class Answer(Record):
    """A statement that has ended."""

    statement_id: str
    status: StatementStatus
    manifest: Manifest | None = None
    result: Result | None = None


@router.post("")
async def execute(ws: Ws, body: NewStatement) -> Answer:
    """Run a query with the rights of the caller and answer with all of its rows."""
    if not minilake.has_warehouse(body.warehouse_id):
        raise not_found(f"SQL warehouse {body.warehouse_id} does not exist.")
    statement_id = str(uuid.uuid4())
    if alteration := alterations.alteration_of(body.statement, body.catalog):
        return Answer(statement_id=statement_id, status=_altered(ws, alteration))
    if asked := undrop.undrop_of(body.statement, body.catalog):
        return _of_dropped(ws, statement_id, asked)
    if error := _refusal(ws, tables_of(body.statement, body.catalog)):
        return Answer(statement_id=statement_id, status=_failed(error))
    told = await query_in_a_process(ws.home, body.statement)
    if told.error is not None:
        status = _failed(Error(error_code="BAD_REQUEST", message=told.error))
        return Answer(statement_id=statement_id, status=status)
    return _rows(statement_id, told.columns, told.rows)


def _rows(statement_id: str, names: Sequence[str], rows: list[list[str | None]]) -> Answer:
    columns = tuple(Column(name=name, position=place) for place, name in enumerate(names))
    return Answer(
        statement_id=statement_id,
        status=StatementStatus(state="SUCCEEDED"),
        manifest=Manifest(
            format="JSON_ARRAY",
            schema=Schema(column_count=len(columns), columns=columns),
            total_row_count=len(rows),
        ),
        result=Result(row_count=len(rows), data_array=rows),
    )


def _of_dropped(ws: Workspace, statement_id: str, asked: Undrop | ShowDropped) -> Answer:
    try:
        if isinstance(asked, ShowDropped):
            return _rows(statement_id, undrop.DROPPED_COLUMNS, undrop.rows_of_dropped(ws, asked))
        dropped = undrop.find_dropped(ws, asked)
        if lacking := undrop.lacks_to_undrop(ws, dropped):
            return Answer(statement_id=statement_id, status=_failed(_lacks(*lacking)))
        undrop.undrop(ws, asked, dropped)
    except DatabricksError as error:
        status = _failed(Error(error_code="BAD_REQUEST", message=error.message))
        return Answer(statement_id=statement_id, status=status)
    return Answer(statement_id=statement_id, status=StatementStatus(state="SUCCEEDED"))


def _failed(error: Error) -> StatementStatus:
    return StatementStatus(state="FAILED", error=error)


def _altered(ws: Workspace, alteration: Alteration) -> StatementStatus:
    if lacking := alterations.lacking(ws, alteration):
        return _failed(_lacks(*lacking))
    try:
        alterations.alter(ws, alteration)
    except DatabricksError as error:
        return _failed(Error(error_code="BAD_REQUEST", message=error.message))
    return StatementStatus(state="SUCCEEDED")


def _lacks(privilege: str, on: Securable) -> Error:
    return Error(error_code="PERMISSION_DENIED", message=_REFUSED.format(privilege.replace("_", " "), on))


def _refusal(ws: Workspace, names: Sequence[str]) -> Error | None:
    caller = CALLER.get()
    privileges = None if caller.may_do_anything else Privileges(ws, Who.of(caller))
    for name in names:
        if privileges and (lacking := privileges.lacks("SELECT", Securable("TABLE", name))):
            return _lacks(*lacking)
        try:
            tables.describe(ws, name)
        except DatabricksError as error:
            message = f"[TABLE_OR_VIEW_NOT_FOUND] {error.message} SQLSTATE: 42P01"
            return Error(error_code="BAD_REQUEST", message=message)
    return None
