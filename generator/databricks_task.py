"""Entry of the job's task (spark_python_task): the same command line, started from this file."""

import sys
from pathlib import Path

# Databricks puts this file's folder first on the path and may leave __file__ undefined; the package is
# imported from the folder above, and its modules must not be importable by their bare names.
sys.path[0] = str(Path(sys.path[0]).resolve().parent)

from generator.cli import main  # noqa: E402

main()
