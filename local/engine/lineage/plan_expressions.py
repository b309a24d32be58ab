"""The expressions of a plan (Spark Connect's), and the columns that a projection makes of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from local.engine.lineage.function_effects import (
    GENERATORS,
    STRUCTS_TO_ROWS,
    applied,
    structured,
    windowed,
)
from local.engine.lineage.plan_names import name_parts
from local.engine.lineage.traced_rows import Column, TracedRows, of_field
from local.engine.lineage.traced_values import NOTHING, TracedValue, merged

_CAN_AGGREGATE = {202, 252}
"""Kinds of Python functions that make one value of many rows (pyspark.util.PythonEvalType)."""


@dataclass(frozen=True)
class Expressions:
    """Reads expressions over `rows`; `by_plan` are the rows of each frame by its number in the plan.

    `of_text` reads an expression in SQL, and `columns_of_text` the columns that it makes in a projection.
    """

    rows: TracedRows
    by_plan: Mapping[int, TracedRows]
    of_text: Callable[[str, TracedRows], TracedValue]
    columns_of_text: Callable[[str, TracedRows], TracedRows]

    def value(self, expression: Any) -> TracedValue:
        """What an expression is made from."""
        kind = expression.WhichOneof("expr_type") or "empty"
        read = _READ.get(kind)
        return (
            read(self, getattr(expression, kind))
            if read
            else TracedValue.untold(f"an expression of kind {kind}")
        )

    def values(self, expressions: Iterable[Any]) -> list[TracedValue]:
        """The same of several."""
        return [self.value(one) for one in expressions]

    def projected(self, expressions: Iterable[Any]) -> TracedRows:
        """The columns that expressions make, in their order; each may name those before it."""
        columns: list[Column] = []
        rest: TracedValue | None = None
        for one in expressions:
            before = TracedRows(tuple(columns), hidden=None)
            within = replace(self, rows=replace(self.rows, hidden=_first(self.rows.hidden, before)))
            made = within.columns(one)
            columns += made.columns
            rest = made.rest if rest is None or made.rest is None else merged([rest, made.rest])
        return TracedRows(tuple(columns), self.rows.conditions, rest, self.rows)

    def columns(self, expression: Any) -> TracedRows:
        """The columns that one expression of a projection makes."""
        kind = expression.WhichOneof("expr_type") or "empty"
        make = _COLUMNS.get(kind)
        if make:
            return make(self, getattr(expression, kind))
        call = expression.unresolved_function
        if kind == "unresolved_function" and call.function_name.lower() in (*GENERATORS, *STRUCTS_TO_ROWS):
            return generated(call.function_name.lower(), self.values(call.arguments))
        return TracedRows((Column(self._name(expression), self.value(expression)),))

    def _named(self, attribute: Any) -> TracedRows:
        parts = name_parts(attribute.unparsed_identifier)
        qualifiers = frozenset(map(str.lower, parts[:-1]))
        return TracedRows((Column(parts[-1], self._attribute(attribute), qualifiers),))

    def all_columns(self, star: Any) -> TracedRows:
        """The columns that a star stands for."""
        rows = self.by_plan.get(star.plan_id, self.rows) if star.HasField("plan_id") else self.rows
        if not star.HasField("unparsed_target"):
            return TracedRows(rows.columns, rest=rows.rest)
        target = name_parts(star.unparsed_target.removesuffix(".*"))
        return all_of(rows, target)

    def _aliased(self, alias: Any) -> TracedRows:
        names, call = list(alias.name), alias.expr.unresolved_function
        if alias.expr.HasField("expression_string"):
            # The engine gives a star in SQL the names of all of its columns.
            return self.columns(alias.expr).named(names)
        if len(names) > 1 or call.function_name.lower() in STRUCTS_TO_ROWS:
            return generated(call.function_name.lower(), self.values(call.arguments), len(names)).named(names)
        return TracedRows((Column(names[0], self.value(alias.expr)),))

    def _name(self, expression: Any) -> str | None:
        """The name that Spark gives a column without an alias, as far as it is a plain one."""
        kind = expression.WhichOneof("expr_type")
        if kind == "cast":
            return self._name(expression.cast.expr)
        if kind == "unresolved_attribute":
            return name_parts(expression.unresolved_attribute.unparsed_identifier)[-1]
        if kind == "unresolved_function":
            names = [self._name(one) for one in expression.unresolved_function.arguments]
            inner = ", ".join(name or "?" for name in names)
            return None if None in names else f"{expression.unresolved_function.function_name}({inner})"
        return None

    def _attribute(self, attribute: Any) -> TracedValue:
        parts = name_parts(attribute.unparsed_identifier)
        if attribute.HasField("plan_id") and attribute.plan_id in self.by_plan:
            found = self.by_plan[attribute.plan_id].found(parts)
            if found is not None:
                return found
        return self.rows.value(parts)

    def _function(self, call: Any) -> TracedValue:
        name = call.function_name.lower()
        if name == "struct":
            return self._struct(call.arguments)
        if name == "named_struct":
            pairs = zip(call.arguments[::2], call.arguments[1::2], strict=False)
            return structured((key.literal.string, self.value(one)) for key, one in pairs)
        # count(*) counts rows, whatever is in them.
        counts = name == "count" and any(one.HasField("unresolved_star") for one in call.arguments)
        return applied(name, [] if counts else self.values(call.arguments))

    def _struct(self, arguments: Sequence[Any]) -> TracedValue:
        made = [self.columns(one) for one in arguments]
        fields = [column for one in made for column in one.columns]
        rest = [one.rest.changed() for one in made if one.rest]
        named = structured(
            (column.name or f"col{place}", column.value) for place, column in enumerate(fields, 1)
        )
        return merged([named, *rest]) if rest else named

    def _window(self, window: Any) -> TracedValue:
        around = [*window.partition_spec, *(one.child for one in window.order_spec)]
        return windowed(self.value(window.window_function), self.values(around))

    def _field(self, extract: Any) -> TracedValue:
        child, key = self.value(extract.child), extract.extraction.literal
        if key.HasField("string"):
            return of_field(child, [key.string])
        if key.WhichOneof("literal_type"):
            return applied("element_at", [child])
        return merged([child.changed(), self.value(extract.extraction).changed()])

    def _python(self, function: Any) -> TracedValue:
        values = self.values(function.arguments)
        kind = function.python_udf.eval_type
        return merged(one.aggregated() if kind in _CAN_AGGREGATE else one.changed() for one in values)

    def _subquery(self, subquery: Any) -> TracedValue:
        rows = self.by_plan.get(subquery.plan_id)
        return TracedValue.untold("a subquery") if rows is None else asked(rows)


def asked(rows: TracedRows) -> TracedValue:
    """The value of a query in the place of an expression: of its rows, and of what decides about them."""
    return merged([rows.everything().changed(), rows.conditions.used_for("CONDITIONAL")])


def all_of(rows: TracedRows, target: Sequence[str]) -> TracedRows:
    """`target.*`: the columns of an alias, or the fields of a struct."""
    found = rows.of_qualifier(target[-1])
    if found:
        return TracedRows(tuple(found))
    struct = rows.value(target)
    fields = tuple(Column(name, value) for name, value in struct.fields.items())
    return TracedRows(fields, rest=None if fields else struct.changed())


def generated(name: str, arguments: Sequence[TracedValue], names: int = 0) -> TracedRows:
    """The columns of a function that makes rows: of an array's elements or structs, or of a map's entries."""
    value = merged(one.changed() for one in arguments)
    if name in STRUCTS_TO_ROWS:
        fields = arguments[0].fields if arguments else {}
        return TracedRows(
            tuple(Column(one, of) for one, of in fields.items()), rest=None if fields else value
        )
    own = GENERATORS.get(name, ())
    element = replace(value, fields=arguments[0].fields) if arguments and own else value
    if own and names in (0, len(own)):
        return TracedRows(tuple(Column(one, NOTHING if one == "pos" else element) for one in own))
    return TracedRows(tuple(Column(None, element if own else value) for _ in range(max(names, 1))))


def _first(hidden: TracedRows | None, before: TracedRows) -> TracedRows | None:
    return hidden if not before.columns else replace(before, hidden=hidden)


_COLUMNS: dict[str, Callable[[Expressions, Any], TracedRows]] = {
    "unresolved_star": Expressions.all_columns,
    "alias": Expressions._aliased,
    "expression_string": lambda own, text: own.columns_of_text(text.expression, own.rows),
    "unresolved_attribute": Expressions._named,
    "unresolved_regex": lambda *_: TracedRows(
        rest=TracedValue.untold("columns that a regular expression chooses")
    ),
}
_READ: dict[str, Callable[[Expressions, Any], TracedValue]] = {
    "literal": lambda *_: NOTHING,
    "unresolved_star": lambda own, star: own.all_columns(star).everything(),
    "unresolved_named_lambda_variable": lambda *_: NOTHING,
    "unresolved_attribute": Expressions._attribute,
    "unresolved_function": Expressions._function,
    "call_function": lambda own, call: applied(call.function_name.lower(), own.values(call.arguments)),
    "expression_string": lambda own, text: own.of_text(text.expression, own.rows),
    "alias": lambda own, alias: own.value(alias.expr),
    "cast": lambda own, cast: own.value(cast.expr).changed(),
    "sort_order": lambda own, order: own.value(order.child),
    "window": Expressions._window,
    "unresolved_extract_value": Expressions._field,
    "update_fields": lambda own, one: merged(
        each.changed()
        for each in (own.value(one.struct_expression), own.value(one.value_expression))
        if each.uses or each.unknown
    ),
    "lambda_function": lambda own, one: own.value(one.function),
    "named_argument_expression": lambda own, one: own.value(one.value),
    "common_inline_user_defined_function": Expressions._python,
    "subquery_expression": Expressions._subquery,
}
