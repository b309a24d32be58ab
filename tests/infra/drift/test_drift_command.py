"""`lakehouse drift` as it is called: exit codes, formats and files."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from common.errors import UserError
from lakehouse.commands.drift import register
from tests.infra.drift.world import CATALOG, UNITY, World

app = typer.Typer()
register(app)
app.command("other")(lambda: None)  # a single command would lose its name


@pytest.fixture
def real(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The checkout's own stack in a workspace without the notebook and the environment of the tests."""
    for name, value in world.served.variables().items():
        monkeypatch.setenv(name, value)
    return world


def lakehouse(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["drift", "--env", "local", *arguments])


def found(result: Result) -> list[dict[str, Any]]:
    return json.loads(result.stdout)["findings"]


def test_drift_is_exit_code_2_in_every_format_and_file(real: World, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("drift.json", "drift.md", "drift.sarif")]
    written = [word for file in files for word in ("--write", str(file))]
    result = lakehouse("--format", "json", *written)

    assert result.exit_code == 2
    names = {(one["kind"], one["field"]) for one in found(result)}
    assert names == {("file", ""), ("pipeline", "environment")}
    assert files[0].read_text() == result.stdout
    assert files[1].read_text().startswith("### lakehouse-local: 2 differences (2 work)")
    assert len(json.loads(files[2].read_text())["runs"][0]["results"]) == 2


def test_ignored_differences_are_exit_code_0(real: World, tmp_path: Path) -> None:
    rule = "environment: local, reason: the tests, expires: 2999-01-01"
    ignore = tmp_path / "ignore.yml"
    ignore.write_text(
        f"rules:\n  - {{{rule}, kind: file, object: '*/probe'}}\n"
        f"  - {{{rule}, kind: pipeline, object: '*quality*', field: environment}}\n"
    )
    result = lakehouse("--ignore", str(ignore))

    assert (result.exit_code, result.stdout) == (0, "lakehouse-local: no drift\n")


def test_a_plan_of_the_same_state_says_what_an_apply_would_do(real: World, tmp_path: Path) -> None:
    path = f"{UNITY}/catalogs/{CATALOG}"
    comment = real.do("GET", path)["comment"]
    real.do("PATCH", path, {"comment": "Mine"})
    change = {"actions": ["update"], "before": {"name": CATALOG, "comment": "Mine"}}
    change |= {"after": {"name": CATALOG, "comment": comment}}
    entry = {"address": "databricks_catalog.catalog", "type": "databricks_catalog", "mode": "managed"}
    plan = tmp_path / "plan.json"
    plan.write_text(
        json.dumps(
            {"format_version": "1.2", "planned_values": {}, "resource_changes": [entry | {"change": change}]}
        )
    )
    result = lakehouse("--format", "json", "--plan", str(plan))
    real.do("PATCH", path, {"comment": comment})

    verdicts = {one["kind"]: one["terraform"] for one in found(result)}
    assert verdicts == {"catalog": "undoes", "file": "misses", "pipeline": "misses"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--format", "xml"], "'xml' is not one of"),
        (["--write", "drift.txt"], "must end in .json, .md, .sarif"),
        (["--plan", "none.json"], "none.json"),
        (["--ignore", "none.yml"], "none.yml cannot be read"),
    ],
)
def test_a_slip_is_an_error(real: World, arguments: list[str], problem: str) -> None:
    """The CLI prints a UserError and exits with 1."""
    result = lakehouse(*arguments)
    assert isinstance(result.exception, UserError)
    assert problem in str(result.exception)
