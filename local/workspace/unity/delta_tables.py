"""The tables of this machine's warehouse, read from their Delta logs: names, columns, comments, properties."""

import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from deltalake import Field, Metadata

from common.home import Home
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.log import cdc_state_of
from local.engine.storage.table_facts import row_count

# The name of a table that is kept aside, in a folder of its own.
_ASIDE = "table"


@dataclass(frozen=True)
class DeltaTable:
    """One table as its log describes it; times in milliseconds."""

    schema: str
    name: str
    folder: Path
    table_id: str
    comment: str | None
    fields: tuple[Field, ...]
    properties: dict[str, str]
    created_at: int
    updated_at: int


def tables_in_schema(home: Home, schema: str) -> list[DeltaTable]:
    """The tables of one schema, by name; folders without a Delta log are none."""
    folder = _schema_folder(home, schema)
    if not folder.is_dir():
        return []
    found = (
        find_delta_table(home, schema, child.name) for child in sorted(folder.iterdir()) if child.is_dir()
    )
    return [table for table in found if table is not None]


def find_delta_table(home: Home, schema: str, name: str) -> DeltaTable | None:
    """One table, or None when the warehouse has none of that name."""
    folder = _schema_folder(home, schema) / name
    logged = [file for file in folder.glob("_delta_log/*") if file.suffix in (".json", ".parquet")]
    versions = sorted(file for file in logged if file.stem[:20].isdigit())
    if not versions or name.startswith(("_", ".")):
        return None
    changed = versions[-1].stat().st_mtime_ns
    metadata, fields = _described(folder, versions[-1].name, changed)
    return DeltaTable(
        schema=schema,
        name=name,
        folder=folder,
        table_id=str(metadata.id),
        comment=metadata.description,
        fields=fields,
        properties=dict(metadata.configuration),
        created_at=metadata.created_time or changed // 1_000_000,
        updated_at=changed // 1_000_000,
    )


def all_rows(table: DeltaTable, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """All rows of a small table; all columns, or those named."""
    found = open_table(table.folder)
    return arrow_table(found, columns).to_pylist() if found else []


def count_rows(table: DeltaTable) -> int:
    """The number of rows, from the data files' statistics."""
    found = open_table(table.folder)
    return row_count(found) if found else 0


def remove_schema(home: Home, schema: str) -> None:
    """Delete a schema's folder."""
    shutil.rmtree(_schema_folder(home, schema), ignore_errors=True)


def drop_table(table: DeltaTable) -> None:
    """Delete one table with its data, and what the engine keeps beside it."""
    for folder in (table.folder, cdc_state_of(table.folder)):
        shutil.rmtree(folder, ignore_errors=True)


def move_aside(table: DeltaTable, folder: Path) -> None:
    """Move a table into a folder of its own, with what the engine keeps beside it: the table first, whole."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.move(table.folder, folder / _ASIDE)
    if cdc_state_of(table.folder).is_dir():
        shutil.move(cdc_state_of(table.folder), cdc_state_of(folder / _ASIDE))


def move_back(home: Home, schema: str, name: str, folder: Path) -> None:
    """Move a table back from aside, where there is none of its name; the table last, whole."""
    target = _schema_folder(home, schema) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if cdc_state_of(folder / _ASIDE).is_dir():
        shutil.rmtree(cdc_state_of(target), ignore_errors=True)
        shutil.move(cdc_state_of(folder / _ASIDE), cdc_state_of(target))
    # A folder without a log is no table, yet the move would end inside it.
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(folder / _ASIDE, target)
    folder.rmdir()


def is_aside(folder: Path) -> bool:
    """Whether a table was moved to this folder."""
    return (folder / _ASIDE).is_dir()


def _schema_folder(home: Home, schema: str) -> Path:
    return home.warehouse / f"{schema}.db"


@lru_cache(maxsize=4096)
def _described(folder: Path, *_newest: str | int) -> tuple[Metadata, tuple[Field, ...]]:
    """The table's metadata and fields; the cache holds for the newest commit, so as long as none is added."""
    table = open_table(folder)
    assert table
    return table.metadata(), tuple(table.schema().fields)
