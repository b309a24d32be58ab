"""The kinds of expression in a plan that may have a rule."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from pyspark.sql.connect.proto import Expression
from pyspark.sql.types import DataType, StructType

from local.engine.sessions.rewriting.expressions import Call, Cast, Given, Tree, call, in_plan
from local.engine.sessions.rewriting.rules.rules import RULES, Rule, over_window, rule_of_cast

_PLAIN = ("string", "date", "boolean", "double", "float")


def rule_of(expression: Expression) -> Rule | None:
    """The rule for an expression of a plan, if it has one."""
    match expression.WhichOneof("expr_type"):
        case "unresolved_function":
            function = expression.unresolved_function
            name = function.function_name.lower()
            return RULES.get(f"{name} distinct" if function.is_distinct else name)
        case "cast":
            tries = expression.cast.eval_mode == Expression.Cast.EVAL_MODE_TRY
            return rule_of_cast(_type_of(expression.cast), tries=tries)
        case "window":
            return _of_window(expression.window.window_function)
        case "update_fields":
            return Rule(partial(_field_as_written, expression), needs_types=True)
        case _:
            return None


def arguments_of(expression: Expression) -> Sequence[Expression]:
    """What a rule is about: the arguments of a call, what is cast, or the expression itself."""
    match expression.WhichOneof("expr_type"):
        case "unresolved_function":
            return expression.unresolved_function.arguments
        case "cast":
            return [expression.cast.expr]
        case "window":
            return arguments_of(expression.window.window_function)
        case "update_fields":
            return [expression.update_fields.struct_expression]
        case _:
            return [expression]


def replacement(expression: Expression, rule: Rule, types: Sequence[DataType | None]) -> Tree | None:
    """What stands for the expression; `types` are those of its arguments, where the rule needs them."""
    known = types or [None] * len(arguments_of(expression))
    tree = rule.written(*map(Given, arguments_of(expression), known))
    return _within(tree, expression) if tree is not None and expression.HasField("window") else tree


def _field_as_written(expression: Expression, struct: Given) -> Tree | None:
    """A field that is named in other letters, which Sail would not find (withField, dropFields)."""
    parts, type_ = expression.update_fields.field_name.split("."), struct.type
    found: list[str] = []
    while isinstance(type_, StructType) and len(found) < len(parts):
        name = parts[len(found)].lower()
        field = next((field for field in type_.fields if field.name.lower() == name), None)
        if field is None:
            break
        found.append(field.name)
        type_ = field.dataType
    anew = Expression()
    anew.CopyFrom(expression)
    anew.update_fields.field_name = ".".join([*found, *parts[len(found) :]])
    return None if anew == expression else Given(anew)


def _of_window(function: Expression) -> Rule | None:
    name = function.unresolved_function.function_name.lower()
    return over_window(name) or rule_of(function)


def _within(tree: Tree, window: Expression) -> Tree:
    """What stands for an aggregate over a window, with the window around the aggregate in it."""
    match tree:
        case Cast(value, type_, tries):
            return Cast(_within(value, window), type_, tries)
        case Call("array_compact", (inner,)):
            return call("array_compact", _within(inner, window))
        case _:
            over = Expression()
            over.CopyFrom(window)
            over.window.window_function.CopyFrom(in_plan(tree))
            return Given(over)


def _type_of(cast: Any) -> str:
    """The type of a cast in DDL, where it is one that has a rule."""
    if cast.type.HasField("decimal"):
        return f"decimal({cast.type.decimal.precision},{cast.type.decimal.scale})"
    return next((kind for kind in _PLAIN if cast.type.HasField(kind)), cast.type_str)
