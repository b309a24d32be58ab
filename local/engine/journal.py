"""Leaves tables whole when an update fails or is killed.

Spark Declarative Pipelines empties a materialized view before it writes it anew, and so a streaming table in a full
refresh. An update therefore sets these tables aside and lets Spark create them: one that it does not complete comes
back. It also spares Spark reading the log of what it is about to empty, and takes any change of columns.
"""

import json
import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from common.home import Home
from local.engine.delta_log import commit_files, commits_after, table_path
from local.engine.java import is_running

STREAMED = "STREAMING UPDATE"
WRITES = {"WRITE", "CREATE TABLE AS SELECT", STREAMED}
PATIENCE = 30.0


def begin(home: Home, engine: int, rewritten: Iterable[str], refilled: Iterable[str] = ()) -> None:
    """Sets aside the tables that the update of this engine (its process) writes anew.

    `rewritten` are results of queries; `refilled` are streaming tables of a full refresh, which reads all from the
    start: of these it is noted, too, how far their streams had come.
    """
    refilled = list(refilled)
    tables = [*rewritten, *refilled]
    for name in tables:
        shutil.rmtree(folder_aside(home, name), ignore_errors=True)
    existed = {name: table_path(home.warehouse, name).exists() for name in tables}
    streams = {name: {str(s): _newest(s) for s in _streams(home, name)} for name in refilled}
    noted = {"engine": engine, "tables": existed, "streams": streams}
    scratch = _path(home).with_suffix(".new")
    scratch.write_text(json.dumps(noted), encoding="utf-8")
    scratch.replace(_path(home))
    for name in tables:
        if existed[name]:
            folder_aside(home, name).parent.mkdir(exist_ok=True)
            table_path(home.warehouse, name).rename(folder_aside(home, name))


def end(home: Home) -> None:
    """Forgets the update: all its tables are whole. What they were before stays aside until the next one."""
    _path(home).unlink(missing_ok=True)


def folder_aside(home: Home, table: str) -> Path:
    """The folder of a table as it was before the last update that wrote it anew; there may be none."""
    return home.state / "aside" / table


def standing_aside(home: Home) -> dict[str, Path]:
    """The tables that an update under way has not written yet, each with the folder of how it was before."""
    try:
        torn = _torn(home, _noted(home))
    except FileNotFoundError:
        return {}
    return {name: folder_aside(home, name) for name in torn if folder_aside(home, name).exists()}


def unfinished(home: Home) -> bool:
    """Whether an update has begun and not ended."""
    return _path(home).exists()


def restore(home: Home, own_engine: int | None = None) -> list[str]:
    """Takes each table that the update did not complete back to how it was; returns their names.

    Waits for the end of the engine that was at work, where that is not the caller's own.
    """
    if not unfinished(home):
        return []
    noted = _noted(home)
    if noted["engine"] != own_engine:
        _wait_for(noted["engine"])
    _remove_begun(home)
    streams: dict[str, dict[str, int | None]] = noted["streams"]
    existed: dict[str, bool] = noted["tables"]
    torn = _torn(home, noted)
    for name in torn:
        _put_back(home, name, existed[name])
        if name in streams:
            _take_back(home, name, streams[name])
    end(home)
    return torn


def _noted(home: Home) -> dict[str, Any]:
    return json.loads(_path(home).read_text(encoding="utf-8"))


def _torn(home: Home, noted: Mapping[str, Any]) -> list[str]:
    """The tables of a noted update that it has not completed."""
    return [name for name in noted["tables"] if not _is_whole(home, name, noted["streams"].get(name))]


def _put_back(home: Home, name: str, existed: bool) -> None:
    table, aside = table_path(home.warehouse, name), folder_aside(home, name)
    # One that existed and is not aside was not moved yet, or is back already.
    if aside.exists() or not existed:
        shutil.rmtree(table, ignore_errors=True)
    if aside.exists():
        aside.rename(table)


def _is_whole(home: Home, name: str, noted: Mapping[str, int | None] | None) -> bool:
    """Whether rows were written; into a table of streams by all of them, or their next run would not read all."""
    written = {commit.operation for commit in commits_after(table_path(home.warehouse, name), None)}
    if noted is None:
        return bool(written & WRITES)
    began_anew = [_newest(stream) != noted.get(str(stream)) for stream in _streams(home, name)]
    return STREAMED in written and all(began_anew)


def _wait_for(engine: int) -> None:
    """Waits for the end of an engine whose process was killed: it goes on to write until it finds that out."""
    patient_until = time.monotonic() + PATIENCE
    while is_running(engine) and time.monotonic() < patient_until:
        time.sleep(0.05)


def _remove_begun(home: Home) -> None:
    """Removes the tables that were begun and never committed to: Spark would neither read nor create them."""
    for log in home.warehouse.glob("*.db/*/_delta_log"):
        if not commit_files(log.parent):
            shutil.rmtree(log.parent)


def _take_back(home: Home, name: str, noted: Mapping[str, int | None]) -> None:
    """Lets the streams into a table go on where they were: its rows are there already."""
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


def _path(home: Home) -> Path:
    return home.state / "update.json"
