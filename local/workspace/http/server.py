"""Starting the workspace: one on a home, on loopback only, ended cleanly by Ctrl-C."""

import fcntl
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from common.errors import UserError
from common.home import Home
from local.workspace.http.app import build_app, open_workspace

HOST = "127.0.0.1"

_LOCK = "lock"


def serve(home: Home, port: int, *, reset: bool, ready: Callable[[str, str], None]) -> None:
    """Serve the workspace of `home` until it is told to end; `ready` gets host and token when calls may come.

    Port 0 takes any free one. A port in use, a damaged state, a second workspace on the home: UserErrors.
    """
    with _only_one(home), _listening(port) as listener:
        if reset:
            reset_workspace(home)
        workspace = open_workspace(home)
        config = uvicorn.Config(
            build_app(workspace), http="h11", ws="none", log_level="error", timeout_graceful_shutdown=5
        )
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        try:
            _Server(config, lambda: ready(address, workspace.identity.token)).run(sockets=[listener])
        except KeyboardInterrupt:
            pass
        finally:
            workspace.store.close()


class _Server(uvicorn.Server):
    """Says when it answers calls and can be ended cleanly."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell()


def reset_workspace(home: Home) -> None:
    """Forget the workspace's state, id and token; tables and the files in volumes stay."""
    for entry in home.workspace.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != _LOCK:
            entry.unlink()


@contextmanager
def _only_one(home: Home) -> Iterator[None]:
    home.workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.workspace.chmod(0o700)
    with (home.workspace / _LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            raise UserError(
                f"A workspace already serves {home.path} (process {owner}). End it first, or choose another "
                "home with --home"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
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
