"""Makes tables whole again after a crash: the engine empties a view before it writes it anew.

As a program (`python -m local.workspace.recovery HOME`) it runs the engine's own recovery; the workspace starts it
when the last update on the home did not end, so that readers need not wait for the next update.
"""

import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

from local.home import Home
from local.workspace.child import die_with_parent
from local.workspace.context import Workspace
from local.workspace.processes import REPOSITORY, child


async def make_tables_whole(ws: Workspace) -> None:
    """Restore what an update that was cut off left empty; nothing happens when the last one ended."""
    if not await asyncio.to_thread(_unfinished, ws.home):
        return
    command = ["-m", "local.workspace.recovery", str(ws.home.path)]
    quiet = asyncio.subprocess.DEVNULL
    async with child(command, REPOSITORY, stdout=quiet, stderr=quiet) as process:
        await process.wait()


def _unfinished(home: Home) -> bool:
    from local.engine import journal

    return journal.unfinished(home)


def main() -> None:
    """Wait for the home's lock and restore."""
    from local.engine import journal
    from local.engine.session import start_engine
    from local.workspace.worker import wait_for_lock

    die_with_parent()
    home = Home(Path(sys.argv[1]))
    with ExitStack() as held:
        wait_for_lock(home, held, lambda _: None)
        # Somebody else's update may have ended meanwhile.
        if journal.unfinished(home):
            journal.restore(home, start_engine(home.warehouse).session())


if __name__ == "__main__":
    main()
