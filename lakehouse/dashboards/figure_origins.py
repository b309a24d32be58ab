"""Which rows of a table the figures of a widget are made of, where its query tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.sql_text import equals, quoted
from lakehouse.dashboards.asking import ASSOCIATIVE, Choice, conditions_of, dataset_of, field_sql, source_of
from lakehouse.dashboards.model import Dashboard, DashboardPage, WidgetQuery

# What a query of one table's rows as they are may have, and how it may name the table: no sample, pivot or version.
_PARTS = {"expressions", "from", "from_", "where"}
_NAMED = {"this", "db", "catalog", "alias"}


@dataclass(frozen=True)
class FigureOrigin:
    """What a widget asks, as a query of one `table`.

    `conditions` hold of all of its rows. By field of the widget's query `groups` are the expressions of which a row has
    one value, `aggregates` the others, and `columns` the one column of the table that these are made of.
    """

    table: str
    conditions: Sequence[str] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    aggregates: Mapping[str, str] = field(default_factory=dict)

    def where(self, row: Mapping[str, Any], keys: Sequence[str]) -> str:
        """The condition of the table's rows behind a row of the widget; by the table's `keys` where it has all."""
        fields = {sql: name for name, sql in self.groups.items()}
        by_key = [quoted(key) for key in keys]
        if by_key and {*by_key} <= fields.keys():
            return " and ".join(equals(sql, row[fields[sql]]) for sql in by_key)
        return " and ".join([*self.conditions, *(equals(sql, row[name]) for sql, name in fields.items())])


def figure_origin(
    dashboard: Dashboard, page: DashboardPage, query: WidgetQuery, choice: Choice
) -> FigureOrigin | None:
    """Where a query's rows come from; None unless its dataset is rows of one table with columns as they are."""
    dataset = dataset_of(dashboard, query)
    asked = _parsed(source_of(dataset, page, choice))
    names = _columns_of(asked) if asked else None
    if asked is None or names is None:
        return None
    where = asked.args.get("where")
    conditions = [_of_table(where.this, {})] if where else []
    chosen = [_read(one, names) for one in conditions_of(page, dataset, choice)]
    fields = {
        one.name: field_sql(one.expression) for one in query.fields if ASSOCIATIVE not in one.expression
    }
    read = {name: _read(sql, names) for name, (sql, _) in fields.items()}
    grouped = {name: one for name, one in read.items() if not fields[name][1]}
    used = {name: {each.name for each in one.find_all(exp.Column)} for name, one in read.items()}
    return FigureOrigin(
        _name(asked.find(exp.Table)),
        [f"({one.sql('databricks')})" for one in (*conditions, *chosen)],
        {name: one.sql("databricks") for name, one in grouped.items()},
        {
            name: next(iter(columns))
            for name, columns in used.items()
            if len(columns) == 1 and (query.disaggregated or name not in grouped)
        },
        {name: one.sql("databricks") for name, one in read.items() if name not in grouped},
    )


def tables_asked(dashboard: Dashboard, query: WidgetQuery) -> list[str]:
    """The tables that a query reads."""
    asked = _parsed(source_of(dataset_of(dashboard, query)))
    return list(dict.fromkeys(_name(one) for one in asked.find_all(exp.Table))) if asked else []


def _parsed(sql: str) -> exp.Expr | None:
    """A dataset's query; None for one that only the engine can read."""
    try:
        return sqlglot.parse_one(sql, read="databricks")
    except SqlglotError:
        return None


def _columns_of(asked: exp.Expr) -> dict[str, str] | None:
    """The table's columns by what the query calls them; None for a query of anything but one table's rows."""
    tables = [*asked.find_all(exp.Table)]
    if not isinstance(asked, exp.Select) or len(tables) != 1:
        return None
    if not _given(asked) <= _PARTS or not _given(tables[0]) <= _NAMED or tables[0].alias_column_names:
        return None
    if any(one.table not in {"", tables[0].alias_or_name} for one in asked.find_all(exp.Column)):
        return None
    columns = {one.alias_or_name: one.unalias() for one in asked.expressions}
    if not all(isinstance(one, exp.Column) and one.name != "*" for one in columns.values()):
        return None
    return {name: one.name for name, one in columns.items()}


def _given(part: exp.Expr) -> set[str]:
    return {name for name, value in part.args.items() if value}


def _read(sql: str, names: Mapping[str, str]) -> exp.Expr:
    """An expression on the query's columns as one on the table's."""
    return _of_table(sqlglot.parse_one(sql, read="databricks"), names)


def _of_table(expression: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    def renamed(one: exp.Expr) -> exp.Expr:
        return exp.column(names.get(one.name, one.name), quoted=True) if isinstance(one, exp.Column) else one

    return expression.transform(renamed)


def _name(table: exp.Table | None) -> str:
    """`schema.table`: the catalog of production is not told."""
    return f"{table.db}.{table.name}" if table else ""
