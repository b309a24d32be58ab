"""Child processes that end with the workspace, however it ends."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

_LINE_LIMIT = 64 * 1024 * 1024


@asynccontextmanager
async def child(
    arguments: Sequence[str],
    cwd: Path,
    *,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    variables: Mapping[str, str] | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python process in a group of its own, killed with all it started when the block is left early.

    Its standard input stays open for as long as the workspace lives: a child that watches it
    (`local.workspace.processes.child`) ends even when the workspace is killed.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=cwd,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(variables or {})},
        stdin=asyncio.subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        limit=_LINE_LIMIT,
    )
    try:
        yield process
    finally:
        # The group may outlive its leader (Apache Spark, say), so it is killed whether the leader has ended or not.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin:
            process.stdin.close()
        await process.wait()
