"""Expressions in SQL, as sqlglot parses them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from local.engine.lineage.function_effects import (
    GENERATORS,
    STRUCTS_TO_ROWS,
    applied,
    is_aggregate,
    structured,
    windowed,
)
from local.engine.lineage.plan_expressions import all_of, asked, generated
from local.engine.lineage.traced_rows import Column, TracedRows, of_field
from local.engine.lineage.traced_values import NOTHING, TracedValue, merged

# What sqlglot calls otherwise than Spark does.
_NAMES = {
    exp.ArgMax: "max_by",
    exp.ArgMin: "min_by",
    exp.Coalesce: "coalesce",
    exp.Explode: "explode",
    exp.ExplodeOuter: "explode_outer",
    exp.Posexplode: "posexplode",
    exp.PosexplodeOuter: "posexplode_outer",
    exp.Inline: "inline",
    exp.Array: "array",
    exp.Nullif: "nullif",
    exp.Nvl2: "nvl2",
}


@dataclass(frozen=True)
class SqlExpressions:
    """Reads expressions over `rows`; `of_query` gives the rows of a query within one, which may name the rows."""

    rows: TracedRows
    of_query: Callable[[exp.Expr, TracedRows], TracedRows]

    def value(self, one: exp.Expr) -> TracedValue:
        """What an expression is made from."""
        for kind, read in _READ.items():
            if isinstance(one, kind):
                return read(self, one)
        name, arguments = function_of(one)
        values = [self.value(each) for each in arguments]
        # Of more functions than have a name here sqlglot knows that they aggregate.
        if isinstance(one, exp.AggFunc) and not is_aggregate(name):
            return merged(each.aggregated() for each in values)
        return applied(name, values)

    def values(self, expressions: Iterable[exp.Expr]) -> list[TracedValue]:
        """The same of several."""
        return [self.value(one) for one in expressions]

    def projected(self, expressions: Iterable[exp.Expr]) -> TracedRows:
        """The columns that expressions make, in their order; each may name those before it."""
        columns: list[Column] = []
        rest: TracedValue | None = None
        for one in expressions:
            before = TracedRows(tuple(columns), hidden=self.rows.hidden)
            made = replace(self, rows=replace(self.rows, hidden=before)).columns(one)
            columns += made.columns
            rest = made.rest if rest is None or made.rest is None else merged([rest, made.rest])
        return TracedRows(tuple(columns), self.rows.conditions, rest, self.rows)

    def columns(self, one: exp.Expr) -> TracedRows:
        """The columns that one expression of a projection makes."""
        match one:
            case exp.Star():
                return _without(TracedRows(self.rows.columns, rest=self.rows.rest), one)
            case exp.Column(this=exp.Star() as star):
                target = [part.name for part in one.parts[:-1]]
                return _without(all_of(self.rows, target), star)
            case exp.Aliases():
                name, arguments = function_of(one.this)
                names = [each.name for each in one.expressions]
                return generated(name, self.values(arguments), len(names)).named(names)
            case exp.Column():
                qualifiers = frozenset(part.name.lower() for part in one.parts[:-1])
                return TracedRows((Column(one.name, self.value(one), qualifiers),))
        name, arguments = function_of(one)
        if name in (*GENERATORS, *STRUCTS_TO_ROWS):
            return generated(name, self.values(arguments))
        return TracedRows((Column(one.alias_or_name or None, self.value(one)),))

    def _column(self, column: exp.Column) -> TracedValue:
        if isinstance(column.this, exp.Star):
            return self.columns(column).everything().changed()
        return self.rows.value([part.name for part in column.parts])

    def _field(self, dot: exp.Dot) -> TracedValue:
        inner = self.value(dot.this)
        if isinstance(dot.expression, exp.Identifier):
            return of_field(inner, [dot.expression.name])
        return merged([inner, self.value(dot.expression)]).changed()

    def _case(self, case: exp.Case) -> TracedValue:
        tested = self.values([case.this]) if case.this else []
        pairs = [self.value(each) for one in case.args["ifs"] for each in (one.this, one.args["true"])]
        default = self.values([case.args["default"]]) if case.args.get("default") else []
        return applied("when", [*pairs, *default]).also(*(one.used_for("CONDITIONAL") for one in tested))

    def _if(self, one: exp.If) -> TracedValue:
        parts = [one.this, one.args["true"], *([one.args["false"]] if one.args.get("false") else [])]
        return applied("if", self.values(parts))

    def _window(self, window: exp.Window) -> TracedValue:
        around = list(window.args.get("partition_by") or ())
        order = window.args.get("order")
        around += [each.this for each in order.expressions] if order else []
        named = window.args.get("alias")
        found = windowed(self.value(window.this), self.values(around))
        return found.also(TracedValue.untold("a named window")) if named and not around else found

    def _struct(self, struct: exp.Struct) -> TracedValue:
        fields = []
        for place, one in enumerate(struct.expressions, 1):
            is_pair = isinstance(one, exp.PropertyEQ)
            name = one.this.name if is_pair else one.alias_or_name or f"col{place}"
            fields.append((name, self.value(one.expression if is_pair else one)))
        return structured(fields)

    def _query(self, query: exp.Expr) -> TracedValue:
        inner = query.this if isinstance(query, exp.Exists) else query
        found = asked(self.of_query(inner, self.rows))
        return found.used_for("CONDITIONAL") if isinstance(query, exp.Exists) else found

    def _in(self, one: exp.In) -> TracedValue:
        query = one.args.get("query")
        given = [one.this, *one.expressions, *([query] if query else [])]
        return merged(each.changed() for each in self.values(given))

    def _filtered(self, one: exp.Filter) -> TracedValue:
        condition = self.value(one.expression.this)
        return self.value(one.this).also(condition.used_for("CONDITIONAL"))

    def _within_group(self, one: exp.WithinGroup) -> TracedValue:
        order = self.values(each.this for each in one.expression.expressions)
        return self.value(one.this).also(*(each.aggregated() for each in order))


def function_of(one: exp.Expr) -> tuple[str, list[exp.Expr]]:
    """The name of a function as Spark has it, and its arguments; of any other expression what it consists of."""
    arguments = [each for each in _children(one) if not isinstance(each, exp.DataType | exp.Identifier)]
    if isinstance(one, exp.Anonymous):
        return one.name.lower(), list(one.expressions)
    name = _NAMES.get(type(one)) or (one.sql_name().lower() if isinstance(one, exp.Func) else one.key)
    if isinstance(one, exp.Count):
        arguments = [each for each in arguments if not isinstance(each, exp.Star)]
    return name, arguments


def _children(one: exp.Expr) -> Iterator[exp.Expr]:
    for value in one.args.values():
        yield from (
            each for each in (value if isinstance(value, list) else [value]) if isinstance(each, exp.Expr)
        )


def _without(rows: TracedRows, star: exp.Star) -> TracedRows:
    gone = {one.name.lower() for one in star.args.get("except_") or ()}
    if star.args.get("replace") or star.args.get("rename"):
        return rows.with_lost_names("of a star that replaces some")
    return replace(rows, columns=tuple(one for one in rows.columns if (one.name or "").lower() not in gone))


_READ: Mapping[Any, Callable[[SqlExpressions, Any], TracedValue]] = {
    exp.Column: SqlExpressions._column,
    exp.Literal | exp.Null | exp.Boolean | exp.DataType | exp.Identifier | exp.Interval: lambda *_: NOTHING,
    exp.Star: lambda own, one: own.columns(one).everything().changed(),
    exp.Alias | exp.Paren: lambda own, one: own.value(one.this),
    exp.Dot: SqlExpressions._field,
    exp.Case: SqlExpressions._case,
    exp.If: SqlExpressions._if,
    exp.Window: SqlExpressions._window,
    exp.Struct: SqlExpressions._struct,
    exp.Subquery | exp.Select | exp.SetOperation | exp.Exists: SqlExpressions._query,
    exp.In: SqlExpressions._in,
    exp.Filter: SqlExpressions._filtered,
    exp.WithinGroup: SqlExpressions._within_group,
    exp.Lambda: lambda own, one: own.value(one.this),
}
"""How each kind is read; the order is that in which they are looked at."""
