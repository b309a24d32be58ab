"""Expressions to put in the place of a call, and how they are written in a plan and in SQL."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql.connect.proto import Expression


@dataclass(frozen=True)
class Given:
    """An argument of the call as it stood: an Expression of the plan, or SQL text."""

    content: Any


@dataclass(frozen=True)
class Call:
    """A call of a function."""

    function: str
    arguments: "tuple[Tree, ...]"


@dataclass(frozen=True)
class Cast:
    """A cast to a type in DDL."""

    value: "Tree"
    type: str


Tree = Given | Call | Cast | str
"""An expression that has not been written yet; a str is a string of it."""


def call(function: str, *arguments: Tree) -> Call:
    """A call of a function with these arguments."""
    return Call(function, arguments)


def in_plan(tree: Tree) -> Expression:
    """The expression as a plan has it."""
    match tree:
        case Given(content):
            return content
        case str():
            return Expression(literal=Expression.Literal(string=tree))
        case Call(function, arguments):
            unresolved = Expression.UnresolvedFunction(
                function_name=function, arguments=[in_plan(argument) for argument in arguments]
            )
            return Expression(unresolved_function=unresolved)
        case Cast(value, type_):
            return Expression(cast=Expression.Cast(expr=in_plan(value), type_str=type_))


def in_sql(tree: Tree) -> str:
    """The expression as SQL text has it."""
    match tree:
        case Given(content):
            return content
        case str():
            return "'" + tree.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case Call(function, arguments):
            # A quoted name is not looked at again when the text comes back within another query.
            return f"`{function}`({', '.join(map(in_sql, arguments))})"
        case Cast(value, type_):
            return f"cast({in_sql(value)} as {type_})"
