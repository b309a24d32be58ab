"""The name that Sail gives to a column without an alias."""

from typing import Any

from pyspark.sql.connect.proto import Expression

_OPERATORS = {"+", "-", "*", "/", "%", "==", "=", "<", "<=", ">", ">=", "and", "or"}


def name_of(expression: Expression) -> str | None:
    """The name, or None for a kind of expression that is not known here."""
    kind = expression.WhichOneof("expr_type")
    content: Any = getattr(expression, kind) if kind else None
    if kind == "unresolved_attribute":
        return content.unparsed_identifier.split(".")[-1].strip("`")
    if kind == "alias":
        return content.name[0]
    if kind == "literal":
        return _literal(content)
    if kind == "unresolved_function":
        return _call(content)
    return None


def _literal(literal: Expression.Literal) -> str | None:
    kind = literal.WhichOneof("literal_type")
    value = getattr(literal, kind) if kind else None
    return str(value) if isinstance(value, str | int) else None


def _call(function: Expression.UnresolvedFunction) -> str | None:
    arguments = [name_of(argument) for argument in function.arguments]
    if function.function_name in _OPERATORS or None in arguments:
        return None
    return f"{function.function_name}({', '.join(filter(None, arguments))})"
