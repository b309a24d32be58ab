"""What a widget asks, as SQL, with what a reader has chosen."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.errors import UserError
from common.sql_text import literal
from lakehouse.dashboards.model import Dashboard, DashboardDataset, DashboardPage, Widget, WidgetQuery

ASSOCIATIVE = "associative_filter_predicate_group"
RANGE = "filter-date-range-picker"
NUMBERS = {"INTEGER", "DECIMAL", "NUMERIC"}


@dataclass(frozen=True)
class Choice:
    """What a reader has chosen of a page: values by the filter's name; a range of dates is two, each may be ''."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, widget: Widget) -> list[str]:
        """The values chosen in one filter; none where it filters nothing."""
        found = list(self.values.get(widget.name, ()))
        return found if any(found) else []


@dataclass(frozen=True)
class FilterOptions:
    """What a filter offers: the query of the values of its field, or a parameter to type."""

    sql: str = ""
    parameter: str = ""
    default: str = ""


def sql_of(dashboard: Dashboard, page: DashboardPage, query: WidgetQuery, choice: Choice) -> str:
    """The SQL of a widget's query on the tables of the lakehouse; UserError for an expression that is no SQL."""
    dataset = dataset_of(dashboard, query)
    fields = [
        (one.name, field_sql(one.expression)) for one in query.fields if ASSOCIATIVE not in one.expression
    ]
    columns = ", ".join(f"{sql} AS `{name}`" for name, (sql, _) in fields)
    text = f"SELECT {columns} FROM ({source_of(dataset, page, choice)}) AS `dataset`"  # noqa: S608 - it only reads
    conditions = list(conditions_of(page, dataset, choice))
    if conditions:
        text += f" WHERE {' AND '.join(conditions)}"
    groups = [sql for _, (sql, is_aggregate) in fields if not is_aggregate]
    if not query.disaggregated and groups:
        text += f" GROUP BY {', '.join(groups)}"
    orders = [f"{field_sql(one.expression)[0]}{' DESC' * one.is_descending}" for one in query.orders]
    return f"{text} ORDER BY {', '.join(orders)}" if orders else text


def source_of(
    dataset: DashboardDataset, page: DashboardPage | None = None, choice: Choice | None = None
) -> str:
    """A dataset's SQL with the values of its parameters: what the page's filters say of them, else the defaults."""
    text = dataset.sql
    for parameter in dataset.parameters:
        value = parameter.default
        for widget in page.widgets if page and choice else ():
            names = [
                name for query in widget.queries if query.dataset == dataset.name for name in query.parameters
            ]
            if choice and parameter.keyword in names and choice.of(widget):
                value = choice.of(widget)[0]
        written = _literal(value, parameter.type)
        text = re.sub(rf"(?<![:\w]):{re.escape(parameter.keyword)}\b", lambda _, text=written: text, text)
    return text


def options_of(dashboard: Dashboard, widget: Widget) -> FilterOptions:
    """What a filter lets a reader choose from."""
    query = widget.queries[0]
    dataset = dataset_of(dashboard, query)
    if query.parameters:
        default = next(one.default for one in dataset.parameters if one.keyword == query.parameters[0])
        return FilterOptions(parameter=query.parameters[0], default=default)
    name = field_sql(query.fields[0].expression)[0]
    source = source_of(dataset)
    return FilterOptions(sql=f"SELECT DISTINCT {name} AS `value` FROM ({source}) AS `dataset` ORDER BY 1")  # noqa: S608


def dataset_of(dashboard: Dashboard, query: WidgetQuery) -> DashboardDataset:
    """What a query asks; UserError where the dashboard does not have it."""
    if query.dataset not in dashboard.datasets:
        raise UserError(f"the widget asks a dataset {query.dataset}, which the dashboard does not have")
    return dashboard.datasets[query.dataset]


def conditions_of(page: DashboardPage, dataset: DashboardDataset, choice: Choice) -> Iterator[str]:
    """What the page's filters leave of a dataset."""
    for widget in page.widgets:
        chosen = choice.of(widget) if widget.is_filter else []
        for query in widget.queries if chosen else ():
            if query.dataset == dataset.name and query.fields:
                yield from _condition(field_sql(query.fields[0].expression)[0], widget, chosen)


def _condition(column: str, widget: Widget, chosen: Sequence[str]) -> Iterator[str]:
    if widget.kind != RANGE:
        yield f"CAST({column} AS STRING) IN ({', '.join(_literal(value, 'STRING') for value in chosen)})"
        return
    for value, sign in zip(chosen, (">=", "<="), strict=False):
        if value:
            yield f"CAST({column} AS DATE) {sign} {_literal(value, 'DATE')}"


def _literal(value: str, kind: str) -> str:
    """A value as SQL; UserError for one that is none of its type."""
    try:
        if kind in NUMBERS:
            return str(int(value)) if kind == "INTEGER" else repr(float(value))
        if kind == "DATE":
            return literal(date.fromisoformat(value))
    except ValueError:
        raise UserError(f"{value!r} is no value of the type {kind}") from None
    return literal(value)


def field_sql(text: str) -> tuple[str, bool]:
    """A field's expression as the engines take it, by columns of its dataset, and whether it is an aggregate."""
    try:
        parsed = sqlglot.parse_one(text.replace("`*`", "*"), read="databricks")
    except SqlglotError as error:
        raise UserError(f"{text}: this expression of a dashboard cannot be read: {error}") from None
    return parsed.sql("databricks", identify=True), parsed.find(exp.AggFunc) is not None
