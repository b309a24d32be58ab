"""What is put in the place of each call that Sail would answer otherwise than Spark."""

import getpass
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from inspect import Signature, signature
from typing import NamedTuple, TypeVar

from pyspark.sql.types import DataType, DateType, DecimalType, DoubleType, FloatType, StructType

from local.engine.sessions.errors import NeedsSpark, needs_spark_text
from local.engine.sessions.rewriting.expressions import Cast, Given, Sql, Tree, call
from local.engine.sessions.rewriting.rules import numbers, times
from local.engine.sessions.rewriting.rules.common_type import common_type
from local.engine.sessions.rewriting.rules.json_text import to_json
from local.engine.sessions.rewriting.rules.texts_as_values import (
    OF_TEXT,
    computed,
    formatted_time,
    nullif_of_text,
    of_doubles,
)

# A letter without upper case (of the Yi script), which stands for nothing but itself.
_LETTER = "\ua015"
# Letters that are two in upper case, or have another form at the begin of a word or, as sigma, at its end.
_OTHER_TITLES = "ßẞΣևﬀ-ﬆﬓ-ﬗǄ-ǌǱ-ǳᾀ-ᾯᾲ-ᾴᾷᾼῂ-ῄῇῌῲ-ῴῷῼა-ჿᲐ-Ჿ"
_OF_STRUCTS = "Sail orders structs with nulls in them otherwise"

Argument = TypeVar("Argument")


class Rule(NamedTuple):
    """Writes what stands for a call, given its arguments; None to leave it as it is.

    A rule that needs types gets none in SQL text, and where Sail cannot tell them. `needs` says at which places, of so
    many, the arguments stand of which it needs them; with `is_loud` Sail raises an error where it would answer
    otherwise, so that a call without types may stay.
    """

    write: Callable[..., Tree | None]
    needs_types: bool = False
    needs: Callable[[int], Sequence[int]] = range
    is_loud: bool = False

    def known(self, arguments: int, types: Iterator[DataType | None]) -> list[DataType | None]:
        """The types of as many arguments, from those that were asked for; None for the others."""
        places = self._places(arguments)
        return [next(types) if place in places else None for place in range(arguments)]

    def asks_for(self, arguments: Sequence[Argument]) -> list[Argument]:
        """The arguments of which it needs the types."""
        return [arguments[place] for place in self._places(len(arguments))]

    def written(self, *given: Given) -> Tree | None:
        """What stands for a call; None, too, for as many arguments as no such call has: the engine says so."""
        try:
            _signature(self.write).bind(*given)
        except TypeError:
            return None
        return self.write(*given)

    def _places(self, arguments: int) -> list[int]:
        return [place for place in self.needs(arguments) if place < arguments] if self.needs_types else []


@lru_cache
def _signature(write: Callable[..., Tree | None]) -> Signature:
    return signature(write)


def _initcap(text: Given) -> Tree:
    """Spark begins a word after a blank, Sail after whatever is neither letter nor digit: a letter is put there."""
    joined = call("regexp_replace", text, r"([^\p{Alphabetic}\p{N} ])", "$1" + _LETTER)
    anew = call("replace", call("initcap", joined), _LETTER, "")
    why = "of some letters, such as ß and Σ, Sail gives others"
    return _unless(call("rlike", text, f"[{_OTHER_TITLES}]"), "initcap", why, anew)


def _unless(condition: Tree, function: str, why: str, otherwise: Tree) -> Tree:
    """What stands for a call whose values decide whether Sail may answer it (see errors.need_behind)."""
    return call("if", condition, call("raise_error", needs_spark_text(function, why)), otherwise)


def _cast(function: str, type_: str, counts: tuple[int, ...] = ()) -> Rule:
    """Sail's call with another type; with these numbers of arguments only, if any are given."""
    return Rule(
        lambda *given: Cast(call(function, *given), type_) if len(given) in (counts or {len(given)}) else None
    )


def _cast_as(type_: str) -> Rule:
    return Rule(lambda value: Cast(value, type_))


def _is_called(function: str) -> Rule:
    """Another function of Sail does the same as this one of Spark."""
    return Rule(lambda *given: call(function, *given))


def _only_in_spark(function: str, why: str) -> Rule:
    def refuse(*_: Given) -> Tree:
        raise NeedsSpark(function, why)

    return Rule(refuse)


