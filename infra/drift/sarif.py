"""Findings as SARIF 2.1.0, so that code scanning shows each at the code that it contradicts."""

from collections.abc import Sequence
from typing import Any

from common import sarif
from infra.drift.findings import Finding, Severity
from infra.drift.render import sentence
from infra.review.files import repository_path

LEVELS = {Severity.ACCESS: "error", Severity.DATA: "error", Severity.WORK: "warning", Severity.NOTE: "note"}
SOURCES = {
    "catalog": "infra/stack/constructs/catalog.py",
    "schema": "infra/stack/constructs/catalog.py",
    "volume": "infra/stack/constructs/catalog.py",
    "grants": "infra/stack/constructs/grants.py",
    "tag": "infra/stack/constructs/tags.py",
    "pipeline": "infra/stack/constructs/pipelines.py",
    "job": "infra/stack/constructs/job.py",
    "permissions": "infra/stack/constructs/permissions.py",
    "policy": "infra/stack/constructs/grants.py",
    "group": "infra/stack/identities.py",
    "rule": "infra/drift-ignore.yml",
}
FILES = frozenset({"file", "folder", "notebook"})
OTHER_SOURCE = "infra/stack/lakehouse_stack.py"
FILES_SOURCE = "infra/stack/constructs/files.py"
SEVERITY_TEXTS = {
    Severity.ACCESS: "access widened, or nobody's to account for",
    Severity.DATA: "data lost, or at risk",
    Severity.WORK: "what runs is not what was reviewed",
    Severity.NOTE: "a description differs",
}


def as_sarif(environment: str, findings: Sequence[Finding]) -> str:
    """One run with one result a finding; a result keeps its fingerprint for as long as it is there."""
    rules = {f"drift/{severity}": text for severity, text in SEVERITY_TEXTS.items()}
    results = [_result(environment, finding) for finding in findings]
    return sarif.sarif_log("lakehouse drift", f"drift/{environment}/", rules, results)


def _result(environment: str, finding: Finding) -> dict[str, Any]:
    return sarif.sarif_result(
        f"drift/{finding.severity}",
        LEVELS[finding.severity],
        f"{environment}: {sentence(finding)}. The way back: {finding.fix}",
        _source(finding),
        1,
        ("drift/v1", "/".join((environment, *finding.name))),
    )


def _source(finding: Finding) -> str:
    if finding.kind in FILES:
        path = repository_path(finding.object)
        is_ours = path is not None and finding.expected is not None and finding.kind != "folder"
        return str(path) if is_ours else FILES_SOURCE
    if finding.kind == "table":
        return f"pipelines/schemas/{finding.object.split('.')[1]}.py"
    return SOURCES.get(finding.kind, OTHER_SOURCE)
