"""Where tables stand, and what their Delta logs say, read without an engine and without delta-rs.

Rules of the log: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from common.errors import UserError
from common.home import Home

CHANGING = {"add", "remove"}
# What a commit of ours says of itself: how many transactions it has, which are its last lines.
TRANSACTIONS = "lakehouse.transactions"
# And who made it, where no update did.
CAUSE = "lakehouse.cause"


def table_path(warehouse: Path, name: str) -> Path:
    """The folder of `schema.table`, or of `catalog.schema.table` for a catalog that is not the pipeline's own."""
    *catalog, schema, table = name.split(".")
    return warehouse.joinpath(*(f"{one}.catalog" for one in catalog), f"{schema}.db", table)


def state_path(home: Home, pipeline: str, name: str) -> Path:
    """The folder whose log says how what a pipeline writes was last written: a table, or the state of a sink."""
    if "." in name:
        return table_path(home.warehouse, name)
    return home.state / "sinks" / quote(pipeline, safe="") / name


def table_names(warehouse: Path) -> list[str]:
    """Every Delta table below the warehouse that readers see, sorted; names as `table_path` takes them."""
    logs = [*warehouse.glob("*.db/*/_delta_log"), *warehouse.glob("*.catalog/*.db/*/_delta_log")]
    shown = [log.parent for log in logs if not log.parent.name.startswith(("_", "."))]
    parts = [folder.relative_to(warehouse).parts for folder in shown]
    return sorted(
        ".".join(one.removesuffix(".db").removesuffix(".catalog") for one in each) for each in parts
    )


def cdc_state_of(folder: Path) -> Path:
    """The folder of the hidden table beside a target of AUTO CDC, by the target's."""
    return folder.with_name(f"__cdc_{folder.name}")


def is_streaming(folder: Path) -> bool:
    """Whether the engine fills the table in a folder from a stream."""
    return (folder / "_progress").is_dir() or cdc_state_of(folder).is_dir()


def commit_files(folder: Path) -> list[Path]:
    """The commits that a table's log still holds, newest first; none where there is no table."""
    log = folder / "_delta_log"
    try:
        with os.scandir(log) as entries:
            names = [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    commits = [name for name in names if name.endswith(".json") and name[:-5].isdigit()]
    return [log / name for name in sorted(commits, reverse=True)]


def checkpoint_files(folder: Path) -> list[Path]:
    """The files of a log that only spare readers its commits; none where there is no table."""
    log = folder / "_delta_log"
    return [*sorted(log.glob("*.checkpoint*.parquet")), *log.glob("_last_checkpoint")]


def data_version(folder: Path) -> str:
    """Names the state of a table's rows: equal as long as nothing but maintenance was done; empty for no table."""
    changed = _last_change(folder)
    if changed:
        version, info = changed
        return f"{version}@{info.get('timestamp', 0)}"
    return "0" if commit_files(folder) else ""


def last_cause(folder: Path) -> str:
    """What changed a table's rows last, where it was no update and its commit says so; else empty."""
    changed = _last_change(folder)
    return changed[1].get(CAUSE, "") if changed else ""


def _last_change(folder: Path) -> tuple[int, dict[str, Any]] | None:
    """The last version that is more than maintenance, with what its commit says of itself."""
    for commit in commit_files(folder):
        actions = _actions(folder, int(commit.stem))
        if any(action[kind].get("dataChange") for action in actions for kind in action.keys() & CHANGING):
            return int(commit.stem), _commit_info(actions)
    return None


def rewritten_since(folder: Path, seen: str) -> bool:
    """Whether all rows of a table were written anew since its data version was `seen`."""
    version = int(seen.partition("@")[0] or 0)
    commits = commit_files(folder)
    newest = int(commits[0].stem) if commits else 0
    try:
        return newest < version or any(
            change.overwritten for change in changes_after(folder, version, newest)
        )
    except FileNotFoundError:
        return True


def _actions(folder: Path, version: int) -> list[dict[str, Any]]:
    commit = folder / "_delta_log" / f"{version:020}.json"
    facts = commit.stat()
    actions = _parsed(commit, facts.st_ino, facts.st_mtime_ns, facts.st_size)
    if not actions or _lacks_its_end(actions):
        raise UserError(
            f"{commit} is cut short: the commit was not written whole. Delete that file if it is the newest of the "
            "log, and run a full refresh of the table and of what reads it"
        )
    return actions


@lru_cache(maxsize=500)
def _parsed(commit: Path, *_facts: int) -> list[dict[str, Any]]:
    """The lines of a commit, which is asked for several times in an update; none for one that is no JSON."""
    try:
        return [json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines() if line.strip()]
    except ValueError:
        return []


def _lacks_its_end(actions: list[dict[str, Any]]) -> bool:
    """Whether transactions are missing, with which each commit of ours ends and which it counts at its beginning."""
    promised = _commit_info(actions).get(TRANSACTIONS, "0")
    return len([action for action in actions if "txn" in action]) < int(promised)


def _commit_info(actions: list[dict[str, Any]]) -> dict[str, Any]:
    return next((action["commitInfo"] for action in actions if "commitInfo" in action), {})


def check_whole(folder: Path) -> None:
    """Raises UserError when the newest commit of a table was cut short, be it between two of its lines."""
    for commit in commit_files(folder)[:1]:
        _actions(folder, int(commit.stem))


@dataclass(frozen=True)
class VersionChange:
    """What one version did to a table's rows: the files that it added, whether it removed any or `overwritten` all."""

    version: int
    added: list[Path]
    removed: bool
    overwritten: bool


def changes_after(folder: Path, version: int, until: int) -> Iterator[VersionChange]:
    """What each version above `version`, up to `until`, did; FileNotFoundError for one that the log no longer holds.

    delta-rs tells of a version only who wrote it: https://github.com/delta-io/delta/blob/master/PROTOCOL.md
    """
    for number in range(version + 1, until + 1):
        actions = _actions(folder, number)
        added = [action["add"] for action in actions if "add" in action]
        removed = [action["remove"] for action in actions if "remove" in action]
        yield VersionChange(
            number,
            [folder / unquote(one["path"]) for one in added if one["dataChange"]],
            any(one["dataChange"] for one in removed),
            _commit_info(actions).get("operationParameters", {}).get("mode") == "Overwrite",
        )