def _refused_for(function: str, refused: type | tuple[type, ...], why: str) -> Rule:
    """For arguments of some types only."""

    def rule(*given: Given) -> Tree | None:
        if any(isinstance(value.type, refused) for value in given):
            raise NeedsSpark(function, why)
        return None

    return Rule(rule, needs_types=True)


def over_window(function: str) -> Rule | None:
    """The rule of a function over a window, where it has one of its own."""
    if function in COLLECTING:
        # Sail's window keeps the nulls.
        return Rule(lambda *given: call("array_compact", call(function, *given)))
    if function in ("max", "min"):
        return _refused_for(function, StructType, _OF_STRUCTS)
    return None


def _extreme(function: str) -> Callable[..., Tree | None]:
    """`max` and `min`: by groups Sail's begin with the greatest or least finite double, and pass over NaN."""
    name = function.removesuffix(" distinct")

    def rule(value: Given) -> Tree | None:
        if isinstance(value.type, StructType):
            raise NeedsSpark(name, _OF_STRUCTS)
        return call(f"{name}_by", value, value) if isinstance(value.type, DoubleType | FloatType) else None

    return rule


def _of_one(function: str) -> Rule:
    def rule(*given: Given) -> Tree | None:
        if given[2:]:
            raise NeedsSpark(function, "Sail gives one value, however many are asked for")
        return None

    return Rule(rule)


def _with_pattern(function: str) -> Rule:
    def rule(text: Given, pattern: Given, *others: Given) -> Tree | None:
        words = pattern.text
        if words is None or in_ascii(words) == words:
            return None
        return call(function, text, in_ascii(words), *others)

    return Rule(rule)


def in_ascii(pattern: str) -> str:
    r"""A pattern of Java for Sail, which takes \w and \d for Unicode."""
    return _ASCII.sub(lambda match: _CLASSES[match[0]], pattern)


_CLASSES = {r"\\": r"\\", r"\w": "[0-9A-Za-z_]", r"\d": "[0-9]", r"\W": "[^0-9A-Za-z_]", r"\D": "[^0-9]"}
_ASCII = re.compile(r"\\[\\wdWD]")


def _minus(left: Given, right: Given) -> Tree | None:
    if isinstance(left.type, DateType) and isinstance(right.type, DateType):
        raise NeedsSpark(
            "-", "the difference of dates is an interval in Spark and a number in Sail (datediff is not)"
        )
    return numbers.overflow_checked("-")(left, right)


def _also_of_texts(operator: str, write: Callable[[Given, Given], Tree | None]) -> Rule:
    """Arithmetic of numbers, by this rule, and of texts."""
    return Rule(lambda left, right: computed(operator, left, right) or write(left, right), needs_types=True)


def values_of_when(arguments: int) -> list[int]:
    """Where the values stand among the arguments of `when`: each behind its condition, the last behind none."""
    return [place for place in range(arguments) if place % 2 == 1 or place == arguments - 1]


def _when(*given: Given) -> Tree | None:
    """Values of several types, each behind its condition, and the last behind none."""
    is_value = [place in values_of_when(len(given)) for place in range(len(given))]
    type_ = common_type(value.type for value, is_one in zip(given, is_value, strict=True) if is_one)
    if type_ is None:
        return None
    written = (
        Cast(value, type_.simpleString()) if is_one else value
        for value, is_one in zip(given, is_value, strict=True)
    )
    return call("when", *written)


def _nvl2(value: Given, yes: Given, no: Given) -> Tree:
    type_ = common_type((yes.type, no.type))
    values = [Cast(one, type_.simpleString()) if type_ else one for one in (yes, no)]
    return call("if", call("isnotnull", value), *values)


def _alike(function: str, *, always: bool = False) -> Rule:
    """Values of several types, of which one is chosen; `always` where Sail has the function by another name."""

    def rule(*given: Given) -> Tree | None:
        type_ = common_type(value.type for value in given)
        if type_ is None:
            return call(function, *given) if always else None
        return call(function, *(Cast(value, type_.simpleString()) for value in given))

    return Rule(rule, needs_types=True)


def _split(text: Given, pattern: Given, *limit: Given) -> Tree | None:
    if pattern.text is not None and _may_be_empty(pattern.text):
        raise NeedsSpark("split", "Sail puts empty texts around the characters")
    return _with_pattern("split").write(text, pattern, *limit)


def _may_be_empty(pattern: str) -> bool:
    """Whether a pattern finds empty texts, such as `|`, by which Spark splits between all characters."""
    try:
        return re.match(pattern, "") is not None
    except re.error:
        # One of Java's own, such as with possessive quantifiers.
        return False


