"""Names and values as SQL has them, where a text is put together."""

from datetime import date, datetime
from math import isfinite
from typing import Any


def quoted(name: str) -> str:
    """A name in backticks."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: Any) -> str:
    """A text, number, truth, moment, date or null as SQL writes it."""
    if value is None:
        return "null"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    if isinstance(value, datetime):
        return f"timestamp'{value.isoformat(sep=' ')}'"
    if isinstance(value, float):
        # Without the sign it is a decimal, and what has 17 digits is not found again.
        return f"{value}D" if isfinite(value) else f"double('{value}')"
    return f"date'{value.isoformat()}'" if isinstance(value, date) else str(value)


def equals(expression: str, value: Any) -> str:
    """The condition that an expression has a value."""
    return f"{expression} is null" if value is None else f"{expression} = {literal(value)}"
