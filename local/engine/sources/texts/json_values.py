"""JSON values as values of a column's type, by the rules of Spark's JSON reader."""

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

from pyspark.sql.types import (
    ArrayType,
    BinaryType,
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

from local.engine.sources.texts.times import Times

WHOLE = re.compile(r"-?\d+", re.ASCII)
NOT_FINITE = {"NaN": "nan", "Infinity": "inf", "INF": "inf", "+INF": "inf", "+Infinity": "inf",
              "-Infinity": "-inf", "-INF": "-inf"}  # fmt: skip
BITS = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Number:
    """A number as it was written: 1.50 is not 1.5."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Misfit(Exception):  # noqa: N818 (no error of a user's)
    """A value that is none of its column's type."""


def as_json_text(value: Any) -> str:
    """A value as JSON text without blanks, numbers as they were written."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        pairs = (
            f"{json.dumps(name, ensure_ascii=False)}:{as_json_text(inner)}" for name, inner in value.items()
        )
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(as_json_text, value))}]"
    return json.dumps(value, ensure_ascii=False)


def fitted_value(value: Any, kind: DataType, times: Times) -> tuple[Any, Any]:
    """The value of a type, and what of the value did not fit it; None each when there is none."""
    if value is None or (type(value) is str and isinstance(kind, StringType)):
        return value, None
    if isinstance(kind, StructType) and isinstance(value, dict):
        return _struct(value, kind, times)
    if isinstance(kind, ArrayType) and isinstance(value, list):
        pairs = [fitted_value(one, kind.elementType, times) for one in value]
        return [one for one, _ in pairs], value if any(rest is not None for _, rest in pairs) else None
    if isinstance(kind, MapType) and isinstance(value, dict):
        found = {key: fitted_value(one, kind.valueType, times) for key, one in value.items()}
        rest = {key: rest for key, (_, rest) in found.items() if rest is not None}
        return [(key, one) for key, (one, _) in found.items()], rest or None
    try:
        return _scalar(value, kind, times), None
    except (Misfit, ValueError, ArithmeticError):
        return None, value


def _struct(
    value: dict[str, Any], kind: StructType, times: Times
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    fields = {field.name: field.dataType for field in kind.fields}
    row: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, inner in value.items():
        fit, misfit = fitted_value(inner, fields[name], times) if name in fields else (None, inner)
        if name in fields:
            row[name] = fit
        if misfit is not None:
            rest[name] = misfit
    return row, rest or None


def _scalar(value: Any, kind: DataType, times: Times) -> Any:
    if isinstance(kind, StringType):
        return value if isinstance(value, str) else as_json_text(value)
    if type(kind) in BITS:
        return _integer(value, BITS[type(kind)])
    reader = _SCALARS.get(type(kind))
    if reader is None:
        raise Misfit
    return reader(value, kind, times)


def _integer(value: Any, bits: int) -> int:
    if not isinstance(value, Number) or not WHOLE.fullmatch(value.text) or len(value.text) > 20:
        raise Misfit
    number = int(value.text)
    if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
        raise Misfit
    return number


def _float(value: Any, *_: Any) -> float:
    if isinstance(value, Number):
        return float(value.text)
    if isinstance(value, str) and value in NOT_FINITE:
        return float(NOT_FINITE[value])
    raise Misfit


def _decimal(value: Any, kind: Any, _: Times) -> Decimal:
    if not isinstance(value, Number | str):
        raise Misfit
    text = value.text if isinstance(value, Number) else value.replace(",", "")
    with localcontext(prec=76):
        try:
            number = Decimal(text).quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_UP)
        except InvalidOperation:
            raise Misfit from None
        if not number.is_finite() or abs(number) >= Decimal(10) ** (kind.precision - kind.scale):
            raise Misfit
    return number


def _boolean(value: Any, *_: Any) -> bool:
    if not isinstance(value, bool):
        raise Misfit
    return value


def _date(value: Any, _: DataType, times: Times) -> Any:
    found = times.date(value) if isinstance(value, str) else None
    if found is None:
        raise Misfit
    return found


def _timestamp(value: Any, _: DataType, times: Times) -> datetime:
    if isinstance(value, Number) and WHOLE.fullmatch(value.text):
        return EPOCH + timedelta(seconds=int(value.text))
    found = times.timestamp(value) if isinstance(value, str) else None
    if found is None:
        raise Misfit
    return found


def _local_time(value: Any, kind: DataType, times: Times) -> datetime:
    if not isinstance(value, str):
        raise Misfit
    return _timestamp(value, kind, times).astimezone(times.zone).replace(tzinfo=None)


def _binary(value: Any, *_: Any) -> bytes:
    if not isinstance(value, str):
        raise Misfit
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise Misfit from None


_SCALARS: dict[type[DataType], Callable[[Any, Any, Times], Any]] = {
    FloatType: _float,
    DoubleType: _float,
    DecimalType: _decimal,
    BooleanType: _boolean,
    DateType: _date,
    TimestampType: _timestamp,
    TimestampNTZType: _local_time,
    BinaryType: _binary,
}
