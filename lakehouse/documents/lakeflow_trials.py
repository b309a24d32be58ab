"""Which tests try which feature of Lakeflow, as their marks say: pytest.mark.lakeflow(feature, ..., refused=False).

A test with the argument `engine` runs on both engines; `engines=("spark",)` in the mark says that only one computes.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from common.checkout import REPOSITORY

TESTS = REPOSITORY / "tests"
_BOTH, _SAIL = ("sail", "spark"), ("sail",)


class Trial(NamedTuple):
    """A test function in a file below `tests/`, the engines that it tries, and whether it tries a refusal."""

    file: Path
    function: str
    engines: tuple[str, ...]
    refused: bool


def trials(tests: Path = TESTS) -> dict[str, list[Trial]]:
    """The tests of each feature, in the order of their files."""
    found: dict[str, list[Trial]] = defaultdict(list)
    for file in sorted(tests.rglob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        if "mark.lakeflow" in text:
            for feature, trial in _in_file(file, ast.parse(text)):
                found[feature].append(trial)
    return found


def _in_file(file: Path, tree: ast.Module) -> Iterator[tuple[str, Trial]]:
    for test in tree.body:
        if isinstance(test, ast.FunctionDef):
            for mark in filter(_is_mark, test.decorator_list):
                assert isinstance(mark, ast.Call)
                yield from ((ast.literal_eval(name), _trial(file, test, mark)) for name in mark.args)


def _is_mark(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.lakeflow"


def _trial(file: Path, test: ast.FunctionDef, mark: ast.Call) -> Trial:
    given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in mark.keywords}
    runs_on_both = "engine" in {argument.arg for argument in test.args.args}
    engines = given.get("engines", _BOTH if runs_on_both else _SAIL)
    return Trial(file, test.name, engines, given.get("refused", False))
