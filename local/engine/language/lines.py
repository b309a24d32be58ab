"""On which line of a pipeline's file a name stands."""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from common.errors import UserError
from local.engine.language.loading.notebooks import Cell, cells
from local.engine.language.model import Place
from local.engine.language.places import is_own

_WORD = re.compile(r"\w+")


class Lines:
    """The lines of a pipeline's files, which are read once; `root` is the pipeline's."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._cells: dict[Path, list[Cell]] = {}
        self._trees: dict[Cell, ast.Module] = {}

    def at(self, place: Place, *texts: str) -> Place | None:
        """The first line of the statement at `place` on which one of the texts stands, the first text first."""
        cell = self._cell_at(place)
        if cell is None:
            return None
        if cell.language == "sql":
            # What reads SQL takes a moment to import, and most pipelines are Python.
            from local.engine.language.sql_lines import line_of_text

            return line_of_text(cell, place, texts)
        statement = _statement_at(self._tree(cell), place.line)
        return _in_nodes(place.file, cell, _inside(statement), texts) if statement else None

    def alone(self, place: Place, *texts: str) -> Place | None:
        """The one line of the code around `place` on which one of the texts stands; None where it stands on several."""
        cell = self._cell_at(place)
        if cell is None or cell.language == "sql":
            return None
        nodes = list(ast.walk(self._tree(cell)))
        first = _in_nodes(place.file, cell, nodes, texts)
        others = [node for node in nodes if first and getattr(node, "lineno", 0) != first.line]
        return None if _in_nodes(place.file, cell, others, texts) else first

    def words_at(self, place: Place, *, to_the_end: bool) -> set[str]:
        """The words, in lower case, of the statement at `place` or, `to_the_end`, of all from there on."""
        cell = self._cell_at(place)
        if cell is None or to_the_end:
            return set(_WORD.findall(_text_from(place).lower()))
        if cell.language == "sql":
            from local.engine.language.sql_lines import statement_words

            return {word.text.lower() for word in statement_words(cell, place.line)}
        statement = _statement_at(self._tree(cell), place.line)
        nodes = _inside(statement) if statement else ()
        return {word for node in nodes for word in _WORD.findall(str(_names(node)).lower())}

    def in_calls(self, call: Callable[[], Any], *texts: str) -> Place | None:
        """The first line on which one of the texts stands in the pipeline's functions that a call runs."""
        for code in _own_code(call, self._root):
            file, first = Path(code.co_filename), code.co_firstlineno
            last = max(line for _, _, line in code.co_lines() if line)
            for cell in self._cells_of(file):
                nodes = ast.walk(self._tree(cell))
                own = [node for node in nodes if first <= getattr(node, "lineno", 0) <= last]
                found = _in_nodes(file, cell, own, texts)
                if found:
                    return found
        return None

    def _cell_at(self, place: Place) -> Cell | None:
        return next((one for one in self._cells_of(place.file)[::-1] if one.line <= place.line), None)

    def _cells_of(self, file: Path) -> list[Cell]:
        if file not in self._cells:
            self._cells[file] = []
            with suppress(UserError, OSError, UnicodeDecodeError):
                self._cells[file].extend(cells(file))
        return self._cells[file]

    def _tree(self, cell: Cell) -> ast.Module:
        """The syntax of a cell, by the lines of its file."""
        if cell not in self._trees:
            try:
                self._trees[cell] = ast.parse("\n" * (cell.line - 1) + cell.text)
            except (SyntaxError, ValueError):
                self._trees[cell] = ast.Module([], [])
        return self._trees[cell]


def _own_code(call: Callable[[], Any], root: Path) -> list[CodeType]:
    """The pipeline's own functions that a call runs, in order."""
    seen: dict[CodeType, None] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and is_own(frame.f_code.co_filename, root):
            seen.setdefault(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    except Exception:
        # It failed before, too: only what it ran is of interest.
        return list(seen)
    finally:
        sys.setprofile(before)
    return list(seen)


def _text_from(place: Place) -> str:
    return "\n".join(place.file.read_text(encoding="utf-8", errors="replace").split("\n")[place.line - 1 :])


def _in_nodes(file: Path, cell: Cell, nodes: Iterable[ast.AST], texts: Sequence[str]) -> Place | None:
    nodes, lines = list(nodes), cell.text.split("\n")
    for text in texts:
        word = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
        for node in nodes:
            if _names(node) == text:
                return Place(file, getattr(node, "lineno", 1))
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and word.search(node.value):
                span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                return Place(file, next((n for n in span if word.search(lines[n - cell.line])), node.lineno))
    return None


def _names(node: ast.AST) -> Any:
    """The text that a node of Python is: a string, an attribute's or a parameter's name."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.FunctionDef):
        return node.name
    return node.arg if isinstance(node, ast.keyword) else None


def _statement_at(tree: ast.Module, line: int) -> ast.stmt | None:
    """The innermost statement that the line stands in; a function's decorators are part of it."""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and _first(node) <= line <= (node.end_lineno or node.lineno)
    ]
    return max(around, key=_first, default=None)


def _first(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _inside(statement: ast.stmt) -> Iterator[ast.AST]:
    return (node for node in ast.walk(statement) if hasattr(node, "lineno"))
