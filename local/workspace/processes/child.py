"""Runs one uploaded Python file as Databricks runs a `spark_python_task`; started by its path.

The checkout is not on the import path: only the file's own folder and the environment's packages are.
"""

import os
import runpy
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO


def die_with_parent(on_line: Callable[[bytes], object] | None = None) -> None:
    """End this process and its children when standard input closes, which the workspace's end does.

    Until then `on_line`, if given, is called with each line of it, on a thread.
    """

    def watch() -> None:
        # Without a buffer: a thread that holds its lock would keep the process from ending.
        with open(0, "rb", buffering=0) as lines:
            for line in lines:
                if on_line:
                    on_line(line)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def conversation() -> tuple[SimpleQueue[bytes], TextIO]:
    """The lines of standard input as they come, and where to answer on standard output, a line at a time.

    Whatever else prints (Spark, a pipeline file) goes to the log, not between the answers.
    """
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    lines: SimpleQueue[bytes] = SimpleQueue()
    die_with_parent(lines.put)
    return lines, out


def main() -> None:
    """Run the file named by the first argument with the others as its own arguments."""
    die_with_parent()
    script = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path(script).parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
