"""What of a plan's expressions may be written anew: found in one walk, since a plan has thousands of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from pyspark.sql.connect.proto import SQL, Expression, SetOperation, SqlCommand

from local.engine.sessions.rewriting.plans.calls import rule_of
from local.engine.sessions.rewriting.plans.plan_lambdas import Variables, variables_within
from local.engine.sessions.rewriting.protobuf_messages import children
from local.engine.sessions.rewriting.rules.rules import RULES, Rule
from local.engine.sessions.rewriting.texts.texts import may_need_types

_NAMES = "|".join(name for name in RULES if name.isidentifier())
_IN_TEXT = re.compile(rf"[-+*/%]|\|\||''|\"\"|\b({_NAMES}|range)\b", re.IGNORECASE)
# Of a plan's expressions most are these: no rule is for what is within.
_LEAVES = {"unresolved_attribute", "literal"}
_WITH_RULES = {"unresolved_function", "cast", "window", "update_fields"}

ConcernedCall = tuple[Expression, Rule, Variables]


class Concerned:
    """The texts within some expressions, and the calls that have a rule, by how many such calls are nested in each."""

    def __init__(self) -> None:
        self.texts: list[Expression.ExpressionString] = []
        self.calls: dict[int, list[ConcernedCall]] = defaultdict(list)
        self._found = 0

    def look(self, root: Expression) -> bool:
        """Whether anything within an expression may be written anew."""
        before = self._found
        self._look(root, {})
        return self._found > before

    def _look(self, message: Any, variables: Variables) -> int:
        """How many calls with a rule are nested in a message, itself among them."""
        if not isinstance(message, Expression):
            self._found += self._is_concerned(message)
            return self._highest(children(message), variables)
        kind = message.WhichOneof("expr_type")
        if kind is None or kind in _LEAVES:
            return 0
        if kind == "unresolved_function":
            variables = variables_within(message, variables)
        height = self._highest(_parts(message, kind), variables)
        rule = rule_of(message) if kind in _WITH_RULES else None
        if rule is None:
            return height
        self._found += 1
        self.calls[height].append((message, rule, variables))
        return height + 1

    def _highest(self, parts: Iterable[Any], variables: Variables) -> int:
        return max([self._look(part, variables) for part in parts], default=0)

    def _is_concerned(self, message: Any) -> bool:
        if isinstance(message, Expression.ExpressionString):
            self.texts.append(message)
            return bool(_IN_TEXT.search(message.expression)) or may_need_types(message.expression)
        is_sql = isinstance(message, SQL | SqlCommand)
        return isinstance(message, SetOperation) or (is_sql and bool(_IN_TEXT.search(query_of(message))))


def query_of(message: SQL | SqlCommand) -> str:
    """The text of a message that holds SQL."""
    return message.query if isinstance(message, SQL) else message.sql


def _parts(expression: Expression, kind: str) -> Iterable[Any]:
    """What is within; of a window's function only its arguments, since its rule is for the window as a whole."""
    if kind == "unresolved_function":
        return expression.unresolved_function.arguments
    if kind == "alias":
        return (expression.alias.expr,)
    if kind == "window":
        return _parts_of_window(expression.window)
    content = getattr(expression, kind)
    return (content,) if kind == "expression_string" else children(content)


def _parts_of_window(window: Expression.Window) -> Iterator[Any]:
    for child in children(window):
        if child is window.window_function:
            yield from children(child)
        else:
            yield child
