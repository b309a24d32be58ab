"""Expressions as text, in which each call that has a rule is written anew by the types of its arguments."""

import re
from collections.abc import Callable, Sequence

from pyspark.sql.types import DataType, StringType
from sqlglot import Dialect, TokenType

from local.engine.sessions.errors import NeedsSpark
from local.engine.sessions.rewriting.expressions import Call, Cast, Given, Sql, Tree, as_sql, call
from local.engine.sessions.rewriting.rules.common_type import common_type
from local.engine.sessions.rewriting.rules.rules import RULES, Rule, over_window, rule_of_cast
from local.engine.sessions.rewriting.texts.nodes import CONDITION, Bindings, Node, text_without_variables
from local.engine.sessions.rewriting.texts.parsing import node_of
from local.engine.sessions.rewriting.types.named_types import named_type

# The types of expressions, by their texts; None for one of which the engine cannot tell by itself.
TypesOf = Callable[[list[str]], Sequence[DataType | None]]
_TYPED_NAMES = "|".join(
    name for name, rule in RULES.items() if rule.needs_types and not rule.is_loud and name.isidentifier()
)
_TYPED = re.compile(
    rf"[-+*/%]|\|\||\b({_TYPED_NAMES})\s*\(|\bcase\b|\bextract\b|\b(try_)?cast\b"
    r"|::\s*(string|date|boolean|decimal)\b",
    re.IGNORECASE,
)
# What is a matter of types, too, and an error on Sail or a decimal that a text is compared with: too rare for Spark.
_LOUD_NAMES = "|".join(name for name, rule in RULES.items() if rule.is_loud and name.isidentifier())
_PERHAPS_TYPED = re.compile(rf"\b({_LOUD_NAMES})\s*\(|\d\.\d|\s\.\d", re.IGNORECASE)
_OVER = re.compile(r"\bover\b", re.IGNORECASE)
_DECIMAL = re.compile(r"-?(?:\d+\.\d*|\.\d+)")
_CASE = Rule(lambda *_: None, needs_types=True)
_COMPARED = Rule(lambda *_: None, needs_types=True, is_loud=True)
_Call = tuple[Node, Rule, Bindings]


def rewritten_texts(texts: Sequence[str], types_of: TypesOf, *, strict: bool = False) -> list[str]:
    """The texts as Sail answers them as Spark does; with the names behind them, if they have any.

    With `strict` NeedsSpark is raised for what cannot be read or has no type, where a type may matter.
    """
    trees = [node_of(text) if may_need_types(text) else None for text in texts]
    if strict:
        _check_read(texts, trees)
    levels: dict[int, list[_Call]] = {}
    for tree in trees:
        for node, bindings in tree.within() if tree else ():
            if rule := _rule_of(node):
                levels.setdefault(node.height, []).append((node, rule, bindings))
    for _, calls in sorted(levels.items()):
        _rewrite(calls, types_of, strict=strict)
    return [
        tree.text + text[tree.end :] if tree and tree.is_changed else text
        for tree, text in zip(trees, texts, strict=True)
    ]


def may_need_types(text: str) -> bool:
    """Whether a text may have a call that is written anew by the types of its arguments."""
    return bool(_TYPED.search(text) or _PERHAPS_TYPED.search(text))


def _check_read(texts: Sequence[str], trees: Sequence[Node | None]) -> None:
    for text, tree in zip(texts, trees, strict=True):
        if tree is None and _TYPED.search(_without_strings(text)):
            raise NeedsSpark(text, "its types cannot be told, and Sail may compute it otherwise")


def _without_strings(text: str) -> str:
    tokens = Dialect.get_or_raise("databricks").tokenize(text)
    return " ".join(token.text for token in tokens if token.token_type != TokenType.STRING)


def _rewrite(calls: Sequence[_Call], types_of: TypesOf, *, strict: bool) -> None:
    needed = [
        (argument, bindings) for node, rule, bindings in calls for argument in rule.asks_for(node.arguments)
    ]
    plain = [named_type(argument.type) for argument, _ in needed]
    asked = [
        text_without_variables(argument.text, bindings)
        for (argument, bindings), type_ in zip(needed, plain, strict=True)
        if type_ is None
    ]
    answers = iter(types_of(asked) if asked else [])
    found = iter([type_ or next(answers) for type_ in plain])
    for node, rule, _ in calls:
        types = rule.known(len(node.arguments), found)
        if strict and not rule.is_loud and None in rule.asks_for(types):
            raise NeedsSpark(node.text, "Sail cannot tell its types, and may compute it otherwise")
        _write(node, rule, [Given(one.text, type_) for one, type_ in zip(node.arguments, types, strict=True)])


def _write(node: Node, rule: Rule, given: Sequence[Given]) -> None:
    if rule is _CASE:
        type_ = common_type(value.type for value in given)
        if type_ is not None:
            for value in node.arguments:
                value.written = f"cast({value.text} as {type_.simpleString()})"
        return
    if rule is _COMPARED:
        _compare_as_doubles(node, given)
        return
    tree = rule.written(*given)
    if tree is not None:
        node.written = as_sql(_with_behind(tree, node.behind) if node.behind else tree)


def _compare_as_doubles(node: Node, given: Sequence[Given]) -> None:
    """A text and a decimal of the query are doubles to Spark; Sail rounds the text to the decimal's digits."""
    if any(isinstance(value.type, StringType) for value in given):
        for value in node.arguments:
            value.written = f"cast({value.text} as double)"


def _with_behind(tree: Tree, behind: str) -> Tree:
    """What stands for an aggregate, with the FILTER or OVER of the aggregate in it."""
    match tree:
        case Cast(value, type_, tries):
            return Cast(_with_behind(value, behind), type_, tries)
        case Call("array_compact", (inner,)):
            return call("array_compact", _with_behind(inner, behind))
        case _:
            return Sql(as_sql(tree) + behind)


def _rule_of(node: Node) -> Rule | None:
    if node.function in ("cast", "try_cast"):
        return rule_of_cast(node.type, tries=node.function == "try_cast")
    if node.function == "case":
        return _CASE
    if node.type == CONDITION and any(_DECIMAL.fullmatch(one.text) for one in node.arguments):
        return _COMPARED
    of_window = over_window(node.function) if _OVER.search(node.behind) else None
    return of_window or RULES.get(node.function)
