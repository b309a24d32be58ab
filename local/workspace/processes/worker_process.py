"""Does an update in a process of its own, on the uploaded files alone."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from common.checkout import REPOSITORY
from common.errors import UserError
from local.workspace.files.objects import write_files
from local.workspace.processes.processes import child
from local.workspace.processes.threads import to_its_end
from local.workspace.processes.worker import Told, UpdateOrder

_LOG_TAIL = 4000

Take = Callable[[Told], bool]
# A file's workspace path and its bytes.
Uploaded = tuple[str, bytes]


async def update_in_a_process(
    folder: Path, order: UpdateOrder, uploaded: Sequence[Uploaded], take: Take
) -> None:
    """Has an order done on the uploaded files, which it finds below `files_in(folder)`; nothing is left of `folder`.

    `take` is given all that is told and says whether it was the last. An error of `take` or a stop kills the
    process. Raises UserError when it ends by itself.
    """
    log = folder / "log.txt"
    try:
        Path(order.root).mkdir(parents=True)
        await to_its_end(write_files, uploaded, files_in(folder))
        with log.open("wb") as stderr:
            started = child(
                ["-m", "local.workspace.processes.worker"],
                Path(order.root),
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                # Python workers of the engine look here: the uploaded files go before the checkout's of the same name.
                variables={"PYTHONPATH": os.pathsep.join([order.root, str(REPOSITORY)])},
            )
            async with started as process:
                assert process.stdin and process.stdout
                process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
                async for line in process.stdout:
                    if take(Told.of(line)):
                        return
        raise UserError(
            f"The engine ended before the update did.\n{log.read_text(errors='replace')[-_LOG_TAIL:]}"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def files_in(folder: Path) -> Path:
    """Where the uploaded files of an update stand, below its folder."""
    return folder / "files"
