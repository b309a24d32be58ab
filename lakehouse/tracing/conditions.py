"""Conditions in SQL that name rows of a table."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from common.errors import UserError

# The condition stands on lines of its own: a comment at its end takes nothing else away.
_BEFORE, _AFTER = "select 1 from rows where (", ")"


def check_condition(where: str) -> None:
    """Raises UserError for a text that is not one condition, with the place at which it cannot be read."""
    lines = [_BEFORE, *(where or "true").splitlines(), _AFTER]
    try:
        parsed = sqlglot.parse("\n".join(lines), read="databricks")
    except SqlglotError as error:
        raise UserError(f"the condition {where} cannot be read{_place(error, len(lines))}") from None
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Select):
        raise UserError(f"{where} is more than a condition: write one, such as customer_state = 'SP'")


def _place(error: SqlglotError, last_line: int) -> str:
    [first, *_] = error.errors if isinstance(error, ParseError) and error.errors else [{}]
    if first.get("line", last_line) >= last_line:
        return ": it is not complete, or a quote or bracket of it is not closed"
    return f" at {first['highlight']}" if first.get("highlight") else ""
