"""Leaves tables whole when an update fails or is killed.

Spark Declarative Pipelines empties a materialized view before it writes it anew. The journal holds the versions
from before the update; a view that was emptied and not written goes back to its version.
"""

import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from local.engine.catalog import attach
from local.engine.delta_log import commits_after, latest_version, table_path
from local.home import Home

WRITES = ("WRITE", "CREATE TABLE AS SELECT", "RESTORE")


def begin(home: Home, tables: Iterable[str]) -> None:
    """Notes the versions of the tables that the update will write anew."""
    versions = {name: latest_version(table_path(home.warehouse, name)) for name in tables}
    path = _path(home)
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(versions), encoding="utf-8")
    scratch.replace(path)


def end(home: Home) -> None:
    """Forgets the update: all its tables are whole."""
    _path(home).unlink(missing_ok=True)


def unfinished(home: Home) -> bool:
    """Whether an update has begun and not ended."""
    return _path(home).exists()


def restore(home: Home, session: SparkSession) -> list[str]:
    """Takes each table that the update left empty back to how it was; returns their names."""
    if not unfinished(home):
        return []
    versions: dict[str, int | None] = json.loads(_path(home).read_text(encoding="utf-8"))
    emptied = [
        name for name, version in versions.items() if _emptied(table_path(home.warehouse, name), version)
    ]
    attach(session, home, emptied)
    for name in emptied:
        _restore(home, session, name, versions[name])
    end(home)
    return emptied


def _restore(home: Home, session: SparkSession, name: str, version: int | None) -> None:
    if version is None:
        with suppress(PySparkException):
            session.sql(f"drop table if exists {name}")
        shutil.rmtree(table_path(home.warehouse, name), ignore_errors=True)
    else:
        session.sql(f"restore table {name} to version as of {version}")


def _emptied(table: Path, version: int | None) -> bool:
    operations = [commit.operation for commit in commits_after(table, version)]
    data = [
        operation for operation in operations if operation in (*WRITES, "TRUNCATE", "DELETE", "CREATE TABLE")
    ]
    return bool(data) and data[-1] not in WRITES


def _path(home: Home) -> Path:
    return home.state / "update.json"
