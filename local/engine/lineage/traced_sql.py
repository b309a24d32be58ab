"""Queries and expressions in SQL text: what their columns are made from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from local.engine.lineage.plan_expressions import generated
from local.engine.lineage.sql_expressions import SqlExpressions, function_of
from local.engine.lineage.traced_rows import Column, TracedRows, joined_rows, stacked_rows
from local.engine.lineage.traced_values import NOTHING, TracedValue, merged

DIALECT = "databricks"
_TAKES = {"RIGHT": "right", "FULL": "both"}


@cache
def _parsed(text: str) -> Any:
    return sqlglot.parse_one(text, read=DIALECT)


@dataclass(frozen=True)
class SqlQueries:
    """Reads queries; `view` gives the rows of what they name. `named` are common table expressions, by name.

    `outer` are the rows of the query around this one, which it may name.
    """

    view: Callable[[str], TracedRows | None]
    named: Mapping[str, TracedRows] = field(default_factory=dict)
    outer: TracedRows | None = None

    def value_of_text(self, text: str, rows: TracedRows) -> TracedValue:
        """What an expression over rows is made from."""
        try:
            parsed = _parsed(text)
        except SqlglotError:
            return TracedValue.untold(f"SQL that is not parsed: {text}")
        return self._over(rows).value(parsed)

    def columns_of_text(self, text: str, rows: TracedRows) -> TracedRows:
        """The columns that an expression of a projection makes of rows."""
        try:
            parsed = _parsed(text)
        except SqlglotError:
            return TracedRows((Column(None, TracedValue.untold(f"SQL that is not parsed: {text}")),))
        return self._over(rows).columns(parsed)

    def rows_of_text(self, text: str) -> TracedRows:
        """The rows of a query."""
        try:
            parsed = _parsed(text)
        except SqlglotError:
            return TracedRows.untold("SQL that is not parsed")
        return self.rows(parsed)

    def rows(self, query: exp.Expr) -> TracedRows:
        """The rows of a query that is parsed."""
        own = self._with_named(query)
        match query:
            case exp.Select():
                found = own._selected(query)
            case exp.SetOperation():
                found = own._set_operation(query)
            case exp.Subquery():
                found = own._source(query)
            case exp.Table():
                found = own._source(query)
            case exp.Values():
                found = own._source(query)
            case _:
                found = TracedRows.untold(f"SQL of kind {query.key}")
        return found

    def _with_named(self, query: exp.Expr) -> "SqlQueries":
        own = self
        for one in query.args["with_"].expressions if query.args.get("with_") else ():
            rows = own.rows(one.this)
            names = [each.name for each in one.args["alias"].columns]
            rows = rows.named(names) if names else rows
            own = replace(own, named={**own.named, one.alias.lower(): rows})
        return own

    def _set_operation(self, query: exp.SetOperation) -> TracedRows:
        first, second = self.rows(query.this), self.rows(query.expression)
        if isinstance(query, exp.Union):
            found = stacked_rows(first, second, by_name=bool(query.args.get("by_name")))
        else:
            sides = (each.everything().used_for("FILTER") for each in (first, second))
            found = first.with_conditions(second.conditions, *sides)
        return self._ordered(query, found)

    def _source(self, source: exp.Expr) -> TracedRows:
        """The rows of what stands in FROM or JOIN, under its alias."""
        alias = source.args.get("alias")
        match source:
            case exp.Table(this=exp.Identifier()):
                found = self._table(source)
            case exp.Table(this=exp.Anonymous() as call) if call.name.lower() == "range":
                found = TracedRows((Column("id", NOTHING),))
            case exp.Subquery() | exp.CTE():
                found = self._with_named(source).rows(source.this)
            case exp.Select() | exp.SetOperation():
                found = self.rows(source)
            case exp.Values():
                width = len(source.expressions[0].expressions) if source.expressions else 0
                found = TracedRows(tuple(Column(f"col{place + 1}", NOTHING) for place in range(width)))
            case _:
                found = TracedRows.untold(f"{source.key} in FROM")
        for pivot in source.args.get("pivots") or ():
            found = self._pivoted(found, pivot)
        if alias is None:
            return found
        found = found.named([one.name for one in alias.columns]) if alias.columns else found
        return found.aliased(alias.name) if alias.name else found

    def _pivoted(self, rows: TracedRows, pivot: exp.Pivot) -> TracedRows:
        """The columns of the groups, and any number of others, each of which has all of the aggregates' origins."""
        if pivot.args.get("unpivot") or rows.rest is not None:
            return TracedRows.untold(
                "UNPIVOT in SQL" if pivot.args.get("unpivot") else "PIVOT of columns not told"
            )
        read = self._over(rows)
        chosen = [one.this for one in pivot.args["fields"]]
        used = {
            each.name.lower() for one in (*pivot.expressions, *chosen) for each in one.find_all(exp.Column)
        }
        groups = tuple(one for one in rows.columns if (one.name or "").lower() not in used)
        others = merged(
            [*read.values(pivot.expressions), *(one.used_for("CONDITIONAL") for one in read.values(chosen))]
        )
        conditions = (one.value.used_for("GROUP_BY") for one in groups)
        return TracedRows(groups, rows.conditions, others).with_conditions(*conditions)

    def _table(self, table: exp.Table) -> TracedRows:
        parts = [one.name for one in table.parts]
        name = ".".join(parts)
        found = self.named.get(name.lower()) if len(parts) == 1 else None
        found = found or self.view(name)
        return found.aliased(parts[-1]) if found else TracedRows.untold(f"{name}, which is made elsewhere")

    def _selected(self, query: exp.Select) -> TracedRows:
        rows = self._from(query)
        read = self._over(rows)
        conditions = (
            [read.value(query.args["where"].this).used_for("FILTER")] if query.args.get("where") else []
        )
        made = read.projected(query.expressions)
        seen = self._over(replace(made, hidden=rows))
        conditions += [one.used_for("GROUP_BY") for one in self._groups(query, read, made)]
        for clause in ("having", "qualify"):
            if query.args.get(clause):
                conditions.append(seen.value(query.args[clause].this).used_for("FILTER"))
        if query.args.get("distinct"):
            conditions.append(made.everything().used_for("GROUP_BY"))
        return self._ordered(query, made.with_conditions(*conditions))

    def _from(self, query: exp.Select) -> TracedRows:
        source = query.args.get("from_")
        rows = self._source(source.this) if source else TracedRows()
        if self.outer:
            rows = replace(rows, hidden=_last(rows.hidden, self.outer))
        for join in (
            *(source.this.args.get("joins") or () if source else ()),
            *(query.args.get("joins") or ()),
        ):
            rows = self._joined(rows, join)
        for lateral in query.args.get("laterals") or ():
            rows = self._lateral(rows, lateral)
        return rows

    def _joined(self, left: TracedRows, join: exp.Join) -> TracedRows:
        if isinstance(join.this, exp.Lateral):
            return self._lateral(left, join.this)
        right = self._source(join.this)
        shared = [one.name for one in join.args.get("using") or ()]
        if join.args.get("method") == "NATURAL":
            return TracedRows.untold("NATURAL JOIN")
        both = joined_rows(left, right, shared, takes=_TAKES.get(join.side, "left"))
        found = replace(left, conditions=both.conditions) if join.kind in ("SEMI", "ANTI") else both
        if join.args.get("on"):
            found = found.with_conditions(self._over(both).value(join.args["on"]).used_for("JOIN"))
        return found

    def _lateral(self, rows: TracedRows, lateral: exp.Lateral) -> TracedRows:
        """LATERAL VIEW and a lateral function: its columns beside those that are there."""
        name, call = function_of(lateral.this)
        alias = lateral.args.get("alias")
        if isinstance(lateral.this, exp.Subquery):
            return joined_rows(rows, replace(self, outer=rows)._source(lateral.this))
        names = [one.name for one in alias.columns] if alias else []
        made = generated(name, [self._over(rows).value(one) for one in call], len(names))
        made = made.named(names) if names else made
        return joined_rows(rows, made.aliased(alias.name) if alias and alias.name else made)

    def _groups(self, query: exp.Select, read: SqlExpressions, made: TracedRows) -> Iterator[TracedValue]:
        group = query.args.get("group")
        if group is None:
            return
        if group.args.get("all"):
            pairs = zip(query.expressions, made.columns, strict=False)
            yield from (column.value for one, column in pairs if not one.find(exp.AggFunc))
        several = [
            each
            for kind in ("cube", "rollup", "grouping_sets")
            for one in group.args.get(kind) or ()
            for each in one.expressions
        ]
        within = self._over(replace(read.rows, hidden=_last(made, read.rows.hidden)))
        for one in (*group.expressions, *several):
            yield self._by_place(one, made) or within.value(one)

    def _ordered(self, query: exp.Expr, made: TracedRows) -> TracedRows:
        order = query.args.get("order")
        seen = self._over(made)
        values = [
            self._by_place(one.this, made) or seen.value(one.this)
            for one in (order.expressions if order else ())
        ]
        return made.with_conditions(*(one.used_for("SORT") for one in values))

    def _by_place(self, one: exp.Expr, made: TracedRows) -> TracedValue | None:
        """What a number in GROUP BY or ORDER BY stands for."""
        if not isinstance(one, exp.Literal) or not one.is_int:
            return None
        place = int(one.name) - 1
        return (
            made.columns[place].value
            if place < len(made.columns)
            else TracedValue.untold(f"column {place + 1}")
        )

    def _over(self, rows: TracedRows) -> SqlExpressions:
        """What reads expressions over rows, which a query within them may name, too."""
        return SqlExpressions(rows, lambda query, outer: replace(self, outer=outer).rows(query))


def _last(rows: TracedRows | None, outer: TracedRows | None) -> TracedRows | None:
    """Both, to be looked at in this order."""
    return outer if rows is None else replace(rows, hidden=_last(rows.hidden, outer))
