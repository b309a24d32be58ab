"""Starting the workspace: one on a home, on loopback only, ended cleanly by Ctrl-C."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from common.errors import UserError
from common.home import Home
from common.loopback import HOST, listening, serve_app
from local.workspace.http.app import open_workspace, workspace_app
from local.workspace.rights.principals import NewPrincipal

_LOCK = "lock"


def serve_workspace(
    home: Home,
    port: int,
    *,
    reset: bool,
    ready: Callable[[str, str], None],
    principals: Sequence[NewPrincipal] = (),
) -> None:
    """Serve the workspace of `home` until it is told to end; `ready` gets host and token when calls may come.

    `principals` are made if they are not there, each with a token in `tokens.json` of the workspace's folder.
    Port 0 takes any free one. A port in use, a damaged state, a second workspace on the home: UserErrors.
    """
    with _only_one(home), listening(port) as listener:
        if reset:
            reset_workspace(home)
        workspace = open_workspace(home)
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        try:
            app = workspace_app(workspace, principals)
            serve_app(app, listener, lambda: ready(address, workspace.identity.token))
        except KeyboardInterrupt:
            pass
        finally:
            workspace.store.close()


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
