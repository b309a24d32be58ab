"""What the values of a column are."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from common.errors import UserError
from local.engine.storage.delta import arrow_table

COMPUTE: Any = pc
TOP = 10
BINS = 24


@dataclass(frozen=True)
class Profile:
    """A column's counts; `least` to `mean` are None where its type has no order or no mean.

    `top` are its most frequent values with their counts, `bins` the counts of equal ranges from least to most.
    """

    column: str
    type: str
    rows: int
    nulls: int
    distinct: int
    least: Any
    most: Any
    mean: float | None
    top: list[tuple[Any, int]]
    bins: list[int]


def profile(table: DeltaTable, column: str) -> Profile:
    """The profile of one column over all rows; UserError for one that is not there."""
    if column not in {field.name for field in table.schema().fields}:
        raise UserError(f"there is no column {column}")
    values = arrow_table(table, [column])[column]
    kind = values.type
    if pa.types.is_nested(kind):
        texts = [None if value is None else str(value) for value in values.to_pylist()]
        values = pa.chunked_array([pa.array(texts, pa.string())])
    counts = COMPUTE.value_counts(values.drop_null())
    top = counts.take(COMPUTE.sort_indices(counts.field("counts"), sort_keys=[("", "descending")])[:TOP])
    ordered = not pa.types.is_boolean(values.type) and len(values) > values.null_count
    least, most = (COMPUTE.min_max(values)[end].as_py() if ordered else None for end in ("min", "max"))
    numbers = _numbers(values)
    return Profile(
        column,
        str(kind),
        len(values),
        values.null_count,
        len(counts),
        least,
        most,
        COMPUTE.mean(numbers).as_py() if numbers is not None and _is_number(kind) else None,
        [(one["values"], one["counts"]) for one in top.to_pylist()],
        _bins(numbers),
    )


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _numbers(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The values as floats, times as microseconds; None for others."""
    kind = values.type
    if pa.types.is_date(kind):
        values = values.cast(pa.timestamp("us"))
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
    return values.cast(pa.float64()).drop_null() if _is_number(values.type) else None


def _bins(numbers: pa.ChunkedArray | None) -> list[int]:
    if numbers is None or not len(numbers):
        return []
    ends = COMPUTE.min_max(numbers)
    least, width = ends["min"].as_py(), ends["max"].as_py() - ends["min"].as_py()
    if not width:
        return []
    place = COMPUTE.multiply(COMPUTE.divide(COMPUTE.subtract(numbers, least), width), float(BINS))
    numbered = COMPUTE.min_element_wise(COMPUTE.floor(place), float(BINS - 1)).cast(pa.int64())
    found = {one["values"]: one["counts"] for one in COMPUTE.value_counts(numbered).to_pylist()}
    return [found.get(number, 0) for number in range(BINS)]
