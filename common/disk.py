"""A full disk, told as what to do about it."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.errors import UserError

# As the system says it, whoever passes it on: Python, Arrow, delta-rs, Sail or Java.
FULL = re.compile(r"No space left on device|Disk quota exceeded|File too large|No usable temporary directory")

# The system's folder for scratch files; Python's own function looks for one by writing to it.
SCRATCH = Path(os.environ.get("TMPDIR", "/tmp"))  # noqa: S108


class DiskFull(UserError):  # noqa: N818 - what it says is no error of the program
    """There is no room for what is written."""


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """Whatever fails for want of room below a folder, or in the system's scratch folder, becomes DiskFull."""
    try:
        yield
    except DiskFull:
        raise
    except Exception as error:
        if not FULL.search(str(error)):
            raise
        raise DiskFull(
            f"no room is left to write: {_free(folder)}, {_free(SCRATCH)}. Make room (`lakehouse vacuum` deletes what "
            "old versions of tables held) and run again: each table is as before, or as after the update"
        ) from None


def _free(folder: Path) -> str:
    return f"{folder} has {shutil.disk_usage(folder).free / 1e6:.1f} MB free"
