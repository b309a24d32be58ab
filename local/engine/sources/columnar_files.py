"""Parquet and ORC files as rows of the wanted types."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from pyarrow import orc, parquet
from pyspark.sql.pandas.types import from_arrow_type
from pyspark.sql.types import DataType

from common.errors import UserError
from local.engine.sources.files import FileState
from local.engine.sources.formats import Format
from local.engine.sources.rows import Wanted, batch, rescued_members

# Rows that are held at once; of 1 KiB each they are 32 MiB.
ROWS = 32_768
MOMENT = pa.timestamp("us", "UTC")


class Columnar(Format):
    """Parquet or ORC: names and types as the files have them."""

    def columns(self, file: FileState, infer_types: bool) -> dict[str, DataType]:
        """The columns of the file's schema, with their types whether `infer_types` or not."""
        del infer_types
        return {field.name: from_arrow_type(_spark_type(field.type)) for field in self._schema(file)}

    def batches(self, file: FileState, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        """The rows; a value that does not fit its column is rescued, or without rescued data a UserError."""
        types = self.types(wanted)
        schema = self._schema(file)
        for rows in self._read(file):
            yield _fitted(file, rows.cast(schema, safe=False), wanted, types)

    def _schema(self, file: FileState) -> pa.Schema:
        with _readable(file):
            if self.options.format == "orc":
                return orc.ORCFile(file.path).schema
            return _with_moments(parquet.ParquetFile(file.path))

    def _read(self, file: FileState) -> Iterator[pa.RecordBatch]:
        with _readable(file):
            if self.options.format == "orc":
                stripes = orc.ORCFile(file.path)
                yield from (stripes.read_stripe(number) for number in range(stripes.nstripes))
            else:
                yield from parquet.ParquetFile(file.path).iter_batches(ROWS)


@contextmanager
def _readable(file: FileState) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"{file.path} cannot be read ({error}): deliver it whole or remove it") from error


def _with_moments(file: parquet.ParquetFile) -> pa.Schema:
    """The file's schema, with Spark's older form of a timestamp (96 bits), which names no zone, as one in UTC."""
    schema = file.schema_arrow
    for place in range(len(file.schema)):
        column = file.schema.column(place)
        if column.physical_type == "INT96" and column.path == column.name:
            at = schema.get_field_index(column.name)
            schema = schema.set(at, pa.field(column.name, MOMENT))
    return schema.remove_metadata()


def _spark_type(kind: pa.DataType) -> pa.DataType:
    """The type that Spark has for one of Arrow's."""
    if pa.types.is_timestamp(kind):
        return MOMENT if kind.tz else pa.timestamp("us")
    if pa.types.is_dictionary(kind):
        return kind.value_type
    unsigned = {
        pa.uint8(): pa.int16(),
        pa.uint16(): pa.int32(),
        pa.uint32(): pa.int64(),
        pa.uint64(): pa.decimal128(20),
    }
    return unsigned.get(kind, kind)


def _fitted(
    file: FileState, rows: pa.RecordBatch, wanted: Wanted, types: list[pa.DataType]
) -> pa.RecordBatch:
    columns: dict[int, pa.Array] = {}
    rescued: dict[str, pa.Array] = {}
    for name, values in zip(rows.schema.names, rows.columns, strict=True):
        position = wanted.position(name)
        if name in wanted.ignored:
            continue
        if position is None or position in columns:
            rescued[name] = values
            continue
        columns[position], misfits = _cast(values, types[position])
        if misfits.null_count < len(misfits):
            if not wanted.rescues:
                raise UserError(
                    f"{file.path}: column {name} is {values.type}, which does not fit {types[position]}"
                )
            rescued[name] = misfits
    whole = [columns.get(place, pa.nulls(rows.num_rows, kind)) for place, kind in enumerate(types)]
    return batch(whole, rescued_members(rescued if wanted.rescues else {}, rows.num_rows))


def _cast(values: pa.Array, kind: pa.DataType) -> tuple[pa.Array, pa.Array]:
    """The values as a type, and those that are none of it."""
    none = pa.nulls(len(values), values.type)
    if values.type == kind:
        return values, none
    if _family(values.type) != _family(kind):
        return pa.nulls(len(values), kind), values
    try:
        # A timestamp to the nanosecond is cut to the microsecond, as in Spark.
        return values.cast(kind, safe=not pa.types.is_timestamp(kind)), none
    except pa.ArrowInvalid:
        return _cast_each(values, kind)


def _cast_each(values: pa.Array, kind: pa.DataType) -> tuple[pa.Array, pa.Array]:
    fits: list[Any] = []
    misfits: list[Any] = []
    for value in values:
        try:
            fits.append(value.cast(kind).as_py())
            misfits.append(None)
        except pa.ArrowInvalid:
            fits.append(None)
            misfits.append(value.as_py())
    return pa.array(fits, kind), pa.array(misfits, values.type)


def _family(kind: pa.DataType) -> str:
    """Types between which values are carried over; a text is never taken for a number."""
    if pa.types.is_dictionary(kind):
        return _family(kind.value_type)
    numbers = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    binaries = (
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    )
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    families = {
        "number": numbers,
        "text": texts,
        "binary": binaries,
        "list": lists,
        "date": pa.types.is_date(kind),
        "timestamp": pa.types.is_timestamp(kind),
        "struct": pa.types.is_struct(kind),
        "map": pa.types.is_map(kind),
    }
    return next((name for name, holds in families.items() if holds), str(kind))
