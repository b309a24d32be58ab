"""Runs one uploaded Python file that uses Spark, over the tables of a home: `HOME FILE ARGUMENT...`."""

import runpy
import sys
from contextlib import ExitStack
from pathlib import Path

from common.home import Home
from local.workspace.processes.child import die_with_parent
from local.workspace.processes.worker import forget_the_checkout, wait_for_lock


def main() -> None:
    """Run the file with the arguments behind it as its own, as soon as nobody else writes to the home."""
    die_with_parent()
    home = Home(Path(sys.argv[1]))
    sys.argv = sys.argv[2:]
    forget_the_checkout()
    from local.engine.language.loading.imports import importable
    from local.engine.running.task_session import spark_of_task

    with ExitStack() as held:
        wait_for_lock(home, "a task of the local workspace", held, lambda: None)
        held.enter_context(spark_of_task(home))
        # A module beside the file may have the name of a package that the session needs, such as common.
        held.enter_context(importable(Path(sys.argv[0]).parent, {}))
        runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
