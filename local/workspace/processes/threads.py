"""Threads that a cancelled call does not leave behind."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Params = ParamSpec("Params")
Result = TypeVar("Result")


async def to_its_end(work: Callable[Params, Result], *given: Params.args, **named: Params.kwargs) -> Result:
    """What `work` returns, called on a thread; cancelled, this waits for it first.

    A thread cannot be stopped: it would go on to write into a folder that its caller has removed.
    """
    task = asyncio.create_task(asyncio.to_thread(work, *given, **named))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
