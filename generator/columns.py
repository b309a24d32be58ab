"""Arrow columns as the files need them: timestamps, money, texts put together."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

# Its functions are made when it is imported, so the type checker knows none of them.
kernels: Any = pyarrow.compute

MONEY = pa.decimal128(12, 2)
DEGREES = pa.decimal128(9, 6)


def timestamps(seconds: np.ndarray, present: np.ndarray | None = None) -> pa.Array:
    """Seconds since 1970 as `YYYY-MM-DD HH:MM:SS` in the file, without a zone, as Olist has it.

    Null where not `present`.
    """
    missing = None if present is None else ~present
    return pa.array(seconds, type=pa.int64(), mask=missing).view(pa.timestamp("s"))


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
    missing = None if present is None else ~present
    return pool.take(pa.array(positions, mask=missing))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts put together row by row; a plain str is the same in each row."""
    return kernels.binary_join_element_wise(*parts, "")
