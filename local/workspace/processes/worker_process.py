"""The process that does updates. It stays for the next update of the same uploaded files: a cold engine costs most of
what a small update takes."""

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from common.errors import UserError
from local.workspace.files.objects import write_files
from local.workspace.processes.processes import REPOSITORY, child
from local.workspace.processes.threads import to_its_end
from local.workspace.processes.worker import Order

_LOG_TAIL = 4000

Take = Callable[[dict[str, Any]], bool]
# A file's workspace path and its bytes.
Uploaded = tuple[str, bytes]


class WorkerProcess:
    """At most one worker process, with the files that it runs and its log in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "files"
        self._folder = folder
        self._log = folder / "log.txt"
        self._held = AsyncExitStack()
        self._process: asyncio.subprocess.Process | None = None
        self._runs = ""

    async def do(self, order: Order, uploaded: Sequence[Uploaded], take: Take) -> None:
        """Have an order done on the uploaded files, which it finds below `files`.

        `take` is given each line that is told and says whether it was the last. What leaves this early, an error of
        `take` or a stop, ends the process. Raises UserError when it ends by itself.
        """
        done = False
        try:
            process = await self._process_for(order, uploaded)
            assert process.stdin and process.stdout
            process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
            async for line in process.stdout:
                done = take(json.loads(line))
                if done:
                    return
            tail = self._log.read_text(errors="replace")[-_LOG_TAIL:]
            raise UserError(f"The engine ended before the update did.\n{tail}")
        finally:
            if not done:
                await self.end()

    async def end(self) -> None:
        """Kill the process, if there is one, and remove its folder."""
        held, self._held, self._process = self._held, AsyncExitStack(), None
        await held.aclose()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _process_for(self, order: Order, uploaded: Sequence[Uploaded]) -> asyncio.subprocess.Process:
        """The process, or a new one where it has ended, or would run two versions of a file or from two roots.

        The engine's Python workers keep what they have imported.
        """
        runs = f"{order.root} {await asyncio.to_thread(_digest, uploaded)}"
        if self._process and self._process.returncode is None and runs == self._runs:
            return self._process
        await self.end()
        Path(order.root).mkdir(parents=True)
        await to_its_end(write_files, uploaded, self.files)
        self._runs, self._process = runs, await self._start(order)
        return self._process

    async def _start(self, order: Order) -> asyncio.subprocess.Process:
        # Python workers of the engine look here: the uploaded files go before the checkout's of the same name.
        variables = {"PYTHONPATH": os.pathsep.join([order.root, str(REPOSITORY)])}
        with self._log.open("wb") as stderr:
            return await self._held.enter_async_context(
                child(
                    ["-m", "local.workspace.processes.worker"],
                    Path(order.root),
                    stdout=asyncio.subprocess.PIPE,
                    stderr=stderr,
                    variables=variables,
                )
            )


def _digest(files: Sequence[Uploaded]) -> str:
    found = hashlib.sha256()
    for path, content in files:
        found.update(f"{path}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()
