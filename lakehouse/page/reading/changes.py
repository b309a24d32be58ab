"""Which rows an update added, removed and changed, by the versions of the table; no engine."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from lakehouse.page.reading.updates import DatasetStep
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.log import changes_after
from local.engine.storage.table_facts import row_count

# Beyond it the answer would take seconds.
AT_MOST = 200_000
TOO_MANY = f"more than {AT_MOST:,} rows are not compared here"


@dataclass(frozen=True)
class ChangedRows:
    """How many rows were added, removed and changed; or, without these, why it cannot be told."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    problem: str = ""


def changes_of(folder: Path, step: DatasetStep, keys: Sequence[str]) -> ChangedRows:
    """What a step did to the rows of its table; without keys a changed row is one removed and one added."""
    versions = _versions(folder, step)
    if versions is None:
        return ChangedRows(problem="the table's history does not reach back to it")
    before, after = versions
    grew = _growth(folder, before, after)
    if grew is not None:
        return ChangedRows(added=grew)
    new = _rows(folder, after)
    old = _rows(folder, before) if before is not None else None
    if new is None or old is None:
        return ChangedRows(problem="its files are gone")
    if max(new.num_rows, old.num_rows) > AT_MOST:
        return ChangedRows(problem=TOO_MANY)
    if new.schema.names != old.schema.names or new.schema.types != old.schema.types:
        return ChangedRows(problem="its columns have changed")
    return _compared(old, new, keys)


def _versions(folder: Path, step: DatasetStep) -> tuple[int | None, int] | None:
    """The version before the step's commits, None where there was none, and the last of its commits."""
    table = open_table(folder)
    if table is None:
        return None
    # A commit's time is cut to milliseconds.
    began = (step.began - timedelta(milliseconds=2)).timestamp() * 1000
    ended = step.ended.timestamp() * 1000
    history = [(one["version"], one["timestamp"]) for one in table.history()]
    own = [version for version, at in history if began <= at <= ended]
    earlier = [version for version, at in history if at < began]
    if not own:
        return None
    if not earlier and min(own) > 0:
        return None
    return (max(earlier) if earlier else None), max(own)


def _growth(folder: Path, before: int | None, after: int) -> int | None:
    """How many rows came, where none went: by the log alone."""
    now, then = open_table(folder, after), open_table(folder, before) if before is not None else None
    if now is None or before is None or then is None:
        return row_count(now) if now and before is None else None
    try:
        changes = list(changes_after(folder, before, after))
    except FileNotFoundError:
        return None
    return None if any(one.removed for one in changes) else row_count(now) - row_count(then)


def _rows(folder: Path, version: int) -> pa.Table | None:
    try:
        table = open_table(folder, version)
        return arrow_table(table) if table else None
    except (OSError, pa.ArrowException):
        return None


def _compared(old: pa.Table, new: pa.Table, keys: Sequence[str]) -> ChangedRows:
    if not keys:
        those, these = Counter(_texts(old)), Counter(_texts(new))
        return ChangedRows((these - those).total(), (those - these).total())
    before, after = _by_key(old, keys), _by_key(new, keys)
    both = before.keys() & after.keys()
    changed = sum(before[key] != after[key] for key in both)
    return ChangedRows(len(after) - len(both), len(before) - len(both), changed)


def _by_key(rows: pa.Table, keys: Sequence[str]) -> dict[tuple[Any, ...], str]:
    of_rows = zip(*(rows[name].to_pylist() for name in keys), strict=True)
    return dict(zip(of_rows, _texts(rows), strict=True))


def _texts(rows: pa.Table) -> list[str]:
    """Each row as a text, by which it is compared."""
    return [str(row) for row in zip(*(column.to_pylist() for column in rows.columns), strict=True)]
