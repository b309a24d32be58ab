"""Some rows of a table, sorted and filtered, without an engine."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyarrow.dataset import Dataset

from common.errors import UserError
from local.engine.storage.delta import arrow_dataset
from local.engine.storage.table_facts import row_count

# pyarrow makes its functions when it is imported.
COMPUTE: Any = pc
CONDITION = re.compile(r"(!=|<=|>=|=|<|>)\s*(.*)", re.DOTALL)
COMPARED = {
    "=": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}


@dataclass(frozen=True)
class RowsPage:
    """Some rows of a table, its columns with their types, and how many rows the filters leave."""

    columns: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]
    total: int


@dataclass(frozen=True)
class Order:
    """By which column rows are sorted; nulls come last."""

    column: str
    descending: bool = False


def rows_page(
    table: DeltaTable, filters: Mapping[str, str], order: Order | None, start: int, size: int
) -> RowsPage:
    """`size` rows from `start`. A filter is a text that the column holds, or `>= 10`, `= x`, `null`, `not null`.

    UserError for a column that is not there and for a value that is none of its type.
    """
    rows = arrow_dataset(table)
    columns = [(field.name, str(field.type)) for field in rows.schema]
    wanted = {name: text.strip() for name, text in filters.items() if text.strip()}
    _check(rows.schema, [*wanted, *([order.column] if order else [])])
    if wanted or order:
        positions, total = _positions(rows, wanted, order, start + size)
        chosen = positions.slice(start, size).to_pylist()
    else:
        total = row_count(table)
        chosen = range(start, min(start + size, total))
    return RowsPage(columns, _values(_take(rows, chosen)), total)


def _positions(
    rows: Dataset, filters: Mapping[str, str], order: Order | None, until: int
) -> tuple[pa.Array, int]:
    """The positions of the first rows in order that the filters leave, and how many they leave."""
    names = dict.fromkeys([*filters, *([order.column] if order else [])])
    keys = rows.to_table(columns=list(names))
    positions = pa.array(range(keys.num_rows), pa.int64())
    for name, text in filters.items():
        mask = _mask(keys[name], text).combine_chunks()
        keys, positions = keys.filter(mask), positions.filter(mask)
    if order and keys.num_rows:
        how = "descending" if order.descending else "ascending"
        key = _sortable(keys[order.column])
        sorted_ = COMPUTE.sort_indices(pa.table({"key": key}), sort_keys=[("key", how)])
        return positions.take(sorted_.slice(0, until)), keys.num_rows
    return positions, keys.num_rows


def _mask(column: pa.ChunkedArray, text: str) -> pa.ChunkedArray:
    """Whether each value meets a filter; null where the value is."""
    if text in {"null", "not null"}:
        return column.is_null() if text == "null" else column.is_valid()
    found = CONDITION.fullmatch(text)
    if found and not pa.types.is_nested(column.type):
        value = _typed(found[2].strip(), column.type)
        return getattr(COMPUTE, COMPARED[found[1]])(column, value)
    return COMPUTE.match_substring(_texts(column), text, ignore_case=True)


def _typed(text: str, kind: pa.DataType) -> pa.Scalar:
    try:
        if pa.types.is_timestamp(kind):
            moment = datetime.fromisoformat(text)
            return pa.scalar(moment, pa.timestamp("us")).cast(pa.timestamp("us", kind.tz))
        if pa.types.is_date(kind):
            return pa.scalar(date.fromisoformat(text), kind)
        return pa.scalar(text).cast(kind)
    except (ValueError, pa.ArrowException):
        raise UserError(f"{text!r} is no value of the type {kind}") from None


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        values = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(values, pa.string())])
    return column.cast(pa.string())


def _sortable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    is_unordered = pa.types.is_nested(column.type) or pa.types.is_boolean(column.type)
    return _texts(column) if is_unordered else column


def _take(rows: Dataset, positions: Sequence[int]) -> pa.Table:
    """Rows at positions, in the order of these: only the files that hold them are read."""
    parts, places, passed = [], {}, 0
    for fragment in rows.get_fragments():
        count = fragment.count_rows()
        own = [place for place in positions if passed <= place < passed + count]
        if own:
            part = fragment.to_table(schema=rows.schema)
            parts.append(part.take(pa.array([place - passed for place in own], pa.int64())))
            places.update({place: len(places) + number for number, place in enumerate(own)})
        passed += count
    if not parts:
        return rows.schema.empty_table()
    return pa.concat_tables(parts).take(pa.array([places[place] for place in positions], pa.int64()))


def _check(schema: pa.Schema, names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in schema.names]
    if unknown:
        raise UserError(f"there is no column {unknown[0]}; the table has: {', '.join(schema.names)}")


def _values(rows: pa.Table) -> list[tuple[Any, ...]]:
    columns = [column.to_pylist() for column in rows.columns]
    return list(zip(*columns, strict=True)) if columns else []
