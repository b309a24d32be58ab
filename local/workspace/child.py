"""Runs one uploaded Python file as Databricks runs a `spark_python_task`; started by its path.

The checkout is not on the import path: only the file's own folder and the environment's packages are.
"""

import os
import runpy
import signal
import sys
import threading
from pathlib import Path


def die_with_parent() -> None:
    """End this process and its children when standard input closes, which the workspace's end does."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Run the file named by the first argument with the others as its own arguments."""
    die_with_parent()
    script = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path(script).parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
