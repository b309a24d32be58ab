"""Delta tables that stay open until somebody writes to them: a look at two files instead of at the whole log."""

from pathlib import Path
from typing import NamedTuple

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from common.errors import UserError
from local.engine.storage.log import check_whole, checkpoint_files, commit_files

# More tables than a pipeline has.
_AT_MOST = 500


class _Opened(NamedTuple):
    """A table and the commit that it shows, by what another table in the same folder would not share."""

    table: DeltaTable
    commit: tuple[int, int, int] | None


_opened: dict[Path, _Opened] = {}


def newest(folder: Path) -> DeltaTable | None:
    """The table in a folder as it is now, None where there is none. It is not to be moved to another version.

    Raises UserError for a log that cannot be read, with the file where a commit was cut short.
    """
    known = _opened.pop(folder, None)
    if known and known.commit and known.commit == _newest_commit(folder, known.table.version()):
        _opened[folder] = known
        return known.table
    if not DeltaTable.is_deltatable(str(folder)):
        return None
    table = _open(folder)
    while len(_opened) >= _AT_MOST:
        del _opened[next(iter(_opened))]
    _opened[folder] = _Opened(table, _newest_commit(folder, table.version()))
    return table


def _open(folder: Path) -> DeltaTable:
    check_whole(folder)
    try:
        return DeltaTable(folder)
    except DeltaError as error:
        if _without_checkpoints(folder):
            return DeltaTable(folder)
        what = str(error).partition("\n")[0]
        raise UserError(
            f"{folder}: its Delta log cannot be read ({what}): delete the folder, and run a full refresh of the table "
            "and of what reads it"
        ) from None


def _without_checkpoints(folder: Path) -> bool:
    """Whether there were checkpoints, which are gone now: one that was not written whole hides a log that is."""
    found, commits = checkpoint_files(folder), commit_files(folder)
    if not found or not commits or len(commits) <= int(commits[0].stem):
        return False
    for file in found:
        file.unlink()
    return True


def _newest_commit(folder: Path, version: int) -> tuple[int, int, int] | None:
    """The file of a version's commit: inode, time and size; None where it is not the last."""
    log = folder / "_delta_log"
    commit = log / f"{version:020}.json"
    if (log / f"{version + 1:020}.json").exists() or not commit.exists():
        return None
    facts = commit.stat()
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
