"""Which tables a query reads: what its caller must be allowed to."""

import re

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local.workspace.calls.errors import invalid

# A string to Sail, and to Databricks none: of a quote in it the parser here makes a string of what follows.
_DOLLAR_QUOTE = re.compile(r"\$\w*\$")


def tables_of(statement: str, catalog: str | None) -> list[str]:
    """The full names of the tables that a query names; `catalog` holds those that are named `schema.table`.

    400 for anything but one query, and for tables that are no names: files and functions.
    """
    if _DOLLAR_QUOTE.search(statement):
        raise invalid("The statement cannot be read: $$ quotes nothing in Databricks SQL")
    try:
        parsed = sqlglot.parse(statement, read="databricks")
    except SqlglotError as error:
        raise invalid(f"The statement cannot be read: {str(error).splitlines()[0]}") from None
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise invalid(
            "The local workspace answers one query a call, SELECT ... or WITH ... SELECT, and nothing else"
        )
    query = parsed[0]
    if any(lateral.find(exp.Anonymous) for lateral in query.find_all(exp.Lateral)):
        raise invalid("The local workspace answers queries on tables, not on table functions")
    own = {cte.alias for cte in query.find_all(exp.CTE)}
    named = [table for table in query.find_all(exp.Table) if table.db or table.name not in own]
    return sorted({_full_name(table, catalog) for table in named})


def qualified(name: str, catalog: str | None, *, parts: int = 3) -> str:
    """A name with its catalog, of so many parts: three for a table or a function, two for a schema; 400 for others."""
    found = name.replace("`", "").split(".")
    if len(found) == parts - 1 and catalog:
        found = [catalog, *found]
    if len(found) != parts:
        raise invalid(f"{name} is in no catalog: name it, or set the catalog of the call")
    return ".".join(found)


def _full_name(table: exp.Table, catalog: str | None) -> str:
    if not isinstance(table.this, exp.Identifier) or not table.db:
        raise invalid(
            f"{table.sql('databricks')} is no table's name: expected schema.table or catalog.schema.table"
        )
    parts = [table.catalog or catalog or "", table.db, table.name]
    if not parts[0]:
        raise invalid(f"{table.db}.{table.name} is in no catalog: name it, or set the catalog of the call")
    return ".".join(parts)
