"""Values from names and numbers alone: value = f(seed, table, column, row[, version]).

There is no generator to advance, so no value depends on what was drawn before, on the order of tables, or on
how rows are cut into chunks. The function is splitmix64 (Steele, Lea and Flood 2014) over a key hashed from
the names.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa

RowNumbers = np.ndarray
"""Row numbers of a table over the world's whole life, uint64."""
Ints = np.ndarray
"""Drawn numbers, int64."""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
ATTEMPT = np.uint64(0xD1342543DE82EF95)
MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
ID_LENGTH = 32
HEX_PAIRS = np.frombuffer(bytes(range(1 << 8)).hex().encode(), dtype=np.uint16)
HEX_QUADS = np.stack(np.broadcast_arrays(HEX_PAIRS[:, None], HEX_PAIRS), axis=2).view(np.uint32).ravel()


@dataclass(frozen=True)
class Draws:
    """The values of one table: its name and the world's seed."""

    seed: int
    table: str

    def bits(self, column: str, rows: RowNumbers, version: int | Ints = 0) -> np.ndarray:
        """64 hashed bits a row. `version` tells apart the values of one cell over time, or over attempts."""
        name = f"{self.seed}/{self.table}/{column}".encode()
        key = np.uint64(int.from_bytes(blake2b(name, digest_size=8).digest(), "little"))
        mixed = mix(rows * GOLDEN + key)
        if isinstance(version, int) and version == 0:
            return mixed
        later = np.asarray(version, dtype=np.uint64)
        return np.where(later == 0, mixed, mix(mixed + later * ATTEMPT))

    def below(self, column: str, rows: RowNumbers, limit: int, version: int | Ints = 0) -> Ints:
        """Uniform whole numbers 0 .. limit - 1; `limit` is at most 2**31."""
        high = self.bits(column, rows, version) >> np.uint64(32)
        return ((high * np.uint64(limit)) >> np.uint64(32)).astype(np.int64)

    def between(self, column: str, rows: RowNumbers, low: int, high: int, version: int | Ints = 0) -> Ints:
        """Uniform whole numbers from `low` to `high`, both included."""
        return self.below(column, rows, high - low + 1, version) + low

    def weighted(self, column: str, rows: RowNumbers, weights: tuple[int, ...]) -> Ints:
        """Positions in `weights`, each as likely as its weight."""
        steps = np.cumsum(weights)
        return np.searchsorted(steps, self.below(column, rows, int(steps[-1])), side="right")

    def varied(self, column: str, rows: RowNumbers, size: int, version: Ints) -> Ints:
        """Numbers 0 .. size - 1, each version of a cell different from the one before; size is at least 3."""
        first = self.below(column, rows, size)
        stride = self.below(f"{column} stride", rows, size - 1)
        return np.where(version == 0, first, (first + 1 + (stride + version) % (size - 1)) % size)

    def ids(self, rows: RowNumbers) -> pa.StringArray:
        """The key of each row: 32 lower-case hex digits. Another table recomputes it from the row number."""
        words = np.empty((rows.size, 2), dtype=np.uint64)
        words[:, 0] = self.bits("id, high", rows)
        words[:, 1] = self.bits("id, low", rows)
        return fixed_width(HEX_QUADS[words.view(np.uint16)].view(np.uint8), ID_LENGTH)


def mix(value: np.ndarray) -> np.ndarray:
    """The finishing step of splitmix64, in place on the fresh array it is given."""
    value ^= value >> np.uint64(30)
    value *= MULTIPLIERS[0]
    value ^= value >> np.uint64(27)
    value *= MULTIPLIERS[1]
    value ^= value >> np.uint64(31)
    return value


def fixed_width(characters: np.ndarray, width: int) -> pa.StringArray:
    """ASCII bytes, `width` a value, as an Arrow array without copying."""
    count = characters.size // width
    ends = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(characters))


def row_numbers(first: int, count: int) -> RowNumbers:
    """`count` row numbers from `first` on."""
    return np.arange(first, first + count, dtype=np.uint64)
