"""How a figure of a dashboard is made: by the expression that the dashboard's file holds, and no other."""

from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from lakehouse.dashboards.asking import Choice
from lakehouse.dashboards.figure_origins import figure_origin
from lakehouse.dashboards.model import Dashboard


@dataclass(frozen=True)
class Formula:
    """How the widget `title` makes a value of rows of `table`.

    `expression` is what the dashboard has, without the quotes of names; empty for a mark that is a row as it stands.
    `aggregate` is the same on the columns of the table, empty where it gives one value a row. `counts` says in words
    what a count counts; `is_group` tells that the widget has one figure for each of its values.
    """

    title: str
    table: str
    expression: str = ""
    aggregate: str = ""
    counts: str = ""
    is_group: bool = False


def formula_of(dashboard: Dashboard, widget: str, field: str) -> Formula | None:
    """How a widget makes a field of its query; None unless the dashboard has both and their rows are of one table."""
    page, found = next(
        ((page, one) for page in dashboard.pages for one in page.widgets if one.name == widget), (None, None)
    )
    if page is None or found is None or found.is_filter or not found.queries:
        return None
    [query, *_] = found.queries
    origin = figure_origin(dashboard, page, query, Choice())
    if origin is None or not field:
        return Formula(found.title, origin.table) if origin else None
    told = next((one.expression for one in query.fields if one.name == field), "")
    if field not in {*origin.groups, *origin.aggregates}:
        return None
    return Formula(
        found.title,
        origin.table,
        told.replace("`", ""),
        origin.aggregates.get(field, ""),
        _counts(told),
        is_group=field in origin.groups and not query.disaggregated,
    )


def _counts(expression: str) -> str:
    count = sqlglot.parse_one(expression.replace("`*`", "*"), read="databricks")
    if not isinstance(count, exp.Count):
        return ""
    if isinstance(count.this, exp.Star | exp.Literal):
        return "the rows"
    if isinstance(count.this, exp.Distinct):
        several = [_shown(one) for one in count.this.expressions]
        return f"the different values of {' and '.join(several)}{' together' if len(several) > 1 else ''}"
    return f"the rows that have a {_shown(count.this)}"


def _shown(part: exp.Expr) -> str:
    return part.sql("databricks").replace("`", "")
