"""Moments that a query has cut to a month or a day, as people write them."""

from datetime import date
from typing import Any

import sqlglot
from sqlglot import exp

_WRITTEN = {"YEAR": "%Y", "QUARTER": "%Y-%m", "MONTH": "%Y-%m", "WEEK": "%Y-%m-%d", "DAY": "%Y-%m-%d"}


def written_period(expression: str, value: Any) -> Any:
    """A value of a field that a widget asks for by `expression`: a period as text, anything else as it is."""
    asked = sqlglot.parse_one(expression.replace("`*`", "*"), read="databricks")
    if not isinstance(asked, exp.TimestampTrunc) or not isinstance(value, date):
        return value
    form = _WRITTEN.get(asked.unit.name.upper())
    return f"{value:{form}}" if form else value
