"""The formats in which commands write rows."""

from enum import StrEnum


class RowFormat(StrEnum):
    """How rows are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
