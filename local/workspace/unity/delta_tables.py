"""The tables of this machine's warehouse, read from their Delta logs: names, columns, comments, properties."""

import json
import re
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from deltalake import Metadata

from common.home import Home
from local.engine.storage.delta import open_table
from local.engine.storage.log import cdc_state_of
from local.engine.storage.tables import row_count

_SQL_NAMES = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
_API_NAMES = {"long": "LONG", "integer": "INT", "short": "SHORT", "byte": "BYTE"}


@dataclass(frozen=True)
class DeltaTable:
    """One table as its log describes it; times in milliseconds, `fields` in Spark's JSON form of a schema."""

    schema: str
    name: str
    folder: Path
    table_id: str
    comment: str | None
    fields: tuple[dict[str, Any], ...]
    properties: dict[str, str]
    created_at: int
    updated_at: int


def in_schema(home: Home, schema: str) -> list[DeltaTable]:
    """The tables of one schema, by name; folders without a Delta log are none."""
    folder = _schema_folder(home, schema)
    if not folder.is_dir():
        return []
    found = (read(home, schema, child.name) for child in sorted(folder.iterdir()) if child.is_dir())
    return [table for table in found if table is not None]


def read(home: Home, schema: str, name: str) -> DeltaTable | None:
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


def rows(table: DeltaTable, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """All rows of a small table; all columns, or those named."""
    found = open_table(table.folder)
    return found.to_pyarrow_table(columns=columns).to_pylist() if found else []


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


def is_streaming(table: DeltaTable) -> bool:
    """Whether the engine fills the table from a stream."""
    return (table.folder / "_progress").is_dir() or cdc_state_of(table.folder).is_dir()


def columns(table: DeltaTable) -> list[dict[str, Any]]:
    """The API's ColumnInfo of each column, in order."""
    return [_column(position, field) for position, field in enumerate(table.fields)]


def _schema_folder(home: Home, schema: str) -> Path:
    return home.warehouse / f"{schema}.db"


@lru_cache(maxsize=4096)
def _described(folder: Path, newest: str, changed: int) -> tuple[Metadata, tuple[dict[str, Any], ...]]:  # noqa: ARG001 - the newest commit is the cache's key
    """The table's metadata and fields; the cache holds as long as no commit is added."""
    table = open_table(folder)
    assert table
    return table.metadata(), tuple(json.loads(table.schema().to_json())["fields"])


def _column(position: int, field: dict[str, Any]) -> dict[str, Any]:
    kind = _without_collation(field["type"])
    base = kind if isinstance(kind, str) else kind["type"]
    precision, scale = _decimal(base)
    name = "DECIMAL" if base.startswith("decimal") else _API_NAMES.get(base, base.upper())
    info = {
        "name": field["name"],
        "position": position,
        "nullable": field["nullable"],
        "type_name": name,
        "type_text": _type_text(kind),
        "type_json": json.dumps(field | {"type": kind}),
        "type_precision": precision,
        "type_scale": scale,
    }
    comment = field.get("metadata", {}).get("comment")
    return info | ({"comment": comment} if comment else {})


def _without_collation(kind: Any) -> Any:
    """Spark writes the default collation of a column declared by DDL into its type; Databricks shows none."""
    return json.loads(json.dumps(kind).replace(" collate UTF8_BINARY", ""))


def _decimal(base: str) -> tuple[int, int]:
    found = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", base)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _type_text(kind: Any) -> str:
    if isinstance(kind, str):
        return _SQL_NAMES.get(kind, kind)
    if kind["type"] == "array":
        return f"array<{_type_text(kind['elementType'])}>"
    if kind["type"] == "map":
        return f"map<{_type_text(kind['keyType'])},{_type_text(kind['valueType'])}>"
    return "struct<" + ",".join(f"{f['name']}:{_type_text(f['type'])}" for f in kind["fields"]) + ">"
