"""What a Delta table's log says, read without Spark (the Delta transaction log protocol)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What changes a table's files or settings and none of its rows.
MAINTENANCE = {
    "ADD COLUMNS", "CHANGE COLUMN", "CLUSTER BY", "OPTIMIZE", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES",
    "UPDATE SCHEMA", "VACUUM END", "VACUUM START",
}  # fmt: skip


@dataclass(frozen=True)
class Commit:
    """One version of a table: what wrote it and the writer's own figures (text, by the protocol)."""

    version: int
    operation: str
    metrics: dict[str, str]
    timestamp_ms: int

    @property
    def rows(self) -> int | None:
        """The rows that the commit wrote, where the writer says."""
        figure = self.metrics.get("numOutputRows")
        return int(figure) if figure is not None else None


def table_path(warehouse: Path, name: str) -> Path:
    """The folder of `schema.table`."""
    schema, table = name.split(".")
    return warehouse / f"{schema}.db" / table


def table_names(warehouse: Path) -> list[str]:
    """Every Delta table below the warehouse, as `schema.table`, sorted."""
    return sorted(
        f"{folder.parent.name.removesuffix('.db')}.{folder.name}"
        for folder in warehouse.glob("*.db/*")
        if commit_files(folder)
    )


def data_version(table: Path) -> str:
    """Names the state of a table's rows: equal as long as nothing but maintenance was done; empty for no table."""
    for file in sorted(commit_files(table), reverse=True):
        commit = _commit(file)
        if commit.operation not in MAINTENANCE:
            return f"{commit.version}@{commit.timestamp_ms}"
    return ""


def latest_version(table: Path) -> int | None:
    """The newest version of a table, None when there is no such table."""
    versions = [int(file.stem) for file in commit_files(table)]
    return max(versions, default=None)


def commits_after(table: Path, version: int | None) -> Iterator[Commit]:
    """The commits that are newer than `version` (None: all that the log still holds), oldest first."""
    for file in sorted(commit_files(table)):
        if version is None or int(file.stem) > version:
            yield _commit(file)


def _commit(file: Path) -> Commit:
    info: dict[str, Any] = next((a["commitInfo"] for a in actions_of(file) if "commitInfo" in a), {})
    return Commit(
        version=int(file.stem),
        operation=info.get("operation", ""),
        metrics=info.get("operationMetrics", {}),
        timestamp_ms=info.get("timestamp", 0),
    )


def commit_files(table: Path) -> list[Path]:
    """The files of a table's commits that the log still holds, in no order."""
    return [file for file in (table / "_delta_log").glob("*.json") if file.stem.isdigit()]


def actions_of(commit: Path) -> Iterator[dict[str, Any]]:
    """The actions of one commit."""
    with commit.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def latest_commit_time(table: Path) -> int:
    """When a table's data last changed, in milliseconds since 1970 UTC; 0 for a table without data."""
    changed = [
        c.timestamp_ms for c in commits_after(table, None) if c.rows is not None or c.operation == "RESTORE"
    ]
    return max(changed, default=0)
