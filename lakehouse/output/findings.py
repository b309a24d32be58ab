"""Findings of `lakehouse check` for a terminal, for programs and for code scanning."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common import sarif
from common.counting import counted
from lakehouse.output.paths import path_from_here
from local.engine.checking.findings import MEANINGS, Code, Finding


def rendered_findings(findings: Sequence[Finding], output: str) -> str:
    """The findings as `terminal`, `json` or `sarif` text; files are named from the current folder where they can be."""
    return {"terminal": _as_terminal, "json": _as_json, "sarif": _as_sarif}[output](findings)


def _as_terminal(findings: Sequence[Finding]) -> str:
    lines = [
        f"{path_from_here(finding.place.file)}:{finding.place.line}: {finding.message} [{finding.code}]"
        for finding in findings
    ]
    counts = Counter(finding.level for finding in findings)
    errors = counted(counts["error"], "finding") if counts["error"] else "no findings"
    notes = f", {counts['note']} not checked" if counts["note"] else ""
    return "\n".join([*lines, f"{errors}{notes}"]) + "\n"


def _as_json(findings: Sequence[Finding]) -> str:
    rows = [
        {
            "code": finding.code,
            "level": finding.level,
            "file": path_from_here(finding.place.file),
            "line": finding.place.line,
            "message": finding.message,
            "pipeline": finding.pipeline,
            "dataset": finding.dataset or None,
        }
        for finding in findings
    ]
    return json.dumps({"findings": rows}, indent=2) + "\n"


def _as_sarif(findings: Sequence[Finding]) -> str:
    """One run with one result a finding; a result keeps its fingerprint while its line moves."""
    rules = {f"check/{code}": MEANINGS[code] for code in Code}
    return sarif.sarif_log("lakehouse check", "check/", rules, [_result(finding) for finding in findings])


def _result(finding: Finding) -> dict[str, Any]:
    return sarif.sarif_result(
        f"check/{finding.code}",
        finding.level,
        finding.message,
        _uri(finding),
        finding.place.line,
        (
            "check/v1",
            f"{finding.pipeline} {path_from_here(finding.place.file)} {finding.code} {finding.message}",
        ),
    )


def _uri(finding: Finding) -> str:
    named = path_from_here(finding.place.file)
    return Path(named).as_uri() if Path(named).is_absolute() else quote(named)
