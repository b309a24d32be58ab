"""Known and wanted differences: a reviewed file of rules, each with a reason and an end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from common.checkout import REPOSITORY
from common.errors import UserError
from infra.drift.findings import ApplyEffect, Finding, Severity
from infra.stack.environments import BUILDERS

IGNORE_FILE = REPOSITORY / "infra" / "drift-ignore.yml"
REQUIRED = ("environment", "kind", "object", "reason", "expires")
OPTIONAL = ("field",)


@dataclass(frozen=True)
class IgnoreRule:
    """One rule: it covers findings of one environment by kind, object and field (shell patterns).

    It holds up to and including the day `expires`; `number` is its place in the file, from 1.
    """

    number: int
    environment: str
    kind: str
    object: str
    field: str
    reason: str
    expires: date

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of those that the rule names."""
        patterns = (self.kind, self.object, self.field)
        return all(
            fnmatchcase(value, _literal_brackets(pattern))
            for value, pattern in zip(finding.name, patterns, strict=True)
        )


def _literal_brackets(pattern: str) -> str:
    """Names hold brackets (`[dev] Olist lakehouse`, `tasks[generate]`), so only * and ? are special."""
    return pattern.replace("[", "[[]")


def read_rules(file: Path, environment: str) -> list[IgnoreRule]:
    """The rules of one environment; UserError when the file or a rule of any environment is damaged."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise UserError(f"{file} cannot be read: {error}") from error
    entries = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise UserError(f"{file} must hold a list `rules`, empty when nothing is to be ignored")
    rules = [_rule(file, number, entry) for number, entry in enumerate(entries, start=1)]
    return [rule for rule in rules if rule.environment == environment]


def _rule(file: Path, number: int, entry: Any) -> IgnoreRule:
    where = f"{file}: rule {number}"
    if not isinstance(entry, dict):
        raise UserError(f"{where} must have {', '.join(REQUIRED)}")
    if missing := [key for key in REQUIRED if not entry.get(key)]:
        raise UserError(f"{where} lacks {', '.join(missing)}")
    if unknown := sorted(set(entry) - {*REQUIRED, *OPTIONAL}):
        raise UserError(f"{where} has unknown settings: {', '.join(map(str, unknown))}")
    if entry["environment"] not in BUILDERS:
        raise UserError(
            f"{where}: there is no environment {entry['environment']}, only {', '.join(BUILDERS)}"
        )
    if type(entry["expires"]) is not date:
        raise UserError(f"{where}: expires must be a day such as 2027-01-31")
    return IgnoreRule(
        number=number, field=str(entry.get("field", "")), **_texts(entry), expires=entry["expires"]
    )


def _texts(entry: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(entry[key]) for key in REQUIRED if key != "expires"}


def apply_rules(findings: Iterable[Finding], rules: Iterable[IgnoreRule], today: date) -> list[Finding]:
    """The findings that no valid rule covers, and one for each rule that has expired or covers nothing."""
    found, rules = list(findings), list(rules)
    valid = [rule for rule in rules if rule.expires >= today]
    kept = [finding for finding in found if not any(rule.covers(finding) for rule in valid)]
    expired = [_expired(rule) for rule in rules if rule.expires < today]
    unused = [_unused(rule) for rule in valid if not any(map(rule.covers, found))]
    return kept + expired + unused


def _expired(rule: IgnoreRule) -> Finding:
    fix = f"remove rule {rule.number} from infra/drift-ignore.yml, or renew it in a review"
    return _finding(rule, "expires", "a day to come", str(rule.expires), fix)


def _unused(rule: IgnoreRule) -> Finding:
    covers = " ".join(part for part in (rule.kind, rule.object, rule.field) if part)
    return _finding(rule, "", covers, None, f"remove rule {rule.number} from infra/drift-ignore.yml")


def _finding(rule: IgnoreRule, field: str, expected: str, actual: str | None, fix: str) -> Finding:
    name = f"rule {rule.number}: {rule.reason}"
    return Finding(Severity.NOTE, "rule", name, field, expected, actual, ApplyEffect.MISSES, fix=fix)
