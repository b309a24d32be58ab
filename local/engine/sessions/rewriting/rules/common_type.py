"""The one type of which Spark makes values of several, as in CASE, coalesce and UNION."""

from collections.abc import Iterable

from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    IntegralType,
    LongType,
    NullType,
    NumericType,
    StringType,
    TimestampType,
)

from local.engine.sessions.rewriting.rules.numbers import MOST_DIGITS, as_decimal, digits_of


def common_type(types: Iterable[DataType | None]) -> DataType | None:
    """Spark's type for values of these; None where all have one, or where this is left to Sail.

    Sail takes the first value's type, or a decimal for a decimal and a double.
    """
    known = list(types)
    found = list(dict.fromkeys(type_ for type_ in known if not isinstance(type_, NullType)))
    if None in found or len(found) < 2:
        return None
    given = [type_ for type_ in found if type_ is not None]
    if all(isinstance(type_, NumericType) for type_ in given):
        return _number(given)
    if all(isinstance(type_, DateType | TimestampType) for type_ in given):
        return TimestampType()
    texts = [type_ for type_ in given if isinstance(type_, StringType)]
    return _beside_text([type_ for type_ in given if type_ not in texts]) if texts else None


def column_type(types: Iterable[DataType | None]) -> DataType | None:
    """The same for a column of a union, where what is null throughout has the other's type; Sail takes the first."""
    given = list(types)
    others = [type_ for type_ in given if not isinstance(type_, NullType)]
    return others[0] if len(given) > len(others) == 1 else common_type(given)


def _number(types: list[DataType]) -> DataType:
    if any(isinstance(type_, FloatType | DoubleType) for type_ in types):
        return DoubleType()
    decimals = [type_ for type_ in map(as_decimal, types) if type_]
    if not any(isinstance(type_, DecimalType) for type_ in types):
        return max(types, key=digits_of)
    scale = max(type_.scale for type_ in decimals)
    whole = max(type_.precision - type_.scale for type_ in decimals)
    return DecimalType(min(MOST_DIGITS, whole + scale), scale)


def _beside_text(types: list[DataType]) -> DataType | None:
    """A text beside another value is read as that."""
    if all(isinstance(type_, IntegralType) for type_ in types):
        return LongType()
    if all(isinstance(type_, IntegralType | FractionalType) for type_ in types):
        return DoubleType()
    is_one = len(types) == 1 and isinstance(types[0], DateType | TimestampType | BooleanType)
    return types[0] if is_one else None
