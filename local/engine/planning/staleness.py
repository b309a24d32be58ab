"""Why a table can have changed since it was written.

All of it is read from files: what a record says, the code, the raw files and the Delta logs. A table is stale when
anything that its rows depend on differs from its record, or when it cannot be told; then everything that reads it is.
"""

from collections.abc import Iterator, Mapping

from common.home import Home
from local.engine.language.spec import PipelineSpec
from local.engine.planning.fingerprint import ABSENT, CodeFiles, engine_fingerprint, files_fingerprint
from local.engine.planning.record import TableRecord
from local.engine.storage.log import data_version, last_cause, state_path, table_path

NEVER = "first run"
FRESH = "nothing that it depends on has changed since {} UTC"


def with_readers(stale: Mapping[str, str], record: Mapping[str, TableRecord]) -> dict[str, str]:
    """The stale tables and all that read them, directly or not, each with its reason."""
    found = dict(stale)
    to_follow = list(stale)
    while to_follow:
        source = to_follow.pop(0)
        for name, ran in record.items():
            if source in ran.tables and name not in found:
                found[name] = f"it reads {source}, which runs"
                to_follow.append(name)
    return found


def reasons(name: str, ran: TableRecord, spec: PipelineSpec, home: Home, code: CodeFiles) -> Iterator[str]:
    """Everything by which a table differs from its record; the last is what a person should hear first."""
    if ran.unknown:
        yield f"it depends on what cannot be followed: {', '.join(ran.unknown)}"
    yield from changed_sources(ran, home).values()
    yield from reasons_of_its_own(name, ran, spec, home, code)


def changed_sources(ran: TableRecord, home: Home) -> dict[str, str]:
    """The tables, files and folders that a table reads and that have changed, each with the reason to tell."""
    tables = {
        source: f"{source}, which it reads, has changed"
        for source, version in ran.tables.items()
        if data_version(table_path(home.warehouse, source)) != version
    }
    paths = {
        path: f"the files below {path} have changed"
        for path, seen in ran.paths.items()
        if files_fingerprint(path) != seen
    }
    return tables | paths


def reasons_of_its_own(
    name: str, ran: TableRecord, spec: PipelineSpec, home: Home, code: CodeFiles
) -> Iterator[str]:
    """What differs of the table itself, its code and its engine, whatever it reads."""
    folder = state_path(home, spec.name, name)
    if data_version(folder) != ran.version:
        yield f"the table itself was changed by {last_cause(folder) or 'something else'}"
    yield from _changes_of_code(ran, spec, code)


def _changes_of_code(ran: TableRecord, spec: PipelineSpec, code: CodeFiles) -> Iterator[str]:
    if ran.engine != engine_fingerprint():
        yield f"the engine has changed: {ran.engine}, now {engine_fingerprint()}"
    yield from _changes_of_configuration(ran.configuration, spec.configuration)
    for file, digest in ran.code.items():
        now = code.hash_of(file)
        if now != digest:
            yield f"{file} is gone" if now == ABSENT else f"{file} has changed"


def _changes_of_configuration(before: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    names = sorted(before.keys() | now.keys())
    yield from (
        f"the configuration {name} has changed" for name in names if before.get(name) != now.get(name)
    )
