"""Reads a request's plan and writes anew each call that has a rule."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from pyspark.sql.connect.proto import (
    SQL,
    Aggregate,
    ExecutePlanRequest,
    Expression,
    Project,
    Relation,
    RelationCommon,
    SqlCommand,
    UserContext,
)
from pyspark.sql.types import DataType

from local.engine.sessions.rewriting.expressions import in_plan
from local.engine.sessions.rewriting.plans.calls import arguments_of, replacement
from local.engine.sessions.rewriting.plans.concerned import Concerned, ConcernedCall, query_of
from local.engine.sessions.rewriting.plans.plan_lambdas import without_variables
from local.engine.sessions.rewriting.plans.relations import check_relation, mend
from local.engine.sessions.rewriting.protobuf_messages import children
from local.engine.sessions.rewriting.recent import Recent
from local.engine.sessions.rewriting.settings import check_set_statement
from local.engine.sessions.rewriting.texts.only_on_spark import check_forms
from local.engine.sessions.rewriting.texts.sql_text import rewritten_sql
from local.engine.sessions.rewriting.texts.texts import rewritten_texts
from local.engine.sessions.rewriting.types.asked_types import Types

# What no rule is for, and nothing stands in that has one.
_WITHOUT_PARTS = (RelationCommon, UserContext)


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
            check_relation(message)
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
            elif not isinstance(child, _WITHOUT_PARTS):
                self.rewrite(child, input)
            # The field comes before those of the expressions about it.
            if isinstance(child, Relation) and child is getattr(message, "input", None):
                input = child
        if roots:
            self._rewrite_expressions(roots, input, isinstance(message, Project | Aggregate))
        mend(message, partial(self.types.columns, self.request))
        if isinstance(message, SQL | SqlCommand):
            field, text = "query" if isinstance(message, SQL) else "sql", query_of(message)
            check_forms(text)
            check_set_statement(text)
            setattr(message, field, rewritten_sql(text))

    def _rewrite_expressions(
        self, roots: list[Expression], input: Relation | None, are_columns: bool
    ) -> None:
        found = Concerned()
        concerned = [root for root in roots if found.look(root)]
        if not concerned:
            return
        unnamed = [root for root in concerned if are_columns and not root.HasField("alias")]
        columns = self._fields(input, unnamed)
        self._rewrite_texts(found.texts, input)
        for _, calls in sorted(found.calls.items()):
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

        for text in texts:
            check_forms(text.expression)
        anew = rewritten_texts([text.expression for text in texts], types_of)
        for text, expression in zip(texts, anew, strict=True):
            text.expression = rewritten_sql(expression)

    def _rewrite_calls(self, calls: Iterable[ConcernedCall], input: Relation | None) -> None:
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
