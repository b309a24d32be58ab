"""A Delta table's columns as the API shows them: the names and texts of types, precision and comments."""

import json
import re

from deltalake import Field
from deltalake.schema import ArrayType, DataType, MapType, StructType
from pydantic import JsonValue

from local.workspace.storage.records import Sent
from local.workspace.unity.delta_tables import DeltaTable

_SQL_NAMES = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
_API_NAMES = {"long": "LONG", "integer": "INT", "short": "SHORT", "byte": "BYTE"}


class Column(Sent):
    """The API's ColumnInfo; `type_json` is Spark's JSON form of the whole column."""

    name: str
    position: int | None = None
    nullable: bool | None = None
    type_name: str | None = None
    type_text: str | None = None
    type_json: str | None = None
    type_precision: int | None = None
    type_scale: int | None = None
    comment: str | None = None
    mask: JsonValue = None


def columns_of_table(table: DeltaTable) -> tuple[Column, ...]:
    """The columns of a table, in order."""
    return tuple(_column(position, field) for position, field in enumerate(table.fields))


def _column(position: int, field: Field) -> Column:
    base = field.type.type
    precision, scale = _decimal(base)
    return Column(
        name=field.name,
        position=position,
        nullable=field.nullable,
        type_name="DECIMAL" if base.startswith("decimal") else _API_NAMES.get(base, base.upper()),
        type_text=_type_text(field.type),
        type_json=json.dumps(json.loads(field.to_json())),
        type_precision=precision,
        type_scale=scale,
        comment=field.metadata.get("comment") or None,
    )


def _decimal(base: str) -> tuple[int, int]:
    found = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", base)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _type_text(kind: DataType) -> str:
    if isinstance(kind, ArrayType):
        return f"array<{_type_text(kind.element_type)}>"
    if isinstance(kind, MapType):
        return f"map<{_type_text(kind.key_type)},{_type_text(kind.value_type)}>"
    if isinstance(kind, StructType):
        return "struct<" + ",".join(f"{field.name}:{_type_text(field.type)}" for field in kind.fields) + ">"
    return _SQL_NAMES.get(kind.type, kind.type)
