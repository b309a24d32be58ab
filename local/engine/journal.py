"""Leaves tables whole when an update fails or is killed.

Spark Declarative Pipelines empties a materialized view before it writes it anew, and so a streaming table in a full
refresh. The journal holds the versions from before the update; what was emptied and not written goes back to its own.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from local.engine.catalog import attach
from local.engine.delta_log import commits_after, latest_version, table_path
from local.home import Home

STREAMED = "STREAMING UPDATE"
NOTHING: dict[str, Any] = {"versions": {}, "streams": {}}
WRITES = ("WRITE", "CREATE TABLE AS SELECT", "RESTORE", STREAMED)


def begin(home: Home, tables: Iterable[str], refilled: Iterable[str] = ()) -> None:
    """Notes how the tables stand that the update writes anew.

    `tables` are results of queries; `refilled` are streaming tables of a full refresh, which reads all from the
    start: of these it is noted, too, how far their streams had come.
    """
    refilled = list(refilled)
    versions = {name: latest_version(table_path(home.warehouse, name)) for name in [*tables, *refilled]}
    streams = {name: {str(s): _newest(s) for s in _streams(home, name)} for name in refilled}
    path = _path(home)
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps({"versions": versions, "streams": streams}), encoding="utf-8")
    scratch.replace(path)


def end(home: Home) -> None:
    """Forgets the update: all its tables are whole."""
    shutil.rmtree(_aside(home), ignore_errors=True)
    _path(home).unlink(missing_ok=True)


def set_aside(home: Home, tables: Iterable[str]) -> None:
    """Takes tables out of the warehouse until the next update ends; they come back if it does not."""
    for name in tables:
        _aside(home).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(_aside(home) / name, ignore_errors=True)
        table_path(home.warehouse, name).rename(_aside(home) / name)


def unfinished(home: Home) -> bool:
    """Whether an update has begun and not ended."""
    return _path(home).exists() or _aside(home).exists()


def restore(home: Home, session: SparkSession) -> list[str]:
    """Takes each table that the update left empty back to how it was; returns their names."""
    if not unfinished(home):
        return []
    noted = json.loads(_path(home).read_text(encoding="utf-8")) if _path(home).exists() else NOTHING
    versions: dict[str, int | None] = noted["versions"]
    emptied = [
        name for name, version in versions.items() if _emptied(table_path(home.warehouse, name), version)
    ]
    attach(session, home, emptied)
    for name in emptied:
        _restore(home, session, name, versions[name])
    for name, streams in noted["streams"].items():
        if not _refilled(table_path(home.warehouse, name), versions[name]):
            _take_back(home, name, streams)
    for folder in _aside(home).glob("*"):
        if not table_path(home.warehouse, folder.name).exists():
            folder.rename(table_path(home.warehouse, folder.name))
    end(home)
    return emptied


def _refilled(table: Path, version: int | None) -> bool:
    return any(commit.operation == STREAMED for commit in commits_after(table, version))


def _take_back(home: Home, name: str, noted: Mapping[str, int | None]) -> None:
    """Lets the streams of a table that was not refilled go on where they were: its rows are there already."""
    for stream in _streams(home, name):
        newest = noted.get(str(stream))
        for checkpoint in _checkpoints(stream):
            if newest is None or int(checkpoint.name) > newest:
                shutil.rmtree(checkpoint)


def _streams(home: Home, name: str) -> list[Path]:
    """One folder for each flow into a streaming table; Spark numbers the checkpoints in it, one a full refresh."""
    return list(home.state.glob(f"pipelines/*/_checkpoints/*/{name.replace('.', '/')}/*"))


def _checkpoints(stream: Path) -> list[Path]:
    return [folder for folder in stream.iterdir() if folder.name.isdigit()]


def _newest(stream: Path) -> int | None:
    return max((int(folder.name) for folder in _checkpoints(stream)), default=None)


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


def _aside(home: Home) -> Path:
    return home.state / "aside"
