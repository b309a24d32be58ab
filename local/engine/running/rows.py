"""Rows of Python values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Rows:
    """The result of a query: column names and rows."""

    columns: list[str]
    rows: Sequence[tuple[Any, ...]]

    def as_dicts(self) -> list[dict[str, Any]]:
        """A mapping a row."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def rows_of(table: "pa.Table") -> Rows:
    """The rows of an Arrow table."""
    columns = list(table.column_names)
    values = [column.to_pylist() for column in table.columns]
    return Rows(columns, list(zip(*values, strict=True)) if values else [])
