"""Arithmetic and the text of numbers, as Spark has them."""

from collections.abc import Callable

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from local.engine.sessions.errors import NeedsSpark
from local.engine.sessions.rewriting.expressions import Call, Cast, Given, Sql, Tree, call

_INTEGERS: dict[type[DataType] | type[None], int] = {ByteType: 3, ShortType: 5, IntegerType: 10, LongType: 20}
_WRITTEN_ALIKE = (StringType, DateType, BooleanType, ByteType, ShortType, IntegerType, LongType, DecimalType)
_TIMES = (TimestampType, TimestampNTZType)
_WRITTEN_OTHERWISE = (DoubleType, FloatType, *_TIMES)
_DDL: dict[type[DataType] | type[None], str] = {
    ByteType: "tinyint",
    ShortType: "smallint",
    IntegerType: "int",
    LongType: "bigint",
}
MOST_DIGITS = 38
# Spark keeps as many of a quotient's decimals where 38 digits do not hold all.
_LEAST_SCALE = 6
# As many decimals more than its dividend has a quotient of Sail.
_ADDED_BY_SAIL = 4
# As many digits more than its values has a sum.
_ADDED_BY_SUM = 10


def divided(dividend: Given, divisor: Given) -> Tree | None:
    """A quotient of decimals: Spark rounds it half up, Sail cuts it off after four decimals more than the dividend's.

    Cut off one decimal later than Spark has, or more, and rounded then, it is what Spark has.
    """
    return _quotient(dividend, divisor, divisor)


def try_divided(dividend: Given, divisor: Given) -> Tree | None:
    """Sail's own takes integers only: a division by null instead of zero."""
    if dividend.type is None or divisor.type is None:
        return None
    zero = Cast("0", divisor.type.simpleString())
    # To Sail, zero is another number than minus zero.
    by = call(
        "nullif",
        call("+", divisor, zero) if isinstance(divisor.type, DoubleType | FloatType) else divisor,
        zero,
    )
    return _quotient(dividend, divisor, by) or call("/", dividend, by)


def _quotient(dividend: Given, divisor: Given, by: Tree) -> Tree | None:
    above, below = _as_decimal(dividend), _as_decimal(divisor)
    if not above or not below or not {DecimalType} & {type(dividend.type), type(divisor.type)}:
        return _in_double("/", dividend, divisor)
    whole = above.precision - above.scale + below.scale
    scale = max(_LEAST_SCALE, above.scale + below.precision + 1)
    if whole + scale > MOST_DIGITS:
        scale = max(MOST_DIGITS - whole, _LEAST_SCALE)
    before = max(above.scale, scale + 1 - _ADDED_BY_SAIL)
    digits = min(MOST_DIGITS, above.precision - above.scale + before)
    exact = call("/", Cast(dividend, f"decimal({digits},{before})"), Cast(by, below.simpleString()))
    return Cast(exact, f"decimal({min(whole + scale, MOST_DIGITS)},{scale})")


def overflow_checked(operator: str) -> Callable[[Given, Given], Tree | None]:
    """Sums and products of integers: Sail's wrap, Spark's are an error, as the cast from a wider type is."""

    def rule(left: Given, right: Given) -> Tree | None:
        kinds = {type(left.type), type(right.type)}
        if not kinds <= _INTEGERS.keys():
            wide = _beyond_most_digits(operator, left, right)
            return wide or _with_narrow_literal(operator, left, right) or _in_double(operator, left, right)
        return _cast_of_wide(operator, left, right)

    return rule


def tried(function: str, operator: str) -> Callable[[Given, Given], Tree | None]:
    """try_add and so on: Sail's takes INT only."""

    def rule(left: Given, right: Given) -> Tree | None:
        kinds = {type(left.type), type(right.type)}
        if kinds <= _INTEGERS.keys():
            return _cast_of_wide(operator, left, right, tries=True)
        if left.type is None or right.type is None:
            return None
        if DoubleType in kinds and kinds <= {DoubleType, *_INTEGERS}:
            return call(operator, Cast(left, "double"), Cast(right, "double"))
        raise NeedsSpark(function, "Sail takes integers and doubles only")

    return rule


