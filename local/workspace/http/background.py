"""What the workspace does between calls: updates and job runs."""

import shutil
from types import TracebackType

from local.workspace.calls.context import Workspace
from local.workspace.jobs import run_records
from local.workspace.jobs.run_scheduler import JobRuns
from local.workspace.pipelines import update_records
from local.workspace.pipelines.update_runner import UpdateRunner


class Background:
    """Everything under way; leaving the block ends it."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self.updates = UpdateRunner(ws)
        self.runs = JobRuns(ws, self.updates)

    async def __aenter__(self) -> "Background":
        """Fail what a crash left under way and clear its scratch files."""
        update_records.recover(self._ws)
        run_records.recover(self._ws)
        shutil.rmtree(self._ws.runs, ignore_errors=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop runs and updates."""
        await self.runs.close()
        await self.updates.close()
