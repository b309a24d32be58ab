"""Serves the page on loopback until it is told to end."""

import secrets
import socket
from collections.abc import Callable

import uvicorn

from common.errors import UserError
from common.home import Home
from lakehouse.page.serving.app import build_app
from lakehouse.page.serving.gate import PARAMETER, Gate

HOST = "127.0.0.1"


def serve(home: Home, port: int, ready: Callable[[str], None]) -> None:
    """Serves the page of a home; `ready` gets the link, token included, when it answers.

    Port 0 takes any free one. UserError for a port that cannot be used.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise UserError(
                f"port {port} of {HOST} cannot be used ({error}); choose another one with --port"
            ) from None
        bound, token = listener.getsockname()[1], secrets.token_urlsafe(24)
        app = Gate(build_app(home), bound, token)
        # A browser that follows a run keeps its connection: the end does not wait for it.
        config = uvicorn.Config(
            app, http="h11", ws="none", log_level="error", timeout_graceful_shutdown=1, server_header=False
        )
        _Server(config, lambda: ready(f"http://{HOST}:{bound}/?{PARAMETER}={token}")).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()
