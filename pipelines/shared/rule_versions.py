"""By which rules a row was judged, so that rows judged by earlier ones are known."""

import ast
import hashlib
import inspect
import json
from collections.abc import Iterator
from functools import cache
from types import FunctionType, ModuleType

from pipelines.shared import columns
from pipelines.shared.cleaning import CLEANERS
from pipelines.shared.rules import SILVER_RULES


@cache
def rules_version(dataset: str) -> str:
    """Twelve hex digits: other ones when a drop rule of silver's `dataset` or the way it is cleaned has changed.

    Comments, docstrings and blank lines make no difference.
    """
    cleaner = CLEANERS[dataset]
    assert isinstance(cleaner, FunctionType)
    judged = [SILVER_RULES[dataset].drop, list(_code(cleaner)), list(_code(columns))]
    return hashlib.md5(json.dumps(judged).encode(), usedforsecurity=False).hexdigest()[:12]


def _code(source: FunctionType | ModuleType) -> Iterator[str]:
    text = inspect.getsource(source)
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            for line in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[line] = ""
    yield from (line for line in map(str.strip, lines) if line and not line.startswith("#"))
