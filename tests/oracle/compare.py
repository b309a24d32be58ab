"""Whether a Spark table holds exactly the rows that the oracle expects."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from tests.oracle.silver import Row


def rows_of(found: DataFrame | pa.Table) -> list[Row]:
    """The rows as dicts of plain Python values; timestamps in UTC, without a zone."""
    table = found.toArrow() if isinstance(found, DataFrame) else found
    return [{name: plain(value) for name, value in row.items()} for row in table.to_pylist()]


def assert_same(table: DataFrame | pa.Table, expected: list[Row]) -> None:
    """Fails with the first rows that only one side has; rows are compared without order."""
    found, wanted = _sorted(rows_of(table)), _sorted(expected)
    missing = [row for row in wanted if row not in found][:3] if found != wanted else []
    surplus = [row for row in found if row not in wanted][:3] if found != wanted else []
    assert found == wanted, (
        f"{len(found)} rows, expected {len(wanted)}\nmissing: {missing}\nsurplus: {surplus}"
    )


def plain(value: Any) -> Any:
    """A value of a table as the oracle has it: a timestamp in UTC, without a zone."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(
        ({name: row[name] for name in sorted(row)} for row in rows), key=lambda row: str(list(row.values()))
    )
