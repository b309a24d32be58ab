"""How the Python file of a task is started: alone, or with Spark over the tables of the home where it uses that."""

from dataclasses import dataclass
from modulefinder import ModuleFinder
from pathlib import Path

from common.checkout import REPOSITORY
from common.home import Home

_ALONE = str(Path(__file__).parents[1] / "processes" / "child.py")
_WITH_SPARK = "local.workspace.processes.spark_task"


@dataclass(frozen=True)
class TaskProcess:
    """What Python is given before the file and its arguments, and where it looks for modules beside the file."""

    arguments: tuple[str, ...]
    python_path: str


def task_process(script: Path, home: Home) -> TaskProcess:
    """The process for a file, which stands among the uploaded files that it imports."""
    if not _uses_spark(script):
        # What the workspace itself imports from must not be importable for an uploaded file.
        return TaskProcess((_ALONE,), "")
    # The engine is the checkout's, and is imported before the file runs; what stands beside that comes in afterwards.
    return TaskProcess(("-P", "-m", _WITH_SPARK, str(home.path)), str(REPOSITORY))


def _uses_spark(script: Path) -> bool:
    """Whether the file, or an uploaded one that it imports, imports pyspark: the engine takes a moment to start."""
    finder = ModuleFinder([str(script.parent)])
    try:
        finder.run_script(str(script))
    except SyntaxError:
        # Running it says so, with the line.
        return False
    return any(name.partition(".")[0] == "pyspark" for name in finder.badmodules)