def _get_json_object(text: Given, path: Given) -> Tree | None:
    """Sail gives the text as it stands; Spark writes numbers with decimals, objects and lists anew."""
    if path.text is None or "*" in path.text:
        raise NeedsSpark("get_json_object", "Sail does not know * in a path")
    found = call("get_json_object", text, path)
    is_number = call("rlike", found, r"^-?[0-9]+([.][0-9]+([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$")
    is_string = call("contains", text, call("concat", '"', found, '"'))
    has_parts = call("and", call("rlike", found, r"^[{\[]"), call("rlike", found, r"[0-9][.eE]|\s"))
    differs = call("or", call("and", is_number, call("not", is_string)), has_parts)
    why = "Sail gives numbers with decimals, objects and lists as they stand"
    return _unless(differs, "get_json_object", why, found)


def _array_contains(array: Given, value: Given) -> Tree | None:
    """Whether an array has a null is null, as is whether it has a value among nulls when no other is that."""
    unknown = Cast(Sql("null"), "boolean")
    whole = call("==", call("size", call("array_compact", array)), call("size", array))
    among = call("if", whole, Cast("false", "boolean"), unknown)
    found = call("or", call("array_contains", array, value), among)
    return call("if", call("isnotnull", value), found, unknown)


def _arrays_overlap(one: Given, other: Given) -> Tree:
    """No array has anything in common with one without values, also where the other has nulls."""
    unknown = call("or", call("isnull", one), call("isnull", other))
    is_empty = call("or", call("==", call("size", one), 0), call("==", call("size", other), 0))
    known = call("if", is_empty, Cast("false", "boolean"), call("arrays_overlap", one, other))
    return call("if", unknown, Cast(Sql("null"), "boolean"), known)


def _left(text: Given, length: Given) -> Tree | None:
    is_written = length.number is not None and length.number >= 0
    return None if is_written else call("left", text, call("greatest", length, 0))


def _padded(function: str) -> Rule:
    def rule(form: Given, *_: Given) -> Tree | None:
        if form.text is None or re.search(r"%(\d+\$)?-?\d+s", form.text):
            raise NeedsSpark(function, "Sail pads a text by its bytes")
        return None

    return Rule(rule)


def _to_date(text: Given, *form: Given) -> Tree | None:
    return None if form else times.date_of_text(text)


# Of these a window keeps the nulls on Sail.
COLLECTING = ("collect_list", "collect_set", "array_agg")
TO_STRING = Rule(numbers.text_of_value, needs_types=True)
TO_DATE = Rule(times.date_of_text, needs_types=True, is_loud=True)
TRIED_DATE = Rule(partial(times.date_of_text, tries=True), needs_types=True)


def rule_of_cast(type_: str, *, tries: bool) -> Rule | None:
    """The rule for a cast to a type, given in DDL, if it has one."""
    kind = type_.lower()
    if kind == "date":
        return TRIED_DATE if tries else TO_DATE
    if kind == "string":
        return TO_STRING
    plain = kind.partition("(")[0]
    write = OF_TEXT.get((plain, tries))
    # What is silent of a cast to a decimal, a blank of another kind, is too rare to go to Spark for a type.
    is_loud = plain == "decimal" and not tries
    return Rule(partial(write, type_), needs_types=True, is_loud=is_loud) if write else None


