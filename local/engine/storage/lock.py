"""One writer at a time to a lakehouse."""

import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

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
            if not _taken(file):
                raise UserError(f"{home.path} is in use: {_holder(path)}. Wait until it ends, or stop it")
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
        # Of those who look, none stands in the way of another.
        return not _has(file, fcntl.LOCK_SH)


def _taken(file: TextIO) -> bool:
    """Whether the lock is ours now. Those who only look (is_locked) are waited for, a minute at most."""
    for _ in range(6_000):
        if _has(file, fcntl.LOCK_EX):
            return True
        # It can be shared with those who look, and with no writer.
        if not _has(file, fcntl.LOCK_SH):
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
        time.sleep(0.01)
    return False


def _has(file: TextIO, kind: int) -> bool:
    """Takes the lock, shared or alone, unless somebody stands in the way."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        return f"process {holder['pid']} ({holder['purpose']}) holds its lock since {holder['since']}"
    except (ValueError, KeyError):
        return "another process holds its lock"


def purpose() -> str:
    """This process's command, for the lock."""
    return "lakehouse " + " ".join(sys.argv[1:])
