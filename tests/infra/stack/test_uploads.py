"""A new dataset file needs no change under infra/."""

import ast
import shutil
import sys
from pathlib import Path

import pytest

from common.checkout import REPOSITORY
from common.errors import UserError
from infra.stack.constructs.dashboards import DASHBOARD_FILE
from infra.stack.constructs.job import GENERATOR_PACKAGES
from infra.stack.environments import find_environment
from infra.stack.sources import folders_of, pinned_requirements, uploaded_files
from infra.stack.synthesis import StackConfiguration, load_stack, synthesize
from pipelines.catalog import PIPELINES

# What Databricks' serverless environments have installed already.
RUNTIME = {"pyspark", "pyarrow", "numpy"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout: one file in each folder that the stack needs."""
    for number, pipeline in enumerate(PIPELINES):
        write(tmp_path / "pipelines" / pipeline.name / f"dataset_{number}.py")
    write(tmp_path / "pipelines" / "__init__.py")
    for entry in ("generate_task.py", "erase_task.py"):
        write(tmp_path / entry, "print('done')\n")
    write(tmp_path / DASHBOARD_FILE, "{}")
    return tmp_path


def write(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def files_of(checkout: Path) -> tuple[StackConfiguration, set[str]]:
    stack = load_stack(synthesize(find_environment("dev"), checkout / "cdktf.out", checkout))
    return stack, set(stack["resource"]["databricks_workspace_file"])


def test_a_new_dataset_is_found_uploaded_and_run(checkout: Path) -> None:
    _, before = files_of(checkout)
    write(checkout / "pipelines/gold/new_answer.py", "# a new dataset\n")
    stack, after = files_of(checkout)
    assert after - before == {"file_pipelines_gold_new_answer_py"}
    folder = stack["resource"]["databricks_directory"]["dir_pipelines_gold"]["path"]
    assert folder == "${databricks_directory.dir_pipelines.path}/gold"
    (library,) = stack["resource"]["databricks_pipeline"]["pipeline_medallion"]["library"]
    assert library["glob"]["include"] == "${databricks_directory.dir_pipelines_medallion.workspace_path}/**"


def test_caches_and_hidden_files_stay_at_home(checkout: Path) -> None:
    write(checkout / "pipelines/__pycache__/a.cpython-311.pyc")
    write(checkout / "pipelines/.swp")
    assert [str(file) for file in uploaded_files(checkout)] == [
        "erase_task.py",
        "generate_task.py",
        "pipelines/__init__.py",
        *sorted(f"pipelines/{one.name}/dataset_{number}.py" for number, one in enumerate(PIPELINES)),
    ]


def test_folders_come_after_their_parents() -> None:
    assert folders_of([Path("a/b/c.py"), Path("a/d.py")]) == [Path("a"), Path("a/b")]


@pytest.mark.parametrize("gone", ["generate_task.py", "erase_task.py", "pipelines/cdc"])
def test_what_the_stack_runs_must_be_there(checkout: Path, gone: str) -> None:
    path = checkout / gone
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    with pytest.raises(UserError, match=gone):
        files_of(checkout)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "cannot be read"), ('{"default": {}}', "faker"), ('{"default": {"faker": {}}}', "version")],
)
def test_a_damaged_lock_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path / "Pipfile.lock", text)
    with pytest.raises(UserError, match=message):
        pinned_requirements(["faker"], tmp_path)


@pytest.mark.parametrize(
    ("folder", "installed"), [("generator", {*RUNTIME, *GENERATOR_PACKAGES}), ("pipelines", RUNTIME)]
)
def test_uploaded_code_imports_what_is_there(folder: str, installed: set[str]) -> None:
    trees = [ast.parse(path.read_text()) for path in (REPOSITORY / folder).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    tops = {name.split(".")[0] for name in names}
    assert "local" not in tops
    assert tops - set(sys.stdlib_module_names) - {"pipelines", "generator"} <= installed
