"""The type checker knows the functions that a pipeline's file finds."""

import ast
from pathlib import Path
from typing import Any

from local.engine.language.definitions import Definitions
from local.engine.language.python.api import UNSUPPLIED, modules

STUB = "local/typings/pyspark/pipelines/__init__.pyi"
# Of open-source Spark's own runner; it does nothing here.
OF_SPARK = {"enable_local_execution"}


def test_the_stub_has_the_functions_of_the_module(repository: Path, tmp_path: Path) -> None:
    session: Any = None
    supplied = modules(Definitions(tmp_path, "main", "shop"), session)["pyspark.pipelines"].__all__
    body = ast.parse((repository / STUB).read_text(encoding="utf-8")).body
    defined = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    renamed = {
        str(target.id)
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert defined | renamed == set(supplied) - OF_SPARK - UNSUPPLIED.keys()
