"""Threads that a cancelled call does not leave behind."""

import asyncio
from threading import Event

import pytest

from local.workspace.processes.threads import to_its_end
from tests.waiting import PATIENCE


def test_a_cancelled_call_waits_for_its_thread() -> None:
    begun, may_end, ended = Event(), Event(), Event()

    def work() -> None:
        begun.set()
        may_end.wait(PATIENCE)
        ended.set()

    async def stop_it() -> None:
        task = asyncio.create_task(to_its_end(work))
        await asyncio.to_thread(begun.wait, PATIENCE)
        task.cancel()
        await asyncio.sleep(0.05)
        assert not task.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(stop_it())