def _cast_of_wide(operator: str, left: Given, right: Given, *, tries: bool = False) -> Tree:
    wider = max((type(left.type), type(right.type)), key=_INTEGERS.__getitem__)
    wide = "bigint"
    if wider is LongType:
        wide = "decimal(19,0)" if operator == "*" else "decimal(20,0)"
    return Cast(call(operator, Cast(left, wide), Cast(right, wide)), _DDL[wider], tries)


def _beyond_most_digits(operator: str, left: Given, right: Given) -> Tree | None:
    """A sum or product of decimals that may need more than 38 digits: Spark keeps fewer decimals of it, and checks it.

    Sail does neither, but computes with up to 76 digits, and checks what it casts from there.
    """
    a, b = _as_decimal(left), _as_decimal(right)
    if a is None or b is None or DecimalType not in (type(left.type), type(right.type)):
        return None
    scale = max(a.scale, b.scale)
    digits = max(a.precision - a.scale, b.precision - b.scale) + scale + 1
    if operator == "*":
        scale, digits = a.scale + b.scale, a.precision + b.precision + 1
    if digits <= MOST_DIGITS:
        return None
    kept = max(MOST_DIGITS - (digits - scale), min(scale, _LEAST_SCALE))
    wide = [
        Cast(side, f"decimal({MOST_DIGITS + 1},{type_.scale})") for side, type_ in ((left, a), (right, b))
    ]
    return Cast(call(operator, *wide), f"decimal({MOST_DIGITS},{kept})")


def remaining(function: str) -> Callable[[Given, Given], Tree | None]:
    """A remainder, by its sign or its name, of a decimal and a number in the query."""

    def rule(left: Given, right: Given) -> Tree | None:
        a, b = _as_decimal(left), _as_decimal(right)
        found = _with_narrow_literal(function, left, right)
        if found is None or a is None or b is None:
            return None
        scale = max(a.scale, b.scale)
        whole = min(a.precision - a.scale, b.precision - b.scale)
        return Cast(found, f"decimal({min(MOST_DIGITS, whole + scale)},{scale})")

    return rule


def _with_narrow_literal(operator: str, left: Given, right: Given) -> Tree | None:
    """Beside a decimal, an integer in the query has as many digits in Spark as are written."""
    if {type(left.type), type(right.type)} & {DecimalType} and (left.number or right.number) is not None:
        return call(operator, *(_narrowed(side) for side in (left, right)))
    return None


def _narrowed(side: Given) -> Tree:
    type_ = _as_decimal(side)
    return side if side.number is None or type_ is None else Cast(side, type_.simpleString())


def _in_double(operator: str, left: Given, right: Given) -> Tree | None:
    """A decimal and a float: Sail makes a float of them."""
    if {type(left.type), type(right.type)} == {DecimalType, FloatType}:
        return call(operator, Cast(left, "double"), Cast(right, "double"))
    return None


def rounded_half_even(value: Given, *digits: Given) -> Tree | None:
    """Sail rounds a decimal half up, as a double, and has a minus zero where Spark has zero."""
    if isinstance(value.type, DecimalType):
        raise NeedsSpark("bround", "Sail rounds a decimal half up")
    if isinstance(value.type, DoubleType | FloatType):
        return call("+", call("bround", value, *digits), Cast("0", value.type.simpleString()))
    return None


def null_if(value: Given, other: Given) -> Tree | None:
    """To Sail's nullif, zero is another number than minus zero; to its comparison it is not."""
    if value.type is None or not {type(value.type), type(other.type)} & {DoubleType, FloatType}:
        return None
    return call("if", call("==", value, other), Cast(Sql("null"), value.type.simpleString()), value)


def rounded(value: Given, digits: Given | None = None) -> Tree | None:
    """Sail keeps the digits of a decimal that it rounds."""
    places = digits.number if digits else 0
    if not isinstance(value.type, DecimalType) or places is None:
        return None
    whole = value.type.precision - value.type.scale + 1
    scale = max(0, min(value.type.scale, places))
    precision = min(MOST_DIGITS, max(whole, 1 - places) + scale)
    return Cast(call("round", value, places), f"decimal({precision},{scale})")


def summed(function: str, *, distinct: bool = False) -> Callable[[Given], Tree | None]:
    """Sail's sum of BIGINT wraps, and that of a wide decimal may have more than 38 digits."""

    def rule(values: Given) -> Tree | None:
        if isinstance(values.type, LongType):
            return Cast(Call(function, (Cast(values, "decimal(38,0)"),), distinct), "bigint")
        if isinstance(values.type, DecimalType) and values.type.precision + _ADDED_BY_SUM > MOST_DIGITS:
            scale = values.type.scale
            wide = Cast(values, f"decimal({values.type.precision + _ADDED_BY_SUM},{scale})")
            return Cast(Call(function, (wide,), distinct), f"decimal({MOST_DIGITS},{scale})")
        return None

    return rule


