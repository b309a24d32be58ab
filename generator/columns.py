"""Arrow columns as the files need them: numbers, timestamps, money, texts put together.

Arrow imports pandas, which takes longer than 10,000 orders, as soon as it is to tell what a list or an array of
NumPy is. So columns are made from their bytes.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

# Its functions are made when it is imported, so the type checker knows none of them.
kernels: Any = pyarrow.compute

MONEY = pa.decimal128(12, 2)
DEGREES = pa.decimal128(9, 6)


def table(columns: Mapping[str, pa.Array | pa.ChunkedArray | np.ndarray]) -> pa.Table:
    """The columns by name; arrays of NumPy are whole numbers."""
    return pa.table(
        {
            name: numbers(values) if isinstance(values, np.ndarray) else values
            for name, values in columns.items()
        }
    )


def numbers(values: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """Whole numbers of 64 bits, signed or not; null where not `present`."""
    signed = values.dtype != np.uint64
    whole = np.ascontiguousarray(values, dtype=np.int64 if signed else np.uint64)
    validity = None if present is None else _bits(present)
    kind = pa.int64() if signed else pa.uint64()
    return pa.Array.from_buffers(kind, whole.size, [validity, pa.py_buffer(whole)])


def flags(values: np.ndarray) -> pa.BooleanArray:
    """True or false a row."""
    return pa.BooleanArray.from_buffers(pa.bool_(), values.size, [None, _bits(values)])


def texts(values: Sequence[str]) -> pa.StringArray:
    """Texts from a few Python strings."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


@cache
def constant(value: str) -> pa.StringScalar:
    """One text, as a kernel takes it for all rows."""
    return texts([value])[0]


def timestamps(seconds: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """Seconds since 1970 as `YYYY-MM-DD HH:MM:SS` in the file, without a zone, as Olist has it.

    Null where not `present`.
    """
    return numbers(seconds, present).view(pa.timestamp("s"))


def money(cents: np.ndarray) -> pa.Array:
    """Whole cents as an exact amount with two places."""
    return scaled(cents, MONEY)


def scaled(units: np.ndarray, kind: pa.Decimal128Type) -> pa.Array:
    """Whole numbers of the kind's smallest unit as exact decimals."""
    words = np.empty((units.size, 2), dtype=np.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    return pa.Decimal128Array.from_buffers(kind, units.size, [None, pa.py_buffer(words)])


def take(pool: pa.Array, positions: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """The pool's entry at each position; null where not `present`."""
    return pool.take(numbers(positions, present))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts put together row by row; a plain str is the same in each row."""
    same = [constant(part) if isinstance(part, str) else part for part in (*parts, "")]
    return kernels.binary_join_element_wise(*same)


def _bits(values: np.ndarray) -> pa.Buffer:
    """One bit a value, as Arrow keeps what is true or present."""
    return pa.py_buffer(np.packbits(values, bitorder="little"))
