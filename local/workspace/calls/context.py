"""What every handler of the local workspace works with."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from minilake.services.identity import USER_NAME

from common.home import Home
from local.workspace.calls.identity import Identity
from local.workspace.storage.store import Store


@dataclass(frozen=True)
class Workspace:
    """One running workspace: the home whose tables and volumes it serves, its memory and its identity."""

    home: Home
    store: Store
    identity: Identity

    @property
    def runs(self) -> Path:
        """One folder for each update or task under way, with the workspace files that it runs."""
        return self.home.workspace / "runs"

    @property
    def logs(self) -> Path:
        """What tasks print, one file a task run."""
        return self.home.workspace / "logs"


def workspace_of_request(request: Request) -> Workspace:
    """The workspace that answers `request`."""
    return request.app.state.workspace


Ws = Annotated[Workspace, Depends(workspace_of_request)]

USER = USER_NAME


def now_ms() -> int:
    """Milliseconds since 1970, the API's usual time."""
    return int(time.time() * 1000)


def rfc3339(milliseconds: int) -> str:
    """The API's other time, as 2026-11-23T10:00:00.000Z."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"
