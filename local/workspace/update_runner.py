"""Runs updates: the uploaded files, in a process of their own, one update at a time."""

import asyncio
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local.errors import UserError
from local.home import Home
from local.workspace import engine_events, update_order, updates
from local.workspace.context import Workspace
from local.workspace.errors import DatabricksError, invalid
from local.workspace.processes import REPOSITORY, child
from local.workspace.worker import Order

_LOG_TAIL = 4000
_POLL_SECONDS = 0.5


class UpdateRunner:
    """The updates under way in this process."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._turn = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def recover(self) -> None:
        """Take back what a crash left incomplete; updates wait until that is done."""
        self._tasks["recovery"] = asyncio.create_task(self._recover())

    async def _recover(self) -> None:
        async with self._turn:
            while not await asyncio.to_thread(_make_tables_whole, self._ws.home):
                await asyncio.sleep(_POLL_SECONDS)

    def start(self, pipeline_id: str, options: updates.Options) -> dict[str, Any]:
        """Queue an update and come back at once."""
        if options.validate_only:
            raise invalid("The local workspace runs updates only: validate_only is not available")
        cause = options.cause or "API_CALL"
        update = updates.create(self._ws, pipeline_id, options.model_dump(exclude={"cause"}), cause)
        self._tasks[update["update_id"]] = asyncio.create_task(self._run(update))
        return update

    async def wait(self, update: dict[str, Any]) -> dict[str, Any]:
        """The update when it has ended; stopping the waiting does not stop the update."""
        task = self._tasks.get(update["update_id"])
        if task:
            await asyncio.wait([task])
        return updates.find(self._ws, update["pipeline_id"], update["update_id"])

    async def stop(self, pipeline_id: str) -> None:
        """Cancel the update under way and wait until it has ended; nothing happens when there is none."""
        update = updates.active(self._ws, pipeline_id)
        task = self._tasks.get(update["update_id"]) if update else None
        if update is None or task is None:
            return
        updates.record(
            self._ws, update, "user_action", "User stopped the update.", {"user_action": {"action": "STOP"}}
        )
        task.cancel()
        await asyncio.wait([task])

    async def close(self) -> None:
        """Cancel everything: the workspace ends."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def _run(self, update: dict[str, Any]) -> None:
        folder = self._ws.runs / update["update_id"]
        try:
            async with self._turn:
                await self._update(update, folder)
        except asyncio.CancelledError:
            updates.set_state(self._ws, update, "CANCELED")
        except (UserError, DatabricksError) as error:
            self._fail(update, folder, str(error))
        except Exception as error:
            self._fail(update, folder, f"{type(error).__name__}: {error}")
        finally:
            self._tasks.pop(update["update_id"], None)
            shutil.rmtree(folder, ignore_errors=True)

    def _fail(self, update: dict[str, Any], folder: Path, error: str) -> None:
        text = update_order.in_workspace_terms(error, update, folder)
        message = f"Update {update['update_id'][:6]} has failed: {text}"
        updates.set_state(self._ws, update, "FAILED", message, text)

    async def _update(self, update: dict[str, Any], folder: Path) -> None:
        updates.set_state(self._ws, update, "INITIALIZING")
        order = await asyncio.to_thread(update_order.prepare, self._ws, update, folder)
        if not await self._work(update, order, folder / "log.txt"):
            raise UserError(f"The engine ended before the update did.\n{_tail(folder / 'log.txt')}")
        updates.set_state(self._ws, update, "COMPLETED")

    async def _work(self, update: dict[str, Any], order: Order, log: Path) -> bool:
        """Have the worker do `order`, keeping what it tells; false when it ended without a last word."""
        command, pipe = ["-m", "local.workspace.worker"], asyncio.subprocess.PIPE
        # Python workers of the engine look here: the uploaded files go before the checkout's of the same name.
        variables = {"PYTHONPATH": os.pathsep.join([order.root, str(REPOSITORY)])}
        with log.open("wb") as stderr:
            async with child(
                command, Path(order.root), stdout=pipe, stderr=stderr, variables=variables
            ) as process:
                assert process.stdin and process.stdout
                process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
                told = [self._take(update, json.loads(line)) async for line in process.stdout]
        return any(told)

    def _take(self, update: dict[str, Any], line: dict[str, Any]) -> bool:
        """Keep what the worker says; true when it was its last word. Raises UserError when that is an error."""
        if "state" in line:
            updates.set_state(self._ws, update, line["state"])
        elif "event" in line:
            if update["state"] != "RUNNING":
                updates.set_state(self._ws, update, "RUNNING")
            engine_events.keep(self._ws, update, line["event"])
        elif "error" in line:
            raise UserError(line["error"])
        else:
            engine_events.finish(self._ws, update, line["result"]["datasets"])
        return "result" in line


def _make_tables_whole(home: Home) -> bool:
    """Whether it is done; not while somebody else writes to the home."""
    from local.engine import journal
    from local.engine.lock import locked

    if not journal.unfinished(home):
        return True
    try:
        with locked(home, "the local workspace"):
            journal.restore(home)
    except UserError:
        return False
    return True


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-_LOG_TAIL:]
