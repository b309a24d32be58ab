"""What stands in a home: its tables, from their Delta logs."""

from datetime import UTC, datetime

from local.engine.delta_log import latest_commit_time, table_names, table_path
from local.engine.query import Rows, query
from local.errors import UserError
from local.home import Home


def describe(home: Home) -> Rows:
    """Each table with rows, size_bytes (of the current version), updated_at (UTC) and comment."""
    names = table_names(home.warehouse)
    if not names:
        raise UserError(f"{home.path} holds no table yet: `lakehouse generate`, then `lakehouse run`")
    counts = " union all ".join(f"select '{name}' as name, count(*) as rows from {name}" for name in names)  # noqa: S608 - names of our own folders
    found, *details = query(home, counts, *[f"describe detail {name}" for name in names])
    rows = {row["name"]: row["rows"] for row in found.as_dicts()}
    described = {name: detail.as_dicts()[0] for name, detail in zip(names, details, strict=True)}
    return Rows(
        ["table", "rows", "size_bytes", "updated_at", "comment"],
        [
            (
                name,
                rows[name],
                described[name]["sizeInBytes"],
                _updated(home, name),
                described[name]["description"],
            )
            for name in names
        ],
    )


def _updated(home: Home, name: str) -> str:
    milliseconds = latest_commit_time(table_path(home.warehouse, name))
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"
