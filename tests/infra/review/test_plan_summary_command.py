"""`lakehouse plan-summary` as a user types it."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from common.errors import UserError
from lakehouse.commands.plan_summary import register

PLANS = Path(__file__).parents[1] / "plans"


def lakehouse(*arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["plan-summary", *arguments])


@pytest.mark.parametrize(("name", "code"), [("create", 0), ("change", 2), ("rename", 2), ("destroy", 2)])
def test_fail_on_dangerous(name: str, code: int) -> None:
    plan = str(PLANS / f"{name}.json")
    assert lakehouse(plan).exit_code == 0
    assert lakehouse(plan, "--fail-on", "dangerous").exit_code == code


def test_fail_on_changes(tmp_path: Path) -> None:
    assert lakehouse(str(PLANS / "create.json"), "--fail-on", "changes").exit_code == 2
    empty = tmp_path / "plan.json"
    empty.write_text('{"format_version": "1.2", "planned_values": {}, "resource_changes": []}')
    assert lakehouse(str(empty), "--fail-on", "changes").exit_code == 0


def test_markdown_begins_with_a_heading() -> None:
    result = lakehouse(str(PLANS / "change.json"), "--format", "markdown", "--title", "lakehouse-prod")
    assert result.stdout.startswith("### lakehouse-prod: 14 to change\n")


def test_no_plan_is_a_users_error() -> None:
    assert isinstance(lakehouse("nothing.json").exception, UserError)
