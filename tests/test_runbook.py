"""The runbook has every alert, every rule of the gate, every task and every exit code that stands in the code."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from infra.stack.alert_queries import alerts
from lakehouse.cli import COMMANDS
from pipelines.catalog import PIPELINES
from pipelines.shared.rules import VERDICT_RULES

TEXT = (Path(__file__).parents[1] / "docs" / "runbook.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands below a heading of the second level."""
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def exits() -> Iterator[tuple[str, int]]:
    """A command with each code that it ends with by itself: a number or a constant of its module."""
    for command in COMMANDS:
        for call in ast.walk(ast.parse(Path(command.__file__ or "").read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "typer.Exit":
                code = ast.unparse(call.args[0])
                name = command.__name__.rpartition(".")[2].replace("_", "-")
                number = code if code.isdigit() else getattr(import_module(command.__name__), code)
                yield name, int(number)


def test_every_alert_has_its_section() -> None:
    told = section("Alerts")
    for alert in alerts(""):
        assert f"\n### {alert.name}\n" in told
        assert f"*{alert.title}.*" in told


@pytest.mark.parametrize("rule", VERDICT_RULES.fail)
def test_every_rule_of_the_gate_is_told(rule: str) -> None:
    assert f"* `{rule}`:" in section("Alerts")


def test_every_task_is_told() -> None:
    told = re.findall(r"^\* `(\w+)`:", section("Tasks of the job"), re.MULTILINE)
    assert sorted(told) == sorted(["generate", *(pipeline.task for pipeline in PIPELINES)])


def test_every_exit_code_is_told() -> None:
    found = set(exits())
    assert {("health", 3), ("drift", 2)} <= found
    told = section("Exit codes")
    for name, code in found:
        [line] = re.findall(rf"^\* `lakehouse {name}`, (.+?)(?=^\* |\Z)", told, re.MULTILINE | re.DOTALL)
        assert re.search(rf"(^|\. ){code}: ", " ".join(line.split())), (name, code)


@pytest.mark.parametrize(
    "problem",
    ["late", "never written", "never updated", "unusual rows", "rescued", "many rejected", "failed"],
)
def test_every_problem_of_health_is_told(problem: str) -> None:
    source = (Path(__file__).parents[1] / "lakehouse" / "health" / "report.py").read_text()
    assert f'"{problem}"' in source
    assert f"`{problem}`" in section("What health calls a problem")
