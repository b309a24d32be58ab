"""Runs the cells of a pipeline's files, each file in a namespace of its own."""

import shlex
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from local.engine.language.definitions import Definitions
from local.engine.language.loading.notebooks import Cell, cells
from local.engine.language.model import Place
from local.engine.language.places import Keep, PlacedError, raised
from local.engine.language.python.dbutils import DBUtils, NotebookExit
from local.engine.language.python.environment import python_globals
from local.engine.language.spec import SUFFIXES


class SourceRunner:
    """Runs files against a session, into definitions; `keep` is given each statement of SQL that is wrong."""

    def __init__(
        self, definitions: Definitions, session: SparkSession, dbutils: DBUtils, keep: Keep = raised
    ) -> None:
        self._keep = keep
        self._definitions = definitions
        self._session = session
        self._dbutils = dbutils

    def run(self, file: Path) -> None:
        """Runs a file from its first cell to its last, or to where it ends itself."""
        # So it is there: code may run under `if __name__ == "__main__"`, and functions are sent whole to the workers.
        names = {
            "__name__": "__main__",
            "__file__": str(file),
            **python_globals(self._session, self._dbutils),
        }
        try:
            self._run_cells(file, names)
        except NotebookExit:
            return

    def _run_cells(self, file: Path, names: dict[str, Any]) -> None:
        for cell in cells(file):
            if cell.language == "sql":
                # What reads SQL takes a moment to import, and most pipelines are Python.
                from local.engine.language.sql_definitions import add_sql

                add_sql(cell.text, file, cell.line, self._definitions, self._session, self._keep)
            elif cell.language == "run":
                self._run_notebook(cell, file, names)
            else:
                # Lines before the cell, so that errors and definitions name the file's own.
                code = compile("\n" * (cell.line - 1) + cell.text, str(file), "exec")
                exec(code, names)  # noqa: S102

    def _run_notebook(self, cell: Cell, file: Path, names: dict[str, Any]) -> None:
        """%run: another notebook in the namespace of this one, with arguments as `$name="value"`."""
        path, *arguments = shlex.split(cell.text.strip()) or [""]
        for argument in arguments:
            name, _, value = argument.removeprefix("$").partition("=")
            self._dbutils.widgets.text(name, value)
        other = file.parent / path
        found = [one for one in (other, *(Path(f"{other}{suffix}") for suffix in SUFFIXES)) if one.is_file()]
        if not found:
            message = f"%run {path}: there is no such notebook beside {file.name}"
            raise PlacedError(Place(file, cell.line), message)
        notebook = found[0].resolve()
        self._definitions.depends_on(notebook)
        self._run_cells(notebook, names)
