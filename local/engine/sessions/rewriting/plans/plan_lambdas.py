"""Lambdas in a plan: what the types of their variables are."""

from collections.abc import Mapping
from typing import Any

from pyspark.sql.connect.proto import Expression

from local.engine.sessions.rewriting.expressions import Given, in_plan
from local.engine.sessions.rewriting.lambdas import variables_of
from local.engine.sessions.rewriting.protobuf_messages import children

# Variables by their names, each with what has its type.
Variables = Mapping[str, Expression]


def variables_within(call: Expression, around: Variables) -> Variables:
    """The variables that are known within an expression: those around it, and those of lambdas among its arguments."""
    arguments = call.unresolved_function.arguments
    lambdas = [one.lambda_function for one in arguments if one.HasField("lambda_function")]
    if not lambdas:
        return around
    values = [Given(one) for one in arguments if not one.HasField("lambda_function")]
    trees = variables_of(call.unresolved_function.function_name.lower(), values)
    own = {
        variable.name_parts[0]: without_variables(in_plan(tree), around)
        for one in lambdas
        for variable, tree in zip(one.arguments, trees, strict=False)
    }
    return {**around, **own}


def without_variables(expression: Expression, variables: Variables) -> Expression:
    """The expression, in which what has its type stands in the place of each variable."""
    if not variables:
        return expression
    copy = Expression()
    copy.CopyFrom(expression)
    _replace(copy, variables)
    return copy


def _replace(message: Any, variables: Variables) -> None:
    if isinstance(message, Expression) and message.HasField("unresolved_named_lambda_variable"):
        stands_for = variables.get(message.unresolved_named_lambda_variable.name_parts[0])
        if stands_for is not None:
            message.CopyFrom(stands_for)
        return
    for child in children(message):
        _replace(child, variables)