# To these a text is no number on Sail.
_OF_NUMBERS = (
    "avg", "mean", "floor", "ceil", "ceiling", "pow", "power", "stddev", "stddev_samp", "stddev_pop", "std",
    "variance", "var_samp", "var_pop", "corr", "covar_samp", "covar_pop",
)  # fmt: skip
RULES: dict[str, Rule] = {
    "initcap": Rule(_initcap),
    **dict.fromkeys(("datediff", "date_diff", "timestampdiff"), Rule(times.units_between)),
    **dict.fromkeys(
        ("extract", "date_part", "datepart"), Rule(times.part, needs_types=True, needs=lambda _: (1,))
    ),
    "timestamp_seconds": Rule(times.time_of_seconds, needs_types=True),
    "to_date": Rule(_to_date, needs_types=True, needs=lambda given: (0,) if given == 1 else (), is_loud=True),
    "date": TO_DATE,
    "left": Rule(_left),
    "format_string": _padded("format_string"),
    "printf": _padded("printf"),
    "regexp_count": _cast("regexp_count", "int"),
    "date_trunc": _cast("date_trunc", "timestamp"),
    "weekday": Rule(lambda day: call("%", call("+", call("dayofweek", day), 5), 7)),
    "from_unixtime": Rule(lambda time, *form: call("from_unixtime", Cast(time, "bigint"), *form)),
    "timestamp": _cast_as("timestamp"),
    "string": Rule(lambda value: numbers.text_of_value(value) or Cast(value, "string"), needs_types=True),
    "coalesce": _alike("coalesce"),
    "nvl": _alike("coalesce", always=True),
    "ifnull": _alike("coalesce", always=True),
    "greatest": _alike("greatest"),
    "least": _alike("least"),
    "array": _alike("array"),
    "nvl2": Rule(_nvl2, needs_types=True),
    "rint": _is_called("bround"),
    "bround": Rule(numbers.rounded_half_even, needs_types=True),
    "nullif": Rule(
        lambda one, other: nullif_of_text(one, other) or numbers.null_if(one, other), needs_types=True
    ),
    "arrays_overlap": Rule(_arrays_overlap),
    "try_avg": _is_called("avg"),
    "isnan": Rule(lambda value: call("and", call("isnotnull", value), call("isnan", value))),
    "from_json": Rule(lambda text, *others: call("from_json", call("nullif", text, ""), *others)),
    "percentile_approx": _only_in_spark(
        "percentile_approx", "Sail gives a value between those that are there"
    ),
    "approx_percentile": _only_in_spark(
        "approx_percentile", "Sail gives a value between those that are there"
    ),
    **{
        name: _only_in_spark(name, "Sail encrypts otherwise")
        for name in ("aes_encrypt", "aes_decrypt", "try_aes_decrypt")
    },
    "version": _only_in_spark("version", "Sail gives its own"),
    "max_by": _of_one("max_by"),
    "min_by": _of_one("min_by"),
    **dict.fromkeys(("current_user", "session_user", "user"), Rule(getpass.getuser)),
    "get_json_object": Rule(_get_json_object),
    "regexp_replace": _with_pattern("regexp_replace"),
    "regexp_extract": _with_pattern("regexp_extract"),
    "regexp_extract_all": _with_pattern("regexp_extract_all"),
    "regexp_like": _with_pattern("regexp_like"),
    "rlike": _with_pattern("rlike"),
    "regexp": _with_pattern("regexp"),
    "split": Rule(_split),
    **{
        name: Rule(_extreme(name), needs_types=True)
        for name in ("max", "min", "max distinct", "min distinct")
    },
    "hash": _refused_for("hash", DecimalType, "Sail gives another number for a decimal"),
    "format_number": _refused_for("format_number", DecimalType, "Sail rounds half up, Spark half even"),
    "to_json": Rule(to_json, needs_types=True, needs=lambda _: (0,)),
    "/": _also_of_texts("/", numbers.divided),
    "try_divide": Rule(numbers.try_divided, needs_types=True),
    "try_add": Rule(numbers.tried("try_add", "+"), needs_types=True),
    "try_subtract": Rule(numbers.tried("try_subtract", "-"), needs_types=True),
    "try_multiply": Rule(numbers.tried("try_multiply", "*"), needs_types=True),
    "+": _also_of_texts("+", numbers.overflow_checked("+")),
    "-": _also_of_texts("-", _minus),
    "*": _also_of_texts("*", numbers.overflow_checked("*")),
    **{name: _also_of_texts(name, numbers.remaining(name)) for name in ("%", "mod", "pmod")},
    **{name: Rule(of_doubles(name), needs_types=True, is_loud=True) for name in _OF_NUMBERS},
    **{
        name: Rule(of_doubles(name), needs_types=True, needs=lambda _: (0,))
        for name in ("median", "percentile")
    },
    "date_format": Rule(formatted_time, needs_types=True, needs=lambda _: (0,)),
    "array_contains": Rule(_array_contains),
    "round": Rule(numbers.rounded, needs_types=True),
    "when": Rule(_when, needs_types=True, needs=values_of_when),
    "if": Rule(_when, needs_types=True, needs=values_of_when),
    "sum": Rule(numbers.summed("sum"), needs_types=True),
    "sum distinct": Rule(numbers.summed("sum", distinct=True), needs_types=True),
    "concat": Rule(numbers.concatenated("concat"), needs_types=True),
    "concat_ws": Rule(numbers.concatenated_by, needs_types=True),
}
