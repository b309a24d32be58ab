"""What a Delta table holds at a version, replayed from its log without Spark (the Delta transaction log protocol)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from local.engine.delta_log import actions_of, commit_files

CHECKPOINT = re.compile(r"(?P<version>\d{20})\.checkpoint.*\.parquet")
# Reader versions above this one name features without which the data files do not say it all.
PLAIN_READER = 1


@dataclass(frozen=True)
class TableState:
    """A table at one version: its newest `metaData` and `protocol` action, and its `add` actions by path."""

    folder: Path
    metadata: dict[str, Any]
    protocol: dict[str, Any]
    adds: dict[str, dict[str, Any]]

    @property
    def files(self) -> list[Path]:
        """The data files."""
        return [self.folder / unquote(path) for path in self.adds]

    @property
    def is_plain(self) -> bool:
        """Whether the data files hold every row and column: no partitions, deletion vectors or mapped columns."""
        return self.protocol["minReaderVersion"] <= PLAIN_READER and not self.metadata["partitionColumns"]


def table_state(table: Path, version: int | None = None) -> TableState:
    """The state of the table in a folder at `version`, else at the newest. Raises ValueError for no table."""
    newest: dict[str, Any] = {}
    adds: dict[str, dict[str, Any]] = {}
    for action in _actions_until(table, version):
        newest.update({kind: action[kind] for kind in ("metaData", "protocol") if action.get(kind)})
        if action.get("add"):
            adds[action["add"]["path"]] = action["add"]
        if action.get("remove"):
            adds.pop(action["remove"]["path"], None)
    if not newest:
        raise ValueError(f"{table} is no Delta table")
    return TableState(table, newest["metaData"], newest["protocol"], adds)


def _actions_until(table: Path, version: int | None) -> Iterator[dict[str, Any]]:
    """All actions that count, oldest first: the newest checkpoint, then the commits that follow."""
    checkpoints = sorted(_checkpoints(table, version))
    since = checkpoints[-1][0] if checkpoints else -1
    for number, file in checkpoints:
        # A large one comes in parts.
        if number == since:
            yield from _rows(file)
    for commit in sorted(commit_files(table)):
        if since < int(commit.stem) and (version is None or int(commit.stem) <= version):
            yield from actions_of(commit)


def _checkpoints(table: Path, version: int | None) -> Iterator[tuple[int, Path]]:
    for file in (table / "_delta_log").glob("*.parquet"):
        found = CHECKPOINT.fullmatch(file.name)
        if found and (version is None or int(found["version"]) <= version):
            yield int(found["version"]), file


def _rows(checkpoint: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(checkpoint, columns=["add", "metaData", "protocol"]).to_pylist()
    for row in rows:
        if row["metaData"]:
            # Parquet holds a mapping as a list of pairs.
            row["metaData"]["configuration"] = dict(row["metaData"].get("configuration") or [])
    return rows
