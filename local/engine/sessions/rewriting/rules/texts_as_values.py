"""Texts as numbers and truths, as Spark takes them."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from pyspark.sql.types import (
    ByteType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
)

from local.engine.sessions.rewriting.expressions import Cast, Given, Sql, Tree, call

_INTEGERS = (ByteType, ShortType, IntegerType, LongType)
_FRACTIONS = (DecimalType, FloatType, DoubleType)
# In these a BIGINT and its like cannot overflow.
_WIDE = {"+": "decimal(20,0)", "-": "decimal(20,0)", "*": "decimal(38,0)"}
_AROUND = "[[:cntrl:] ]*"
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# A number as Java writes it in code.
_OF_JAVA = f"^({_AROUND}{_NUMBER})[dDfF]{_AROUND}$"
# Sail takes the begin of a word for it, and these two.
_NO_TRUTH = f"(?i)^{_AROUND}(tr|tru|ye|on|fa|fal|fals|of|off){_AROUND}$"
# Sail takes them away around a decimal; Spark takes away blanks and control characters only.
_OTHER_BLANKS = r"[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


class OfText(Protocol):
    """Writes a cast of a text to a type, given in DDL; None for what is no text."""

    def __call__(self, type_: str, text: Given) -> Tree | None:
        """The expression in the cast's place."""
        ...


def _decimal(type_: str, text: Given, *, tries: bool) -> Tree | None:
    """A text such as 1e2 is a number to Spark; Sail takes it for a double only. Without `tries` it is an error there,
    at which Spark goes on."""
    if not isinstance(text.type, StringType):
        return None
    # What stands there then is no number to either.
    plain = call("regexp_replace", text, _OTHER_BLANKS, "?")
    if text.is_column:
        # All of these blanks take several bytes, few texts do, and looking for blanks takes as long as the cast. What
        # is computed Sail would compute each time that it is named.
        of_bytes = call("==", call("octet_length", text), call("char_length", text))
        plain = call("if", of_bytes, text, plain)
    if not tries:
        return Cast(plain, type_)
    by_double = Cast(Cast(text, "double", tries=True), type_, tries=True)
    return call("coalesce", Cast(plain, type_, tries=True), by_double)


def _tried_double(type_: str, text: Given) -> Tree | None:
    """To Spark 1d and 1f are numbers."""
    if not isinstance(text.type, StringType):
        return None
    of_java = Cast(call("regexp_replace", text, _OF_JAVA, "$1"), type_, tries=True)
    return call("coalesce", Cast(text, type_, tries=True), of_java)


def _truth(type_: str, text: Given, *, tries: bool) -> Tree | None:
    if not isinstance(text.type, StringType):
        return None
    return Cast(call("regexp_replace", text, _NO_TRUTH, "'$1'"), type_, tries)


# By the type without its digits, and whether the cast tries.
OF_TEXT: dict[tuple[str, bool], OfText] = {
    ("boolean", False): partial(_truth, tries=False),
    ("boolean", True): partial(_truth, tries=True),
    ("decimal", False): partial(_decimal, tries=False),
    ("decimal", True): partial(_decimal, tries=True),
    ("double", True): _tried_double,
    ("float", True): _tried_double,
}


def computed(operator: str, left: Given, right: Given) -> Tree | None:
    """Arithmetic of a text and a number: beside an integer Spark takes the text for a BIGINT, otherwise for a double.
    Sail takes none, or takes all for doubles."""
    sides = (left, right)
    others = [side.type for side in sides if not isinstance(side.type, StringType)]
    if len(others) != 1 or not isinstance(others[0], (*_INTEGERS, *_FRACTIONS)):
        return None
    if isinstance(others[0], _FRACTIONS):
        return call(operator, *(Cast(side, "double") for side in sides))
    whole = [Cast(side, "bigint") for side in sides]
    if operator not in _WIDE:
        return call(operator, *whole)
    return Cast(call(operator, *(Cast(side, _WIDE[operator]) for side in whole)), "bigint")


def of_doubles(function: str) -> Callable[..., Tree | None]:
    """A function of numbers, to which Spark takes a text for a double."""

    def rule(*given: Given) -> Tree | None:
        if not any(isinstance(one.type, StringType) for one in given):
            return None
        return call(
            function, *(Cast(one, "double") if isinstance(one.type, StringType) else one for one in given)
        )

    return rule


def formatted_time(time: Given, form: Given) -> Tree | None:
    """date_format: of a text that is no plain time Sail makes null."""
    return call("date_format", Cast(time, "timestamp"), form) if isinstance(time.type, StringType) else None


def nullif_of_text(value: Given, other: Given) -> Tree | None:
    """nullif of a text and an integer: Spark gives the text, Sail a number."""
    if not isinstance(value.type, StringType) or not isinstance(other.type, _INTEGERS):
        return None
    return call("if", call("==", Cast(value, "bigint"), other), Cast(Sql("null"), "string"), value)
