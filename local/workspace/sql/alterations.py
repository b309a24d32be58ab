"""`ALTER TABLE` for row filters and column masks: nothing else tells a real workspace of them.

    ALTER TABLE t SET ROW FILTER f ON (a, b)        ALTER TABLE t DROP ROW FILTER
    ALTER TABLE t ALTER COLUMN c SET MASK f [USING COLUMNS (a, b)]      ALTER TABLE t ALTER COLUMN c DROP MASK

So for `MATERIALIZED VIEW` and `STREAMING TABLE`. Whoever manages the table may do it; a function that is attached
must be there and theirs to execute.
"""

import re
from dataclasses import dataclass

from local.workspace.calls.caller import CALLER
from local.workspace.calls.context import Workspace
from local.workspace.calls.errors import DatabricksError, invalid
from local.workspace.rights.privileges import Privileges, Securable
from local.workspace.rights.who import Who
from local.workspace.sql.named_tables import qualified
from local.workspace.storage import minilake
from local.workspace.unity import policies, tables
from local.workspace.unity.policies import Mask, Policies, RowFilter

_ALTER = r"\s*ALTER\s+(?:TABLE|MATERIALIZED\s+VIEW|STREAMING\s+TABLE)\s+"
_STARTS = re.compile(_ALTER, re.IGNORECASE)
_NAMES = r"\(\s*(?P<columns>[\w`]+(?:\s*,\s*[\w`]+)*)\s*\)"
_FORM = re.compile(
    rf"{_ALTER}(?P<table>[\w`.]+)\s+(?:"
    rf"SET\s+ROW\s+FILTER\s+(?P<filter>[\w`.]+)\s+ON\s+{_NAMES}"
    r"|(?P<unfiltered>DROP\s+ROW\s+FILTER)"
    r"|ALTER\s+COLUMN\s+(?P<column>[\w`]+)\s+(?:"
    r"SET\s+MASK\s+(?P<mask>[\w`.]+)(?:\s+USING\s+COLUMNS\s+" + _NAMES.replace("columns", "using") + r")?"
    r"|DROP\s+MASK))\s*;?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Alteration:
    """One statement: full names of the table and of the function, None where one is taken off."""

    table: str
    function: str | None
    column: str | None
    given: tuple[str, ...]


def alteration_of(statement: str, catalog: str | None) -> Alteration | None:
    """What a statement alters, None for one that is no ALTER TABLE; 400 for a form that is not known here."""
    if not _STARTS.match(statement):
        return None
    found = _FORM.fullmatch(statement)
    if found is None:
        raise invalid("Of ALTER TABLE the local workspace knows row filters and column masks only")
    function = found["filter"] or found["mask"]
    columns = (found["columns"] or found["using"] or "").replace("`", "")
    return Alteration(
        qualified(found["table"], catalog),
        qualified(function, catalog) if function else None,
        found["column"] and found["column"].replace("`", ""),
        tuple(re.split(r"\s*,\s*", columns)) if columns else (),
    )


def lacking(ws: Workspace, alteration: Alteration) -> tuple[str, Securable] | None:
    """The privilege that the caller lacks, and on what."""
    caller = CALLER.get()
    if caller.may_do_anything:
        return None
    privileges = Privileges(ws, Who.of(caller))
    table = Securable("TABLE", alteration.table)
    if not privileges.manages(table):
        return privileges.lacks_use(table) or ("MANAGE", table)
    function = alteration.function and Securable("FUNCTION", alteration.function)
    return privileges.lacks("EXECUTE", function) if function else None


def alter(ws: Workspace, alteration: Alteration) -> None:
    """Attach or take off; 404 for a table or a function that is not there, 400 for such a column."""
    table = tables.describe(ws, alteration.table)
    known = {column.name for column in table.columns or ()}
    if unknown := {*alteration.given, *([alteration.column] if alteration.column else [])} - known:
        raise invalid(f"{alteration.table} has no column {', '.join(sorted(unknown))}")
    if alteration.function and not minilake.securable("functions", alteration.function, minilake.Securable):
        raise DatabricksError("ROUTINE_NOT_FOUND", f"Function '{alteration.function}' does not exist.", 404)
    policies.keep(ws, table.table_id, _changed(policies.of(ws, table.table_id), alteration))


def _changed(before: Policies, alteration: Alteration) -> Policies:
    function, given = alteration.function, alteration.given
    if alteration.column is None:
        chosen = RowFilter(function_name=function, input_column_names=given) if function else None
        return before.changed(row_filter=chosen)
    masks = {name: mask for name, mask in before.masks.items() if name != alteration.column}
    if function:
        masks[alteration.column] = Mask(function_name=function, using_column_names=given)
    return before.changed(masks=masks)
