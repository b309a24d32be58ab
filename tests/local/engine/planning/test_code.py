"""The files that a pipeline's file depends on."""

import subprocess
import sys
from pathlib import Path

from local.engine.language.spec import PipelineSpec
from local.engine.planning.fingerprint import CodeFiles

NOTEBOOK = (
    '{"metadata": {}, "cells": [{"cell_type": "code", "source": ["%pip install x\\n", "import rules"]}]}'
)


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_imports_are_followed_from_wherever_they_are_found(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {
            "src/transformations/a.py": "from sibling import x\nimport json\n",
            "src/transformations/sibling.py": "from shop.rules import LIMIT\n",
            "src/transformations/b.ipynb": NOTEBOOK,
            "src/transformations/c.sql": "SELECT 'import rules'",
            "src/transformations/wrong.py": "import (",
            "src/rules.py": "",
            "shop/__init__.py": "",
            "shop/rules.py": "",
        },
    )
    spec = PipelineSpec("p", root, ["src/transformations/**"], import_folders=(root / "src",))
    code = CodeFiles(root, spec.folders())
    assert code.files_of(root / "src/transformations/a.py") == [
        "shop/__init__.py",
        "shop/rules.py",
        "src/transformations/a.py",
        "src/transformations/sibling.py",
    ]
    assert code.files_of(root / "src/transformations/b.ipynb") == [
        "src/rules.py",
        "src/transformations/b.ipynb",
    ]
    for alone in ("src/transformations/c.sql", "src/transformations/wrong.py"):
        assert code.files_of(root / alone) == [alone]


def test_what_is_stale_is_told_without_importing_an_engine(repository: Path) -> None:
    told = "import sys, local.engine.planning.plan; print('pyspark' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
