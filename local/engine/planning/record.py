"""The record of what ran: how each table of a pipeline was last written, below the home's state.

It only saves work: without it, or with one that cannot be read, everything runs.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from common.home import Home
from local.engine.storage.state_file import replace_file


@dataclass(frozen=True)
class TableRecord:
    """How a table was last written.

    `engine` and `configuration` are those of the update; `code` maps the files of the table's code, relative to the
    pipeline's root, to their digests; `tables` and `paths` map what it read to how that stood (delta.data_version,
    fingerprint.files_fingerprint) and `unknown` says what it read besides; `version` is the table's own data version
    and `at` the time (UTC) at which the update ended, `seconds` how long the table took.
    """

    engine: str
    configuration: dict[str, str]
    code: dict[str, str]
    tables: dict[str, str]
    paths: dict[str, str]
    unknown: list[str]
    version: str = ""
    at: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class PipelineRecord:
    """The tables of a pipeline, and the digests of the `files` that its last whole update was read from."""

    files: dict[str, str] = field(default_factory=dict)
    tables: dict[str, TableRecord] = field(default_factory=dict)


def read_record(home: Home, pipeline: str) -> PipelineRecord:
    """The record of a pipeline; an empty one where there is none."""
    try:
        data = json.loads(_path(home, pipeline).read_text(encoding="utf-8"))
        tables = {name: TableRecord(**ran) for name, ran in data["tables"].items()}
        return PipelineRecord(
            dict(data["files"]), {name: _with_paths(ran, home.found) for name, ran in tables.items()}
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return PipelineRecord()


def write_record(home: Home, pipeline: str, record: PipelineRecord) -> None:
    """Keeps the record in place of the one before."""
    tables = {name: _with_paths(ran, home.kept) for name, ran in record.tables.items()}
    data = json.dumps(replace(record, tables=tables), default=vars, sort_keys=True)
    replace_file(_path(home, pipeline), data)


def _with_paths(ran: TableRecord, as_now: Callable[[str], str]) -> TableRecord:
    """Paths below the home are recorded relative to it, so that it may be moved."""
    return replace(ran, paths={as_now(path): seen for path, seen in ran.paths.items()})


def _path(home: Home, pipeline: str) -> Path:
    return home.state / "ran" / f"{pipeline.replace('/', '_')}.json"
