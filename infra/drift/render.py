"""Findings for a terminal, for programs and for an issue on GitHub."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from common.counting import counted
from common.markdown import code, code_cell
from infra.drift.findings import Finding, Severity

# GitHub refuses an issue of more than 65,536 characters.
MOST_CHARACTERS = 60_000
MOST_TEXT = 80
COLUMNS = ("#", "severity", "object", "field", "expected", "actual", "terraform", "last change")


def as_json(environment: str, findings: Sequence[Finding]) -> str:
    """`{"environment", "findings": [...]}`; every finding has all keys, null where nothing is known."""
    rows = [_document(finding) for finding in findings]
    return json.dumps({"environment": environment, "findings": rows}, indent=2) + "\n"


def as_terminal(environment: str, findings: Sequence[Finding], width: int = 160) -> str:
    """A table of the findings and, below it, the way back of each."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not findings:
        return headline(environment, findings) + "\n"
    table = Table(*COLUMNS, title=headline(environment, findings), title_justify="left")
    for row in _rows(findings):
        table.add_row(*(Text(cell) for cell in row))
    output = StringIO()
    Console(file=output, width=width).print(table)
    ways = [f"{number}. {finding.fix}" for number, finding in enumerate(findings, start=1)]
    return "\n".join([output.getvalue().rstrip(), "", "The way back:", *ways]) + "\n"


def as_markdown(environment: str, findings: Sequence[Finding]) -> str:
    """The body of an issue, within GitHub's limit; the worst findings come first."""
    text = f"### {headline(environment, findings)}\n"
    if not findings:
        return text
    text += f"\n| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}\n"
    ways = "\n**The way back**\n\n"
    for number, (row, finding) in enumerate(zip(_rows(findings), findings, strict=True), start=1):
        line = "| " + " | ".join(code_cell(text) for text in row) + " |\n"
        way = f"{number}. {code(finding.fix)}\n"
        if len(text) + len(ways) + len(line) + len(way) > MOST_CHARACTERS:
            rest = len(findings) - number + 1
            return text + ways + f"\n{rest} more: run `lakehouse drift --env {environment}`\n"
        text, ways = text + line, ways + way
    return text + ways


def headline(environment: str, findings: Sequence[Finding]) -> str:
    """`lakehouse-dev: 3 differences (1 access, 2 work)`."""
    counts = Counter(finding.severity for finding in findings)
    parts = ", ".join(f"{counts[severity]} {severity}" for severity in Severity if counts[severity])
    found = f"{counted(len(findings), 'difference')} ({parts})" if findings else "no drift"
    return f"lakehouse-{environment}: {found}"


def sentence(finding: Finding) -> str:
    """`job [dev] Olist lakehouse: schedule is nothing instead of {...}`."""
    name = f"{finding.kind} {finding.object}"
    if not finding.field:
        return f"{name}: {'missing' if finding.actual is None else finding.actual}"
    return f"{name}: {finding.field} is {_text(finding.actual)} instead of {_text(finding.expected)}"


def _document(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "object": finding.object,
        "field": finding.field,
        "expected": finding.expected,
        "actual": finding.actual,
        "terraform": finding.terraform,
        "fix": finding.fix,
        "address": finding.address or None,
        "changed_by": finding.changed_by,
        "changed_at": _moment(finding.changed_at) or None,
    }


def _rows(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    return [
        (
            str(number),
            finding.severity,
            f"{finding.kind} {finding.object}",
            finding.field,
            _text(finding.expected),
            _text(finding.actual),
            finding.terraform,
            " ".join(part for part in (_moment(finding.changed_at), finding.changed_by) if part),
        )
        for number, finding in enumerate(findings, start=1)
    ]


def _text(value: Any) -> str:
    """A value in short; the JSON form has all of it."""
    if value is None:
        return "(nothing)"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 3]}..."


def _moment(milliseconds: int | None) -> str:
    if not milliseconds:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
