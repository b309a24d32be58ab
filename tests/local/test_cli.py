"""The commands as a user starts them: a slip is one line, exit code 1, no stack trace."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.engine.lock import locked
from local.home import Home


def lakehouse(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["run"], "is not there: `lakehouse generate` or `lakehouse load-olist` writes raw files"),
        (["sql", "select 1"], "holds no table yet"),
        (["tables"], "holds no table yet"),
        (["quality"], "has no quality results yet"),
        (["load-olist", "nowhere"], "not there: nowhere/olist_customers_dataset.csv"),
        (["run", "--spec", "nowhere.yml"], "nowhere.yml is not there"),
        (["generate", "--orders", "-1"], "orders"),
    ],
)
def test_a_slip_is_one_line_that_says_what_to_do(tmp_path: Path, arguments: list[str], error: str) -> None:
    done = lakehouse(*arguments, "--home", str(tmp_path / "home"))
    assert done.returncode == 1
    assert error in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ")


def test_a_table_that_no_pipeline_has_is_named(tmp_path: Path) -> None:
    (tmp_path / "volumes" / "raw" / "olist").mkdir(parents=True)
    done = lakehouse("run", "--select", "gold", "--home", str(tmp_path))
    assert done.returncode == 1
    assert "--select gold: name a table as schema.table" in done.stderr


def test_the_second_of_two_runs_says_who_holds_the_lock(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.raw.mkdir(parents=True)
    with locked(home, "lakehouse run medallion"):
        done = lakehouse("run", "--home", str(tmp_path))
    assert done.returncode == 1
    assert "(lakehouse run medallion) holds its lock since" in done.stderr


def test_help_lists_the_commands() -> None:
    done = lakehouse("--help")
    assert done.returncode == 0
    for command in (
        "generate",
        "load-olist",
        "run",
        "sql",
        "quality",
        "tables",
        "workspace",
        "drift",
        "plan-summary",
    ):
        assert command in done.stdout
