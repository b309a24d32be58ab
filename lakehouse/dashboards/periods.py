"""Moments that a query has cut to a month or a day, as people write them."""

import sqlglot
from sqlglot import exp

_WRITTEN = {"YEAR": "%Y", "QUARTER": "%Y-%m", "MONTH": "%Y-%m", "WEEK": "%Y-%m-%d", "DAY": "%Y-%m-%d"}


def period_format(expression: str) -> str:
    """How `strftime` writes the values of a field that a widget asks for; empty where they are no periods of days."""
    asked = sqlglot.parse_one(expression.replace("`*`", "*"), read="databricks")
    unit = asked.args.get("unit") if isinstance(asked, exp.TimestampTrunc) else None
    return _WRITTEN.get(unit.name.upper(), "") if unit else ""
