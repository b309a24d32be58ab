"""Types of columns from the values of files, by the rules of Spark's CSV and JSON readers."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

import pyarrow as pa
from pyarrow.compute import MatchSubstringOptions, call_function
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    NullType,
    NumericType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from local.engine.sources.texts.json_values import WHOLE, Number
from local.engine.sources.texts.times import Times

# In this order: what fits none of them is text.
PATTERNS: list[tuple[str, DataType]] = [
    (r"^[+-]?[0-9]+$", IntegerType()),
    (r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$|^(NaN|[+-]?Inf(inity)?)$", DoubleType()),
    (r"(?i)^(true|false)$", BooleanType()),
]
# No number of so few characters is beyond 32 bits.
SHORT = 9
MOST_DIGITS = 38
NUMBERS = [IntegerType, LongType, DecimalType, DoubleType]


def text_type(values: pa.Array, times: Times) -> DataType:
    """The narrowest type that all texts of an array are of; nulls fit each."""
    found: list[DataType] = []
    rest = values.drop_null()
    for pattern, kind in PATTERNS:
        if not len(rest):
            break
        fits = call_function("match_substring_regex", [rest], MatchSubstringOptions(pattern))
        some = rest.filter(fits)
        if len(some):
            found += _checked(some, kind)
        rest = rest.filter(call_function("invert", [fits]))
    return reduce(
        merged_type, [*found, _time_type(call_function("unique", [rest]).to_pylist(), times)], NullType()
    )


def json_type(value: Any, prefers_decimal: bool = False) -> DataType:
    """The type of a JSON value; of an object's members and of a list's elements likewise."""
    if value is None:
        return NullType()
    if isinstance(value, bool):
        return BooleanType()
    if isinstance(value, Number):
        return (
            _whole(int(value.text), narrow=False)
            if WHOLE.fullmatch(value.text)
            else _fraction(value.text, prefers_decimal)
        )
    if isinstance(value, dict):
        return object_type(value, prefers_decimal)
    if isinstance(value, list):
        return ArrayType(reduce(merged_type, (json_type(one, prefers_decimal) for one in value), NullType()))
    return StringType()


def object_type(value: Mapping[str, Any], prefers_decimal: bool = False) -> StructType:
    """The type of a JSON object, its fields sorted by name."""
    return StructType([StructField(name, json_type(value[name], prefers_decimal)) for name in sorted(value)])


def merged_type(one: DataType, other: DataType) -> DataType:
    """The type of a column that holds values of both."""
    if one == other or NullType() in (one, other):
        return other if isinstance(one, NullType) else one
    if isinstance(one, StructType) and isinstance(other, StructType):
        return _merged_objects(one, other)
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        return ArrayType(merged_type(one.elementType, other.elementType))
    if isinstance(one, NumericType) and isinstance(other, NumericType):
        return _wider(one, other)
    return TimestampType() if {type(one), type(other)} == {DateType, TimestampType} else StringType()


def settled_type(kind: DataType) -> DataType | None:
    """The type with STRING for what was never seen; None for an object without fields."""
    if isinstance(kind, NullType):
        return StringType()
    if isinstance(kind, ArrayType):
        inner = settled_type(kind.elementType)
        return ArrayType(inner) if inner else None
    if isinstance(kind, StructType):
        fields = [(field.name, settled_type(field.dataType)) for field in kind.fields]
        kept = [StructField(name, inner) for name, inner in fields if inner]
        return StructType(kept) if kept else None
    return kind


def folder_type(texts: Iterable[str | None]) -> DataType:
    """The type of the values that folders carry in their names."""
    return settled_type(text_type(pa.array(list(texts), pa.string()), Times())) or StringType()


def _time_type(texts: list[str], times: Times) -> DataType:
    found: DataType = NullType()
    for text in texts:
        if times.is_day(text):
            found = merged_type(found, DateType())
        elif times.timestamp(text):
            found = TimestampType()
        else:
            return StringType()
    return found


def _checked(texts: pa.Array, kind: DataType) -> list[DataType]:
    """Types of texts whose form is that of `kind`: a long number needs more bits."""
    if isinstance(kind, IntegerType):
        long = texts.filter(call_function("greater", [call_function("binary_length", [texts]), SHORT]))
        return [
            kind,
            *(_whole(int(text), narrow=True) for text in call_function("unique", [long]).to_pylist()),
        ]
    return [kind]


def _whole(number: int, narrow: bool) -> DataType:
    if narrow and -(2**31) <= number < 2**31:
        return IntegerType()
    if -(2**63) <= number < 2**63:
        return LongType()
    digits = len(str(abs(number)))
    return DecimalType(digits, 0) if digits <= MOST_DIGITS else DoubleType()


def _fraction(text: str, prefers_decimal: bool) -> DataType:
    whole, _, part = text.lstrip("+-").partition(".")
    digits = len((whole + part).lstrip("0")) or 1
    plain = (whole + part).isdigit() and max(digits, len(part)) <= MOST_DIGITS
    return DecimalType(max(digits, len(part)), len(part)) if prefers_decimal and plain else DoubleType()


def _wider(one: DataType, other: DataType) -> DataType:
    wide = one if NUMBERS.index(type(one)) >= NUMBERS.index(type(other)) else other
    if not isinstance(wide, DecimalType):
        return wide
    parts = [kind if isinstance(kind, DecimalType) else DecimalType(20, 0) for kind in (one, other)]
    scale = max(kind.scale for kind in parts)
    precision = max(kind.precision - kind.scale for kind in parts) + scale
    return DecimalType(precision, scale) if precision <= MOST_DIGITS else DoubleType()


def _merged_objects(one: StructType, other: StructType) -> StructType:
    kinds = {field.name: field.dataType for field in one.fields}
    for field in other.fields:
        kinds[field.name] = merged_type(kinds.get(field.name, NullType()), field.dataType)
    return StructType([StructField(name, kinds[name]) for name in sorted(kinds)])
