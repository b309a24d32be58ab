"""Reads a request's plan and writes anew each call that has a rule."""

import re
from collections.abc import Iterator
from typing import Any, TypeGuard

from google.protobuf.message import Message
from pyspark.sql.connect.proto import SQL, Aggregate, Expression, Project, SqlCommand

from local.engine.sessions.rewriting.expressions import Given, in_plan
from local.engine.sessions.rewriting.names import name_of
from local.engine.sessions.rewriting.rules import RULES
from local.engine.sessions.rewriting.sql_text import rewritten_sql

# A column without an alias is named by these and what is in them.
_IN_A_NAME = Expression | Expression.UnresolvedFunction | Expression.Window
_CONCERNED = re.compile("|".join(RULES).encode(), re.IGNORECASE)


def rewritten(request: Any) -> Any:
    """The request itself where no call has a rule, otherwise a copy in which Sail answers as Spark does.

    Raises NeedsSpark for what cannot be written anew.
    """
    if not _CONCERNED.search(request.SerializeToString()):
        return request
    copy = type(request)()
    copy.CopyFrom(request)
    _rewrite(copy, gives_a_name=False)
    return copy


def _rewrite(message: Any, gives_a_name: bool) -> None:
    """Rewrites in place, what is inside first. `gives_a_name`: whether a column is named by this expression's text."""
    if isinstance(message, Expression) and message.HasField("alias"):
        gives_a_name = False
    name = name_of(message) if gives_a_name and _has_rule(message) else None
    for child in _children(message):
        names_columns = isinstance(message, Project | Aggregate) and isinstance(child, Expression)
        _rewrite(child, names_columns or (gives_a_name and isinstance(message, _IN_A_NAME)))
    if isinstance(message, SQL | SqlCommand):
        field = "query" if isinstance(message, SQL) else "sql"
        setattr(message, field, rewritten_sql(getattr(message, field)))
    elif isinstance(message, Expression.ExpressionString):
        message.expression = rewritten_sql(message.expression)
    elif _has_rule(message):
        _replace(message, name)


def _has_rule(message: Any) -> TypeGuard[Expression]:
    return (
        isinstance(message, Expression)
        and message.HasField("unresolved_function")
        and message.unresolved_function.function_name.lower() in RULES
    )


def _replace(expression: Expression, name: str | None) -> None:
    function = expression.unresolved_function
    tree = RULES[function.function_name.lower()](*map(Given, function.arguments))
    if tree is None:
        return
    replacement = in_plan(tree)
    if name is not None:
        replacement = Expression(alias=Expression.Alias(expr=replacement, name=[name]))
    replacement.common.CopyFrom(expression.common)
    expression.CopyFrom(replacement)


def _children(message: Any) -> Iterator[Any]:
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if isinstance(value, Message):
            yield value
        elif field.message_type.GetOptions().map_entry:
            yield from (item for item in value.values() if isinstance(item, Message))
        else:
            yield from value
