"""Avro files as rows of the wanted types, by the rules with which Spark reads a schema of Avro."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa

from common.errors import NotSupplied, UserError
from local.engine.sources.columnar_files import MOMENT, ROWS, Columnar
from local.engine.sources.files import FileState

_PLAIN = {
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "fixed": pa.binary(),
    "string": pa.string(),
    "enum": pa.string(),
}
# By the kind that they stand over. Any other, such as time-millis, is the number or the text that is written.
_LOGICAL = {
    ("int", "date"): pa.date32(),
    ("long", "timestamp-millis"): MOMENT,
    ("long", "timestamp-micros"): MOMENT,
    ("long", "local-timestamp-millis"): pa.timestamp("us"),
    ("long", "local-timestamp-micros"): pa.timestamp("us"),
}
# Unions that are one type of Spark; of any other it makes a struct with a member for each of its types.
_WIDER = ({"int", "long"}, {"float", "double"})


class Avro(Columnar):
    """Avro: names and types as the schema in the file has them."""

    def _schema(self, file: FileState) -> pa.Schema:
        # It takes a moment to import, and most pipelines read no Avro.
        from fastavro import reader
        from fastavro.schema import expand_schema

        with _readable(file), Path(file.path).open("rb") as content:
            schema: Any = expand_schema(reader(content).writer_schema or {})
            if not isinstance(schema, dict) or schema.get("type") != "record":
                raise UserError(f"{file.path}: its schema is no record: a row is made of one")
            return pa.schema([_field(field) for field in schema["fields"]])

    def _read(self, file: FileState) -> Iterator[pa.RecordBatch]:
        from fastavro import reader

        schema = self._schema(file)
        with _readable(file), Path(file.path).open("rb") as content:
            records = iter(reader(content))
            while some := list(islice(records, ROWS)):
                yield pa.RecordBatch.from_arrays(
                    [_column(field, some) for field in schema], names=schema.names
                )


@contextmanager
def _readable(file: FileState) -> Iterator[None]:
    try:
        yield
    except NotSupplied as error:
        raise NotSupplied(f"{file.path}: {error}") from None
    except UserError:
        raise
    except Exception as error:
        # Each codec has errors of its own.
        raise UserError(f"{file.path} cannot be read ({error}): deliver it whole or remove it") from error


def _field(field: Any) -> pa.Field:
    return pa.field(field["name"], _type(field["name"], field["type"]))


def _type(name: str, schema: Any) -> pa.DataType:
    """The Arrow type of a schema that stands somewhere in the column `name`."""
    if isinstance(schema, list):
        return _union(name, schema)
    plain = schema if isinstance(schema, dict) else {"type": schema}
    kind, logical = plain["type"], plain.get("logicalType", "")
    if logical == "decimal" and kind in ("bytes", "fixed"):
        return pa.decimal128(plain["precision"], plain.get("scale", 0))
    found = _LOGICAL.get((kind, logical)) or _PLAIN.get(kind) or _nested(name, plain)
    if found is None:
        raise NotSupplied(f"column {name}: {kind} stands within itself, for which Spark has no type")
    return found


def _nested(name: str, schema: dict[str, Any]) -> pa.DataType | None:
    if schema["type"] == "record":
        return pa.struct([_field(field) for field in schema["fields"]])
    if schema["type"] == "array":
        return pa.list_(_type(name, schema["items"]))
    return pa.map_(pa.string(), _type(name, schema["values"])) if schema["type"] == "map" else None


def _union(name: str, schemas: list[Any]) -> pa.DataType:
    some = [schema for schema in schemas if schema != "null"]
    if len(some) == 1:
        return _type(name, some[0])
    if len(some) == 2 and (wider := {str(one) for one in some}) in _WIDER:
        return pa.int64() if "long" in wider else pa.float64()
    kinds = [schema["type"] if isinstance(schema, dict) else schema for schema in some]
    raise NotSupplied(
        f"column {name}: a union of {', '.join(map(str, kinds)) or 'nothing but null'} is not supplied on one machine; "
        "write one type and null"
    )


def _column(field: pa.Field, records: list[Any]) -> pa.Array:
    return pa.array([_value(record[field.name], field.type) for record in records], field.type)


def _value(value: Any, kind: pa.DataType) -> Any:
    """A value as Arrow takes it: maps as pairs, times of day as numbers, UUIDs as texts in small letters."""
    if isinstance(value, dict):
        if pa.types.is_map(kind):
            return [(key, _value(one, kind.item_type)) for key, one in value.items()]
        return {field.name: _value(value[field.name], field.type) for field in kind}
    if isinstance(value, list):
        return [_value(one, kind.value_type) for one in value]
    if isinstance(value, time):
        micros = (datetime.combine(date.min, value) - datetime.min) // timedelta(microseconds=1)
        return micros if pa.types.is_int64(kind) else micros // 1000
    return str(value) if isinstance(value, UUID) else value
