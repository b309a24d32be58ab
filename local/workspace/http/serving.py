"""A workspace in a process of its own, for rehearsals and tests."""

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

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import Home

_EXPORT = re.compile(r"export (DATABRICKS_HOST|DATABRICKS_TOKEN)=(\S+)")


@dataclass(frozen=True)
class Served:
    """Where the workspace answers, and its process."""

    host: str
    token: str
    process: subprocess.Popen[str]
    log: IO[str]

    def problems(self) -> str:
        """What the process has said of problems so far."""
        self.log.seek(0)
        return self.log.read()

    def client(self) -> WorkspaceClient:
        """An SDK client, whatever the environment says of other workspaces."""
        return WorkspaceClient(host=self.host, token=self.token, auth_type="pat")

    @property
    def variables(self) -> dict[str, str]:
        """What Terraform and the SDK read from the environment."""
        return {"DATABRICKS_HOST": self.host, "DATABRICKS_TOKEN": self.token}

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
            yield _started(process, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _started(process: subprocess.Popen[str], log: IO[str]) -> Served:
    assert process.stdout
    found = dict(_EXPORT.findall(process.stdout.readline() + process.stdout.readline()))
    if len(found) != 2:
        process.wait()
        log.seek(0)
        raise UserError(f"The workspace did not start.\n{log.read().strip()}")
    return Served(found["DATABRICKS_HOST"], found["DATABRICKS_TOKEN"], process, log)
