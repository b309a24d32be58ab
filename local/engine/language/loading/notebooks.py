"""The cells of a pipeline's files: a plain file is one cell, a notebook (.py, .sql, .ipynb) has several."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from common.errors import NotSupplied
from local.engine.language.model import Place
from local.engine.language.places import PlacedError

Language = Literal["python", "sql", "run"]
_MARK = {".py": "#", ".sql": "--"}
_OWN: dict[str, Language] = {".py": "python", ".sql": "sql"}
_CELLS: dict[str, Language] = {"py": "python", "python": "python", "sql": "sql", "run": "run"}
# What these say decides not which rows a dataset has.
_PASSED_OVER = ("md", "md-sandbox", "html", "fs", "sh")
_MAGIC = re.compile(r"%%?([\w-]+)[ \t]*")
# A command of one line, which prepares the environment; code may follow it in the same cell.
_OF_A_LINE = re.compile(
    r"!|%%?(pip|conda|uv|restart_python|load_ext|autoreload|matplotlib|config|time|capture)\b"
)


@dataclass(frozen=True)
class Cell:
    """Code of one language; of `run`, `text` names the notebook to run. `line` is where it begins in the file."""

    language: Language
    text: str
    line: int


def cells(file: Path) -> Iterator[Cell]:
    """The cells that are code, in order. Raises PlacedError for another language."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".ipynb":
        yield from _of_ipynb(file, text)
    elif text.startswith(f"{_MARK[file.suffix]} Databricks notebook source"):
        yield from _of_export(file, text)
    else:
        yield Cell(_OWN[file.suffix], text, 1)


def _of_export(file: Path, text: str) -> Iterator[Cell]:
    """A notebook as the workspace exports it: comments part the cells, and mark what is in another language."""
    own, mark, first = _OWN[file.suffix], _MARK[file.suffix], 1
    for part in re.split(rf"(?m)^{mark} COMMAND -+[ \t]*$", text):
        lines = part.split("\n")
        marked = [
            line.removeprefix(f"{mark} MAGIC")[1:] if line.startswith(f"{mark} MAGIC") else ""
            for line in lines
        ]
        yield from _cell(file, marked, first, own)
        if any(line.strip() and not line.lstrip().startswith(mark) for line in lines):
            yield Cell(own, part, first)
        first += len(lines) - 1


def _of_ipynb(file: Path, text: str) -> Iterator[Cell]:
    try:
        notebook = json.loads(text)
        language = (
            notebook["metadata"].get("application/vnd.databricks.v1+notebook", {}).get("language", "python")
        )
        sources = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PlacedError(Place(file, 1), f"this is no notebook: {type(error).__name__}: {error}") from None
    lines, line = text.split("\n"), 1
    for source in sources:
        code = "".join(source).split("\n")
        first = _line_of(code[0], lines, line)
        yield from _cell(file, code, first, _CELLS.get(language.lower(), "python"))
        line = first + 1


def _line_of(code: str, lines: list[str], after: int) -> int:
    """The line of the file in which a notebook holds a line of code, at or below line `after`."""
    written = json.dumps(code, ensure_ascii=False)[1:-1]
    return next((number for number in range(after, len(lines) + 1) if written in lines[number - 1]), after)


def _cell(file: Path, lines: list[str], first: int, own: Language) -> Iterator[Cell]:
    """The lines as a cell of the language that its magic command names, else of `own`; nothing without code."""
    lines = ["" if _OF_A_LINE.match(line) else line for line in lines]
    begin = next((number for number, line in enumerate(lines) if line.strip()), None)
    if begin is None:
        return
    magic = _MAGIC.match(lines[begin])
    if not magic:
        yield Cell(own, "\n".join(lines), first)
    elif magic[1] in _CELLS:
        text = "\n".join([lines[begin][magic.end() :], *lines[begin + 1 :]])
        yield Cell(_CELLS[magic[1]], text, first + begin)
    elif magic[1] not in _PASSED_OVER:
        message = f"a cell in %{magic[1]} is not supplied; write it in Python or SQL"
        raise PlacedError(Place(file, first + begin), message, NotSupplied(message))
