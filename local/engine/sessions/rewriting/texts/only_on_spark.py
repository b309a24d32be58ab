"""Forms of SQL that Sail answers otherwise than Spark, and that have no other form for it."""

import re
from collections.abc import Callable, Sequence

import sqlglot
from sqlglot import Token, TokenType

from local.engine.sessions.errors import NeedsSpark

_CONCERNED = re.compile(r"\bunpivot\b|\blateral\b|\brange\b|\bnot\b.*\bin\b", re.IGNORECASE | re.DOTALL)
_Words = Sequence[str]


def check_forms(text: str) -> None:
    """Raises NeedsSpark for an expression or a query in which such a form stands."""
    if not _CONCERNED.search(text):
        return
    words = [_word(token) for token in sqlglot.tokenize(text, read="databricks")]
    for at in range(len(words)):
        for (what, why), is_there in _FORMS.items():
            if is_there(words, at):
                raise NeedsSpark(what, why)


def _word(token: Token) -> str:
    is_quoted = token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)
    return "" if is_quoted else token.text.upper()


def _at(words: _Words, at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _unpivots(words: _Words, at: int) -> bool:
    return words[at] == "UNPIVOT" and _at(words, at + 1) in ("(", "INCLUDE", "EXCLUDE")


def _joins_generator(words: _Words, at: int) -> bool:
    """`LATERAL explode(...)`, which is neither LATERAL VIEW nor a subquery."""
    return (
        words[at] == "LATERAL" and _at(words, at + 1) not in ("", "VIEW", "(") and _at(words, at + 2) == "("
    )


def _ranges_by_offset(words: _Words, at: int) -> bool:
    """A window's frame `RANGE ... n PRECEDING`, up to its closing parenthesis."""
    if words[at] != "RANGE" or _at(words, at + 1) == "(":
        return False
    frame = words[at : _closing(words, at)]
    bounds = [number for number, word in enumerate(frame) if word in ("PRECEDING", "FOLLOWING")]
    return any(frame[number - 1] != "UNBOUNDED" for number in bounds)


def _excludes_rows(words: _Words, at: int) -> bool:
    """`(a, b) NOT IN (SELECT ...)`, or NOT before it."""
    if words[at] != "IN" or _at(words, at + 1) != "(" or _at(words, at + 2) not in ("SELECT", "WITH"):
        return False
    negated = _at(words, at - 1) == "NOT"
    end = at - 1 - negated
    if _at(words, end) != ")":
        return False
    start = _opening(words, end)
    return "," in words[start:end] and (negated or _at(words, start - 1) == "NOT")


def _closing(words: _Words, at: int) -> int:
    """Where the parentheses close that are open around a word."""
    depth = 0
    for number in range(at, len(words)):
        depth += (words[number] == "(") - (words[number] == ")")
        if depth < 0:
            return number
    return len(words)


def _opening(words: _Words, at: int) -> int:
    """Where the parenthesis opens that closes here."""
    depth = 0
    for number in range(at, -1, -1):
        depth += (words[number] == ")") - (words[number] == "(")
        if depth == 0:
            return number
    return 0


_FORMS: dict[tuple[str, str], Callable[[_Words, int], bool]] = {
    ("UNPIVOT", "Sail keeps its nulls"): _unpivots,
    ("LATERAL and a function", "Sail keeps rows that it gives nothing for"): _joins_generator,
    ("RANGE ... PRECEDING", "over dates Sail takes all rows before"): _ranges_by_offset,
    ("(a, b) NOT IN", "Sail passes over nulls"): _excludes_rows,
}
