"""What stands in a home: its tables, from their Delta logs."""

from datetime import UTC, datetime
from pathlib import Path

from common.errors import UserError
from common.home import Home
from local.engine.catalog import readable
from local.engine.delta_log import latest_commit_time
from local.engine.query import Rows, query


def describe(home: Home) -> Rows:
    """Each table with rows, size_bytes (of the current version), updated_at (UTC) and comment."""
    folders = readable(home)
    if not folders:
        raise UserError(f"{home.path} holds no table yet: `lakehouse generate`, then `lakehouse run`")
    counts = " union all ".join(f"select '{name}' as name, count(*) as rows from {name}" for name in folders)  # noqa: S608 - names of our own folders
    found, *details = query(home, counts, *[f"describe detail {name}" for name in folders])
    rows = {row["name"]: row["rows"] for row in found.as_dicts()}
    described = {name: detail.as_dicts()[0] for name, detail in zip(folders, details, strict=True)}
    return Rows(
        ["table", "rows", "size_bytes", "updated_at", "comment"],
        [
            (
                name,
                rows[name],
                described[name]["sizeInBytes"],
                _updated(folder),
                described[name]["description"],
            )
            for name, folder in folders.items()
        ],
    )


def _updated(table: Path) -> str:
    milliseconds = latest_commit_time(table)
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"
