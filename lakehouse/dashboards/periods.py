"""Moments that a query has cut to a month or a day, as people write them."""

from datetime import date
from typing import Any

import sqlglot
from sqlglot import exp

_WRITTEN = {"YEAR": "%Y", "QUARTER": "%Y-%m", "MONTH": "%Y-%m", "WEEK": "%Y-%m-%d", "DAY": "%Y-%m-%d"}


def written_period(expression: str, value: Any) -> Any:
    """A value of a field that a widget asks for by `expression`: a period as text, anything else as it is."""
    asked = sqlglot.parse_one(expression.replace("`*`", "*"), read="databricks")
    unit = asked.args.get("unit") if isinstance(asked, exp.TimestampTrunc) else None
    form = _WRITTEN.get(unit.name.upper()) if unit and isinstance(value, date) else None
    return f"{value:{form}}" if form else value
