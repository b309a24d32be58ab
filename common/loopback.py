"""Serves an application to this machine only."""

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from common.errors import UserError

HOST = "127.0.0.1"


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A socket on loopback; port 0 takes any free one. UserError for a port that cannot be used."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(256)
    except (OSError, OverflowError) as error:
        listener.close()
        raise UserError(
            f"Port {port} of {HOST} cannot be used ({error}); choose another one with --port"
        ) from None
    with listener:
        yield listener


def serve_app(
    app: Any, listener: socket.socket, ready: Callable[[], None], *, grace_seconds: int = 5
) -> None:
    """Serves an ASGI application until it is told to end; `ready` is called when it answers.

    What is under way at the end has `grace_seconds` to complete.
    """
    config = uvicorn.Config(
        app, http="h11", ws="none", log_level="error", timeout_graceful_shutdown=grace_seconds
    )
    _Server(config, ready).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it answers calls and can be ended cleanly."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # An answer that the end cuts off is no error: nobody waits for it.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
