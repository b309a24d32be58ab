"""How far a flow has read its sources.

A progress is a file of its own beside the table's data, written before the commit that it belongs to. It counts only
when the table's newest transaction of the flow has its number: Delta keeps that number through every clean-up.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from common.home import Home
from local.engine.sources.files import FileState
from local.engine.storage.delta import open_table

FOLDER = "_progress"


@dataclass(frozen=True)
class TableVersion:
    """The state of a table: its identity, which a table made anew does not share, and its version."""

    id: str
    version: int


@dataclass(frozen=True)
class Progress:
    """What a flow has read.

    `tables` maps a source's name to the version up to which its rows were read. `files` maps an Auto Loader source to
    its files, `schemas` to its columns (JSON of a StructType) at the last read. `done` is for a flow that runs once.
    """

    tables: Mapping[str, TableVersion] = field(default_factory=dict)
    files: Mapping[str, list[FileState]] = field(default_factory=dict)
    schemas: Mapping[str, str] = field(default_factory=dict)
    done: bool = False

    def then(self, after: "Progress", *, done: bool) -> "Progress":
        """The same, with what was read since; a source that was not read again stays as it was."""
        return Progress(
            {**self.tables, **after.tables},
            {**self.files, **after.files},
            {**self.schemas, **after.schemas},
            done=self.done or done,
        )

    def with_table(self, name: str, version: TableVersion) -> "Progress":
        """The same, with a table read up to a version."""
        return replace(self, tables={**self.tables, name: version})

    def with_files(self, source: str, files: list[FileState], schema: str) -> "Progress":
        """The same, with these files of a source read."""
        return replace(self, files={**self.files, source: files}, schemas={**self.schemas, source: schema})


def read_progress(home: Home, folder: Path, flow: str) -> tuple[int, Progress]:
    """The flow's progress into the table of this folder, and its number; 0 and nothing read at first."""
    table = open_table(folder)
    number = (table.transaction_version(flow) if table else None) or 0
    if not number:
        return 0, Progress()
    data = json.loads(_path(folder, flow, number).read_text(encoding="utf-8"))
    return number, Progress(
        {name: TableVersion(**one) for name, one in data["tables"].items()},
        {
            _found(home, source): [FileState(home.found(path), *facts) for path, *facts in files]
            for source, files in data["files"].items()
        },
        {_found(home, source): schema for source, schema in data["schemas"].items()},
        data["done"],
    )


def write_progress(home: Home, folder: Path, flow: str, number: int, progress: Progress) -> None:
    """Keeps what will have been read when the commit with this number is there; what is older than the last goes.

    Paths below the home are kept relative to it.
    """
    data = asdict(progress)
    data["files"] = {
        _kept(home, source): [[home.kept(f.path), f.size, f.modified_ns] for f in files]
        for source, files in progress.files.items()
    }
    data["schemas"] = {_kept(home, source): schema for source, schema in progress.schemas.items()}
    path = _path(folder, flow, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        json.dump(data, file)
        file.flush()
        os.fsync(file.fileno())
    _path(folder, flow, number - 2).unlink(missing_ok=True)


def _kept(home: Home, source: str) -> str:
    """The name of a source of files, which is its format and its path, as it is remembered."""
    kind, _, path = source.partition(" ")
    return f"{kind} {home.kept(path)}"


def _found(home: Home, kept: str) -> str:
    kind, _, path = kept.partition(" ")
    return f"{kind} {home.found(path)}"


def _path(folder: Path, flow: str, number: int) -> Path:
    return folder / FOLDER / f"{quote(flow, safe='')}-{number}.json"
