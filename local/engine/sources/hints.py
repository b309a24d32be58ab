"""Schema hints of Auto Loader: types for columns, and for what is in them."""

import re
from collections.abc import Sequence

from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType

from common.errors import UserError

# A name, whose parts are between periods or in backticks, and its type.
_HINT = re.compile(r"\s*((?:`[^`]+`|[^\s`:])+)\s*[\s:]\s*(\S.*?)\s*", re.DOTALL)
_PART = re.compile(r"`([^`]+)`|([^.`]+)")


def hinted_columns(fields: Sequence[StructField], hints: str) -> list[StructField]:
    """The columns with the types of the hints, and behind them what is only hinted at.

    `address.zip STRING` is of a struct's field, `tags.element INT` of a list's elements, `m.key` and `m.value` of a
    map. Raises UserError for text that is no list of names and types.
    """
    found: DataType = StructType(list(fields))
    for text in _split(hints):
        match = _HINT.fullmatch(text)
        if match is None:
            raise _wrong(hints, f"{text.strip()} is no name and type")
        name, type_ = match.groups()
        whole = name.strip("`").lower()
        parts = [quoted or bare for quoted, bare in _PART.findall(name)]
        is_column = any(field.name.lower() == whole for field in fields)
        found = _with(found, [name.strip("`")] if is_column else parts, _type(type_, hints))
    assert isinstance(found, StructType)
    return found.fields


def _split(hints: str) -> list[str]:
    """The hints between the commas that stand in no type and no backticks."""
    parts, depth, quoted = [""], 0, False
    for sign in hints:
        quoted ^= sign == "`"
        depth += 0 if quoted else {"<": 1, "(": 1, ">": -1, ")": -1}.get(sign, 0)
        if sign == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return [part for part in parts if part.strip()]


def _type(text: str, hints: str) -> DataType:
    try:
        schema = StructType.fromDDL(f"c {text}")
    except Exception as error:
        raise _wrong(hints, str(error)) from error
    assert isinstance(schema, StructType)
    return schema.fields[0].dataType


def _with(kind: DataType, parts: Sequence[str], hint: DataType) -> DataType:
    """The type in which what the parts name has the hint's type."""
    if not parts:
        return hint
    first, *rest = parts
    if isinstance(kind, ArrayType) and first.lower() == "element":
        return ArrayType(_with(kind.elementType, rest, hint))
    if isinstance(kind, MapType) and first.lower() in ("key", "value"):
        key, value = (
            _with(one, rest, hint) if first.lower() == name else one
            for name, one in (("key", kind.keyType), ("value", kind.valueType))
        )
        return MapType(key, value)
    fields = list(kind.fields) if isinstance(kind, StructType) else []
    for place, field in enumerate(fields):
        if field.name.lower() == first.lower():
            fields[place] = StructField(field.name, _with(field.dataType, rest, hint))
            return StructType(fields)
    return StructType([*fields, StructField(first, _with(StructType([]), rest, hint))])


def _wrong(hints: str, why: str) -> UserError:
    return UserError(f"cloudFiles.schemaHints = {hints} is no list of columns and types ({why})")