def text_of_value(value: Given) -> Tree | None:
    """The text of a value where Sail's cast to a string is not Spark's; None where it is."""
    if isinstance(value.type, ArrayType) and isinstance(value.type.elementType, _WRITTEN_ALIKE):
        texts = call("array_join", Cast(value, "array<string>"), ", ", "null")
        return call("concat", "[", texts, "]")
    if isinstance(value.type, ArrayType | MapType | StructType):
        raise NeedsSpark("cast to string", "Sail writes what is in structs, maps and other arrays otherwise")
    if isinstance(value.type, DoubleType | FloatType):
        return text_of_double(value)
    return None


def concatenated(function: str) -> Callable[..., Tree | None]:
    """Texts put together; what is not a string is made one as a cast makes it."""

    def rule(*parts: Given) -> Tree | None:
        if not any(isinstance(part.type, _WRITTEN_OTHERWISE) for part in parts):
            return None
        return call(function, *(_as_string(part) for part in parts))

    return rule


def concatenated_by(*parts: Given) -> Tree | None:
    """`concat_ws`, for which Sail writes times as ISO 8601 has them."""
    if not any(isinstance(part.type, _TIMES) for part in parts):
        return None
    return call(
        "concat_ws", *(Cast(part, "string") if isinstance(part.type, _TIMES) else part for part in parts)
    )


def _as_string(part: Given) -> Tree:
    if isinstance(part.type, _TIMES):
        return Cast(part, "string")
    return text_of_value(part) or part


def text_of_double(value: Tree) -> Tree:
    """Java writes an exponent below 0.001 and from ten millions on, with one digit before the point and one after."""
    text = Cast(value, "string")
    size = call("abs", value)
    is_plain = call(
        "or",
        call("==", size, 0),
        call("and", call(">=", size, Cast("0.001", "double")), call("<", size, 10_000_000)),
    )
    large = call(
        "concat",
        _one_decimal(call("regexp_replace", text, r"^(-?[0-9])([0-9]*)\.", "$1.$2")),
        "E",
        Cast(call("length", call("regexp_extract", text, r"^-?[0-9]([0-9]*)\.", 1)), "string"),
    )
    small = call(
        "concat",
        _one_decimal(call("regexp_replace", text, r"^(-?)0\.0*([1-9])", "$1$2.")),
        "E-",
        Cast(call("length", call("regexp_extract", text, r"^-?0\.(0*[1-9])", 1)), "string"),
    )
    exponent = call("replace", call("regexp_replace", text, r"^(-?[0-9])e", "$1.0e"), "e", "E")
    finite = _choose(
        (is_plain, text), (call("rlike", text, "e"), exponent), (call("<", size, 1), small), large
    )
    return _choose(
        (call("rlike", text, "^-?inf$"), call("replace", text, "inf", "Infinity")),
        (call("==", text, "NaN"), text),
        finite,
    )


def _one_decimal(text: Tree) -> Tree:
    """Without the zeros at its end, but for one behind the point."""
    return call("regexp_replace", call("regexp_replace", text, "0+$", ""), r"\.$", ".0")


def _choose(*cases: tuple[Tree, Tree] | Tree) -> Tree:
    first, *others = cases
    return call("if", *first, _choose(*others)) if isinstance(first, tuple) else first


def as_decimal(type_: DataType | None) -> DecimalType | None:
    """The decimal that Spark takes an exact number of a type for; None for other types."""
    if isinstance(type_, DecimalType):
        return type_
    digits = digits_of(type_)
    return DecimalType(digits, 0) if digits else None


def digits_of(type_: DataType | None) -> int:
    """How many digits an integer of a type may have; 0 for other types."""
    return _INTEGERS.get(type(type_), 0)


def _as_decimal(value: Given) -> DecimalType | None:
    """The same of a value; one that is written in the query has as many digits as are written."""
    if value.content is not None and value.number is not None and digits_of(value.type):
        return DecimalType(len(str(abs(value.number))), 0)
    return as_decimal(value.type)
