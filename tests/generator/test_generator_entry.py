"""How the generator is started: as the job's task, and as `lakehouse generate`."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.models import CommandInfo
from typer.testing import CliRunner

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import Home
from generator.defects import DEFECTS
from generator.spec import DATASETS, KEYS
from lakehouse.commands.generate import register
from local.engine.storage.lock import locked
from tests.generator.worlds import World

PACKAGE = REPOSITORY / "generator"


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_the_package_needs_nothing_but_what_a_job_has(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"generator", "numpy", "pyarrow", "faker"}
    assert imported(path) <= allowed


def test_the_jobs_task_starts_the_script_from_its_own_folder(world: World) -> None:
    """As Databricks does: the script's folder is the working folder, and __file__ is not defined."""
    start = (
        "import sys; sys.path[0] = sys.argv[1]; script = sys.path[0] + '/generate_task.py'; "
        "sys.argv = ['generate_task.py', *sys.argv[2:]]; "
        "exec(compile(open(script).read(), 'generate_task.py', 'exec'), {'__name__': '__main__'})"
    )
    options = ["--raw-path", world.raw, "--cdc-path", world.cdc, "--orders", "20", "--change-batches", "1"]
    program = [sys.executable, "-c", start, REPOSITORY, *options]
    done = subprocess.run(
        [str(part) for part in program], cwd=world.raw.parent, capture_output=True, text=True, check=True
    )
    assert "run 0: " in done.stdout
    assert len(world.rows("orders")) == 20


def test_a_run_does_without_pandas(world: World) -> None:
    """Arrow imports it for a list or an array of NumPy, which takes longer than to write a small world."""
    run = (
        "import sys; from generator.cli import main; main(sys.argv[1:]); "
        "sys.exit('pandas was imported' if 'pandas' in sys.modules else 0)"
    )
    options = ["--raw-path", world.raw, "--cdc-path", world.cdc, "--orders", "200"]
    program = [sys.executable, "-c", run, *map(str, options)]
    done = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_guide_names_every_option_and_every_defect() -> None:
    guide = (REPOSITORY / "docs" / "generator.md").read_text("utf-8")
    options = {option for command in lakehouse().registered_commands for option in options_of(command)}
    assert {option for option in options if f"`{option}" not in guide} == set()
    kinds = {defect.kind for defects in DEFECTS.values() for defect in defects}
    of_keys = {f"{how}_{key}" for how in ("missing", "broken") for keys in KEYS.values() for key in keys}
    assert {kind for kind in kinds - of_keys if f"`{kind}`" not in guide} == set()


def options_of(command: CommandInfo) -> set[str]:
    assert command.callback
    return {f"--{name.replace('_', '-')}" for name in inspect.signature(command.callback).parameters}


def lakehouse() -> typer.Typer:
    app = typer.Typer()
    register(app)
    return app


def test_lakehouse_generate_writes_below_the_home_and_sums_up(tmp_path: Path) -> None:
    options = ["--home", str(tmp_path), "--orders", "40", "--customers", "30", "--dirty", "0.05"]
    result = CliRunner().invoke(lakehouse(), options)
    assert result.exit_code == 0
    for dataset in DATASETS:
        assert [*(tmp_path / "volumes" / "raw" / "olist" / dataset).glob("*.csv")]
        assert f"volumes/raw/olist/{dataset} " in result.stdout
    assert len([*(tmp_path / "volumes" / "cdc" / "cdc_volume" / "sellers").glob("*_changes.jsonl")]) >= 3
    assert "run 0: " in result.stdout
    assert "manifest_run00000.jsonl" in result.stdout


def test_two_at_once_the_second_says_who_writes(tmp_path: Path) -> None:
    with locked(Home(tmp_path), "another one"):
        result = CliRunner().invoke(lakehouse(), ["--home", str(tmp_path), "--orders", "5"])
    assert isinstance(result.exception, UserError)
    assert "another one" in str(result.exception)
    assert not (tmp_path / "volumes").exists()


def test_a_slip_is_a_user_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(lakehouse(), ["--home", str(tmp_path), "--customers", "0"])
    assert isinstance(result.exception, UserError)
    assert "--customers 0: give a whole number from 1" in str(result.exception)
