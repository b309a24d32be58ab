"""A workspace in a process of its own, for rehearsals and tests."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import Home
from local.workspace.rights.principals import TOKENS

# For what is under way; whoever waits on a machine under load waits a while.
_END_SECONDS = 120
# A call is answered when its query is done, so no client gives one up sooner and asks for it again.
_CALL_SECONDS = 600
_EXPORT = re.compile(r"export (DATABRICKS_HOST|DATABRICKS_TOKEN)=(\S+)")


@dataclass(frozen=True)
class Served:
    """Where the workspace answers, and its process."""

    host: str
    token: str
    process: subprocess.Popen[str]
    log: IO[str]
    home: Home

    def problems(self) -> str:
        """What the process has said of problems so far."""
        self.log.seek(0)
        return self.log.read()

    def client(self, role: str | None = None) -> WorkspaceClient:
        """An SDK client, whatever the environment says of other workspaces: the workspace's own user or a role's."""
        config = Config(
            host=self.host,
            token=self.token_of(role),
            auth_type="pat",
            http_timeout_seconds=_CALL_SECONDS,
        )
        return WorkspaceClient(config=config)

    def token_of(self, role: str | None) -> str:
        """The token of a role that the workspace was started with; None for its own user's."""
        if role is None:
            return self.token
        return json.loads((self.home.workspace / TOKENS).read_text())[role]["token"]

    def variables(self, role: str | None = None) -> dict[str, str]:
        """What Terraform and the SDK read from the environment."""
        return {"DATABRICKS_HOST": self.host, "DATABRICKS_TOKEN": self.token_of(role)}

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(home: Home, *arguments: str) -> Iterator[Served]:
    """The workspace of `home` on a free port, ended when the block is left; UserError when it does not start."""
    command = ["-m", "lakehouse", "workspace", "--port", "0", "--home", str(home.path), *arguments]
    # A file and no pipe: nobody reads what it says while it runs, and a full pipe would stop it.
    with TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=REPOSITORY, text=True, stdout=subprocess.PIPE, stderr=log
        )
        try:
            yield _started(process, log, home)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _started(process: subprocess.Popen[str], log: IO[str], home: Home) -> Served:
    assert process.stdout
    found = dict(_EXPORT.findall(process.stdout.readline() + process.stdout.readline()))
    if len(found) != 2:
        process.wait()
        log.seek(0)
        raise UserError(f"The workspace did not start.\n{log.read().strip()}")
    return Served(found["DATABRICKS_HOST"], found["DATABRICKS_TOKEN"], process, log, home)
