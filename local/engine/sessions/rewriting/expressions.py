"""Expressions to put in the place of a call, and how they are written in a plan and in SQL."""

import re
from dataclasses import dataclass
from typing import Any

import sqlglot
from pyspark.sql.connect.proto import Expression
from pyspark.sql.types import DataType

from common.sql_text import literal, quoted

OPERATORS = ("+", "-", "*", "/", "%", "div", "==", ">=", "<", "and", "or")

# A column, perhaps of a table, each part perhaps in quotes.
_NAME = re.compile(r"(?:[^\W\d]\w*|`[^`]+`)(?:\.(?:[^\W\d]\w*|`[^`]+`))*")


@dataclass(frozen=True)
class Given:
    """An argument of the call as it stood: an Expression of the plan, or SQL text.

    `type` is what Sail makes of it, None in text and where it is not known.
    """

    content: Any
    type: DataType | None = None

    @property
    def text(self) -> str | None:
        """The value of a string that is written in the query."""
        if isinstance(self.content, str):
            return _text_of(self.content)
        if self.content.HasField("expression_string"):
            return _text_of(self.content.expression_string.expression)
        return self.content.literal.string if self.content.literal.HasField("string") else None

    @property
    def words(self) -> list[str | None]:
        """The values of a call's arguments that are strings, such as those of map('a', 'b'); None for another."""
        if isinstance(self.content, str):
            within = sqlglot.tokenize(self.content, read="databricks")[2:-1:2]
            return [one.text if one.token_type == sqlglot.TokenType.STRING else None for one in within]
        return [Given(argument).text for argument in self.content.unresolved_function.arguments]

    @property
    def is_column(self) -> bool:
        """Whether it is a column's name alone: to write it twice costs nothing."""
        if not isinstance(self.content, str) and not self.content.HasField("expression_string"):
            return self.content.HasField("unresolved_attribute")
        text = self.content if isinstance(self.content, str) else self.content.expression_string.expression
        return bool(_NAME.fullmatch(text.strip()))

    @property
    def number(self) -> int | None:
        """The value of an integer that is written in the query."""
        if isinstance(self.content, str) or self.content.HasField("expression_string"):
            text = (
                self.content if isinstance(self.content, str) else self.content.expression_string.expression
            )
            return int(found[1]) if (found := re.fullmatch(r"(-?\d+)[LSY]?", text)) else None
        kind = self.content.literal.WhichOneof("literal_type")
        return getattr(self.content.literal, kind) if kind in ("byte", "short", "integer", "long") else None


@dataclass(frozen=True)
class Call:
    """A call of a function or, by its sign, of an operator with two sides; `distinct` is of an aggregate."""

    function: str
    arguments: "tuple[Tree, ...]"
    distinct: bool = False


@dataclass(frozen=True)
class Cast:
    """A cast to a type in DDL; one that `tries` gives null for what does not fit."""

    value: "Tree"
    type: str
    tries: bool = False


@dataclass(frozen=True)
class Sql:
    """An expression in SQL."""

    text: str


@dataclass(frozen=True)
class Field:
    """A field of a struct."""

    struct: "Tree"
    name: str


Tree = Given | Sql | Field | Call | Cast | str | int
"""An expression that has not been written yet; a str or an int is a literal of it."""


def call(function: str, *arguments: Tree) -> Call:
    """A call of a function with these arguments."""
    return Call(function, arguments)


def attribute(name: str) -> Expression:
    """The column of that very name, whatever characters it holds, as a plan has it."""
    return Expression(unresolved_attribute=Expression.UnresolvedAttribute(unparsed_identifier=quoted(name)))


def in_plan(tree: Tree) -> Expression:
    """The expression as a plan has it."""
    match tree:
        case Given(content):
            found = content
        case Sql(text):
            found = Expression(expression_string=Expression.ExpressionString(expression=text))
        case str():
            found = Expression(literal=Expression.Literal(string=tree))
        case int():
            found = Expression(literal=Expression.Literal(integer=tree))
        case Field(struct, name):
            key = Expression(literal=Expression.Literal(string=name))
            found = Expression(
                unresolved_extract_value=Expression.UnresolvedExtractValue(
                    child=in_plan(struct), extraction=key
                )
            )
        case Call(function, arguments, distinct):
            unresolved = Expression.UnresolvedFunction(
                function_name=function,
                arguments=[in_plan(argument) for argument in arguments],
                is_distinct=distinct,
            )
            found = Expression(unresolved_function=unresolved)
        case Cast(value, type_, tries):
            mode = Expression.Cast.EVAL_MODE_TRY if tries else Expression.Cast.EVAL_MODE_UNSPECIFIED
            found = Expression(cast=Expression.Cast(expr=in_plan(value), type_str=type_, eval_mode=mode))
    return found


def as_sql(tree: Tree) -> str:
    """The expression as SQL text has it."""
    match tree:
        case Given(text) | Sql(text):
            found = text
        case str():
            found = literal(tree)
        case int():
            found = str(tree)
        case Field(struct, name):
            found = f"{_operand(struct)}.{quoted(name)}"
        case Call(function, (left, right)) if function in OPERATORS:
            found = f"({_operand(left)} {function} {_operand(right)})"
        case Call(function, arguments, distinct):
            # A quoted name is not looked at again when the text comes back within another query.
            found = f"`{function}`({'distinct ' if distinct else ''}{', '.join(map(as_sql, arguments))})"
        case Cast(value, type_, tries):
            found = f"{'try_cast' if tries else 'cast'}({as_sql(value)} as {type_})"
    return found


def _operand(tree: Tree) -> str:
    """In parentheses, unless it is a name, a number or a call that an operator cannot tear apart."""
    text = as_sql(tree)
    return text if re.fullmatch(r"[\w.`]+|`?\w+`?\([^()]*\)", text) else f"({text})"


def _text_of(sql: str) -> str | None:
    """The value of a string in SQL."""
    tokens = sqlglot.tokenize(sql, read="databricks")
    is_string = len(tokens) == 1 and tokens[0].token_type == sqlglot.TokenType.STRING
    return tokens[0].text if is_string else None
