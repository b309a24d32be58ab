"""Values of tests: YAML as a column of a type holds it, and as it is written.

The type decides, not YAML: `01037` in a column of texts is the text 01037, `12.50` in one of decimals is exact.
"""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml
from pyspark.sql import types as T

from lakehouse.unit_tests.files import Spot, YamlNode, YamlRow, is_null

_WORDS = {"true": True, "false": False}
# How near two DOUBLEs must be: what a person writes is not all that a sum of fractions holds.
NEAR = 1e-9


def values_of(
    spot: Spot, row: YamlRow, kinds: Mapping[str, T.DataType], owner: str, verb: str = "has"
) -> dict[str, Any]:
    """The values of a row by column, as columns of these types hold them.

    Raises UserError with file and line for a column that is none of `kinds`, those that `owner` `verb`, and for a value
    that is none of its type.
    """
    values: dict[str, Any] = {}
    for column, node in row.items():
        if column not in kinds:
            raise spot.at(node).error(f"{owner} {verb} no column {column}; it {verb} {', '.join(kinds)}")
        try:
            values[column] = value_of(node, kinds[column])
        except ValueError as error:
            raise spot.at(node).error(f"{column}: {error}") from None
    return values


def value_of(node: YamlNode, kind: T.DataType) -> Any:
    """The value as Arrow takes it; None for null. Raises ValueError that says what the type needs."""
    if is_null(node):
        return None
    match kind:
        case T.ArrayType():
            return [value_of(one, kind.elementType) for one in _entries(node, yaml.SequenceNode, kind)]
        case T.StructType():
            return _struct(node, kind)
        case T.MapType():
            pairs = _entries(node, yaml.MappingNode, kind)
            return {value_of(key, kind.keyType): value_of(one, kind.valueType) for key, one in pairs}
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError(f"a {kind.simpleString()} is one value")  # noqa: TRY004 - of what the user wrote
    return _scalar(str(node.value), kind)


def _entries(node: YamlNode, shape: type[yaml.CollectionNode], kind: T.DataType) -> Any:
    if not isinstance(node, shape):
        raise ValueError(f"{kind.simpleString()} is a {'list' if shape is yaml.SequenceNode else 'mapping'}")  # noqa: TRY004
    return node.value


def _struct(node: YamlNode, kind: T.StructType) -> dict[str, Any]:
    given = {str(key.value): value for key, value in _entries(node, yaml.MappingNode, kind)}
    unknown = [name for name in given if name not in kind.names]
    if unknown:
        raise ValueError(f"{unknown[0]} is no field of {kind.simpleString()}")
    return {f.name: value_of(given[f.name], f.dataType) if f.name in given else None for f in kind.fields}


def _scalar(text: str, kind: T.DataType) -> Any:
    parse = next((parse for shape, parse in _PARSERS.items() if isinstance(kind, shape)), None)
    if parse is None:
        raise ValueError(f"a column of {kind.simpleString()} cannot be given in a test")
    try:
        value = parse(text)
    except (ValueError, InvalidOperation):
        raise ValueError(f"{text!r} is no {kind.simpleString()}") from None
    return _decimal(value, kind) if isinstance(kind, T.DecimalType) else value


def _decimal(value: Decimal, kind: T.DecimalType) -> Decimal:
    fitted = value.quantize(Decimal(1).scaleb(-kind.scale))
    if fitted != value:
        raise ValueError(f"{value} has more places than {kind.simpleString()}")
    return fitted


def _boolean(text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ValueError(text)
    return _WORDS[text.lower()]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


_PARSERS: Mapping[type[T.DataType], Callable[[str], Any]] = {
    T.StringType: str,
    T.BooleanType: _boolean,
    T.IntegralType: int,
    T.DoubleType: float,
    T.FloatType: float,
    T.DecimalType: Decimal,
    T.DateType: date.fromisoformat,
    T.TimestampType: _moment,
    T.TimestampNTZType: datetime.fromisoformat,
}


def inferred_type(nodes: list[YamlNode]) -> T.DataType:
    """The type of a column that nothing tells, by its first value that is not null; STRING without one."""
    for node in nodes:
        match node.tag.rpartition(":")[2]:
            case "bool":
                return T.BooleanType()
            case "int":
                return T.LongType()
            case "float":
                return T.DoubleType()
            case "timestamp":
                return T.DateType() if len(str(node.value)) == len("2026-01-01") else T.TimestampType()
            case "null":
                continue
        return T.StringType()
    return T.StringType()


def value_of_arrow(value: Any, kind: T.DataType) -> Any:
    """A value that Arrow gave, in the form of value_of."""
    if value is None:
        return None
    match kind:
        case T.ArrayType():
            return [value_of_arrow(one, kind.elementType) for one in value]
        case T.StructType():
            return {field.name: value_of_arrow(value[field.name], field.dataType) for field in kind.fields}
        case T.MapType():
            return {key: value_of_arrow(one, kind.valueType) for key, one in dict(value).items()}
        case T.TimestampType():
            return value.astimezone(UTC)
    return value


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same; DOUBLEs to nine digits."""
    if isinstance(one, float) or isinstance(other, float):
        return _near(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return one == other


def _near(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=NEAR) or (math.isnan(one) and math.isnan(other))


def text_of(value: Any) -> str:
    """A value as YAML in one line, as it reads best: plain where that reads back as the same text."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case datetime():
            return value.replace(tzinfo=None).isoformat(" ")
        case list():
            return f"[{', '.join(map(text_of, value))}]"
        case dict():
            return f"{{{', '.join(f'{text_of(key)}: {text_of(one)}' for key, one in value.items())}}}"
    return str(value) if isinstance(value, int | float | Decimal | date) else _quoted(str(value))


def _quoted(text: str) -> str:
    """Quotes only around what would read as something else: the column's type decides of numbers and dates."""
    try:
        node = yaml.compose(f"[{text}, 0]", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return json.dumps(text, ensure_ascii=False)
    first = node.value[0] if isinstance(node, yaml.SequenceNode) and len(node.value) == 2 else None
    plain = isinstance(first, yaml.ScalarNode) and first.value == text and not first.style
    return (
        text if plain and first is not None and not is_null(first) else json.dumps(text, ensure_ascii=False)
    )
