"""By which rules a row was judged, so that rows judged by earlier ones are known."""

import ast
import hashlib
import inspect
import json
from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType

from pipelines.shared import columns
from pipelines.shared.cleaning import CLEANERS, clean_changes
from pipelines.shared.rules import CDC_RULES, SILVER_RULES


@cache
def rules_version(dataset: str) -> str:
    """Twelve hex digits: other ones when a drop rule of `dataset` or the way it is cleaned has changed.

    `dataset` is the short name of a table of silver or of change events. Comments, docstrings and blank lines make no
    difference.
    """
    rules, cleaners = _judged_by(dataset)
    judged = [rules, *(_code(source) for source in (*cleaners, columns))]
    return hashlib.md5(json.dumps(judged).encode(), usedforsecurity=False).hexdigest()[:12]


def _judged_by(dataset: str) -> tuple[dict[str, str], tuple[Callable[..., object], ...]]:
    if dataset in CDC_RULES:
        return CDC_RULES[dataset].drop, (CLEANERS[dataset.removesuffix("_changes")], clean_changes)
    return SILVER_RULES[dataset].drop, (CLEANERS[dataset],)


@cache
def _code(source: Callable[..., object] | ModuleType) -> list[str]:
    assert isinstance(source, FunctionType | ModuleType)
    text = inspect.getsource(source)
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            for line in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[line] = ""
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")]
