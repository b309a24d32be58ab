"""One writer at a time to a lakehouse."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from common.disk import told_when_full
from common.errors import UserError
from common.home import Home


@contextmanager
def locked(home: Home, purpose: str) -> Iterator[None]:
    """Holds the home's lock. Raises UserError that says who holds it when somebody else does, and DiskFull.

    The operating system lets the lock go when its holder ends, however it ends.
    """
    path = home.state / "lock"
    with told_when_full(home.path):
        home.state.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(
                    f"{home.path} is in use: {_holder(path)}. Wait until it ends, or stop it"
                ) from None
            file.seek(0)
            file.truncate()
            since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
            json.dump({"pid": os.getpid(), "purpose": purpose, "since": since}, file)
            file.flush()
            yield


def is_locked(home: Home) -> bool:
    """Whether somebody writes to the home now."""
    path = home.state / "lock"
    if not path.exists():
        return False
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"process {holder['pid']} ({holder['purpose']}) holds its lock since {holder['since']}"
    except (ValueError, KeyError):
        return "another process holds its lock"


def purpose() -> str:
    """This process's command, for the lock."""
    return "lakehouse " + " ".join(sys.argv[1:])
