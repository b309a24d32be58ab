"""Reads a request's plan and writes anew each call that has a rule."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from pyspark.sql.connect.proto import (
    SQL,
    Aggregate,
    ExecutePlanRequest,
    Expression,
    Project,
    Relation,
    SetOperation,
    SqlCommand,
)
from pyspark.sql.types import DataType

from local.engine.sessions.rewriting.expressions import in_plan
from local.engine.sessions.rewriting.plans.calls import arguments_of, replacement, rule_of
from local.engine.sessions.rewriting.plans.plan_lambdas import Variables, variables_within, without_variables
from local.engine.sessions.rewriting.plans.set_operations import cast_to_common_types
from local.engine.sessions.rewriting.protobuf_messages import children
from local.engine.sessions.rewriting.recent import Recent
from local.engine.sessions.rewriting.rules.rules import RULES, Rule
from local.engine.sessions.rewriting.texts.sql_text import rewritten_sql
from local.engine.sessions.rewriting.texts.texts import may_need_types, rewritten_texts
from local.engine.sessions.rewriting.types.asked_types import Types

_NAMES = "|".join(name for name in RULES if name.isidentifier())
_IN_TEXT = re.compile(rf"[-+*/%]|\|\||''|\"\"|\b({_NAMES})\b", re.IGNORECASE)
# Of a plan's expressions most are these: no rule is for what is within.
_LEAVES = {"unresolved_attribute", "literal"}

_Call = tuple[Expression, Rule, Variables]


class Rewriter:
    """Writes the plans of one session anew; what it has written once, it knows again inside of later plans."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self._known = Recent[Relation]()

    def rewritten(self, request: Any) -> Any:
        """A copy of a request in which Sail answers as Spark does.

        Raises NeedsSpark for what cannot be written anew.
        """
        copy = type(request)()
        copy.CopyFrom(request)
        if _may_make_a_view(request):
            self._known.clear()
            self.types.forget()
        _Plan(copy, self.types, self._known).rewrite(copy, None)
        return copy


class _Plan:
    def __init__(self, request: Any, types: Types, known: Recent[Relation]) -> None:
        self.request = request
        self.types = types
        self.known = known

    def rewrite(self, message: Any, input: Relation | None) -> None:
        """Rewrites what is in a message, in place; its expressions are about the rows of `input`, where that is one."""
        if not isinstance(message, Relation):
            self._rewrite_parts(message, input)
            return
        key = message.SerializeToString(deterministic=True)
        known = self.known.get(key)
        if known is None:
            self._rewrite_parts(message, None)
            known = Relation()
            known.CopyFrom(message)
            # Not before it is whole: another thread may ask.
            self.known[key] = known
        else:
            message.CopyFrom(known)

    def _rewrite_parts(self, message: Any, input: Relation | None) -> None:
        roots: list[Expression] = []
        for child in children(message):
            if isinstance(child, Expression):
                roots.append(child)
            else:
                self.rewrite(child, input)
            # The field comes before those of the expressions about it.
            if isinstance(child, Relation) and child is getattr(message, "input", None):
                input = child
        self._rewrite_expressions(roots, input, isinstance(message, Project | Aggregate))
        if isinstance(message, SetOperation):
            cast_to_common_types(message, partial(self.types.columns, self.request))
        if isinstance(message, SQL | SqlCommand):
            field = "query" if isinstance(message, SQL) else "sql"
            setattr(message, field, rewritten_sql(_query(message)))

    def _rewrite_expressions(
        self, roots: list[Expression], input: Relation | None, are_columns: bool
    ) -> None:
        concerned = [root for root in roots if _has_rule(root)]
        if not concerned:
            return
        unnamed = [root for root in concerned if are_columns and not root.HasField("alias")]
        columns = self._fields(input, unnamed)
        levels: dict[int, list[_Call]] = defaultdict(list)
        self._rewrite_texts([text for root in concerned for text in _texts(root)], input)
        for root in concerned:
            _sort_by_height(root, levels, {})
        for _, calls in sorted(levels.items()):
            self._rewrite_calls(calls, input)
        for root, fields in zip(unnamed, columns, strict=True):
            alias = Expression.Alias(expr=root, name=[field.name for field in fields])
            root.CopyFrom(Expression(alias=alias) if fields else root)

    def _rewrite_texts(self, texts: list[Expression.ExpressionString], input: Relation | None) -> None:
        def types_of(asked: list[str]) -> list[DataType | None]:
            if input is None:
                return [None] * len(asked)
            written = [Expression.ExpressionString(expression=text) for text in asked]
            return self.types.types(
                self.request, input, [Expression(expression_string=one) for one in written]
            )

        anew = rewritten_texts([text.expression for text in texts], types_of)
        for text, expression in zip(texts, anew, strict=True):
            text.expression = expression

    def _rewrite_calls(self, calls: Iterable[_Call], input: Relation | None) -> None:
        arguments = [
            without_variables(given, variables)
            for call, rule, variables in calls
            for given in rule.asks_for(arguments_of(call))
        ]
        types: list[DataType | None] = [None] * len(arguments)
        if input is not None and arguments:
            types = self.types.types(self.request, input, arguments)
        found = iter(types)
        for call, rule, _ in calls:
            tree = replacement(call, rule, rule.known(len(arguments_of(call)), found))
            if tree is not None:
                call.CopyFrom(in_plan(tree))

    def _fields(self, input: Relation | None, expressions: list[Expression]) -> list[list[Any]]:
        if input is None or not expressions:
            return [[] for _ in expressions]
        return self.types.fields(self.request, input, expressions)


def _may_make_a_view(request: Any) -> bool:
    """Whether what a plan names may be another relation from here on."""
    command = request.plan.command if isinstance(request, ExecutePlanRequest) else None
    return bool(command and (command.HasField("create_dataframe_view") or command.HasField("sql_command")))


def _query(message: SQL | SqlCommand) -> str:
    return message.query if isinstance(message, SQL) else message.sql


def _texts(message: Any) -> Iterator[Expression.ExpressionString]:
    if isinstance(message, Expression.ExpressionString):
        yield message
    for part in _parts(message):
        yield from _texts(part)


def _has_rule(message: Any) -> bool:
    if isinstance(message, Expression.ExpressionString):
        return bool(_IN_TEXT.search(message.expression)) or may_need_types(message.expression)
    if isinstance(message, Expression) and not message.HasField("expression_string") and rule_of(message):
        return True
    if isinstance(message, SetOperation):
        return True
    if isinstance(message, SQL | SqlCommand) and _IN_TEXT.search(_query(message)):
        return True
    return any(map(_has_rule, _parts(message)))


def _sort_by_height(message: Any, levels: dict[int, list[_Call]], variables: Variables) -> int:
    """Puts each call that has a rule at the level of how many such calls are nested in it; that of all, in all."""
    variables = variables_within(message, variables) if isinstance(message, Expression) else variables
    height = max((_sort_by_height(part, levels, variables) for part in _parts(message)), default=0)
    if isinstance(message, Expression) and (rule := rule_of(message)):
        levels[height].append((message, rule, variables))
        return height + 1
    return height


def _parts(message: Any) -> Iterator[Any]:
    """What is within; of a window's function only its arguments, since its rule is for the window as a whole."""
    if isinstance(message, Expression) and message.WhichOneof("expr_type") in _LEAVES:
        return
    for child in children(message):
        if isinstance(message, Expression.Window) and child is message.window_function:
            yield from children(child)
        else:
            yield child
