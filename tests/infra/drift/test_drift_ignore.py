from datetime import date
from pathlib import Path

import pytest

from common.errors import UserError
from infra.drift.findings import ApplyEffect, Finding, Severity
from infra.drift.ignore import IGNORE_FILE, IgnoreRule, apply_rules, read_rules

TODAY = date(2027, 1, 31)
TAG = Finding(Severity.NOTE, "job", "[dev] Olist lakehouse", "tags.team", None, "x", ApplyEffect.MISSES)
TASK = Finding(
    Severity.WORK, "job", "[dev] Olist lakehouse", "tasks[cdc].max_retries", 2, 0, ApplyEffect.MISSES
)


def rule(field: str, expires: date = TODAY, object_name: str = "[dev] Olist *") -> IgnoreRule:
    return IgnoreRule(1, "dev", "job", object_name, field, "agreed", expires)


def test_a_rule_covers_what_it_names_and_nothing_else() -> None:
    assert apply_rules([TAG, TASK], [rule("tags.*")], TODAY) == [TASK]
    assert apply_rules([TAG, TASK], [rule("tasks[cdc].*")], TODAY) == [TAG]
    assert apply_rules([TAG, TASK], [rule("*")], TODAY) == []


def test_a_rule_without_a_field_is_for_missing_and_undeclared_objects() -> None:
    extra = Finding(Severity.WORK, "job", "[dev] Olist copy", "", None, "not declared", ApplyEffect.MISSES)
    assert apply_rules([TAG, extra], [rule("")], TODAY) == [TAG]


def test_an_expired_rule_covers_nothing_and_is_a_finding() -> None:
    kept, expired = apply_rules([TAG], [rule("*", date(2027, 1, 30))], TODAY)
    assert kept is TAG
    assert (expired.kind, expired.field, expired.actual) == ("rule", "expires", "2027-01-30")
    assert "remove rule 1" in expired.fix


def test_an_unused_rule_is_a_finding() -> None:
    (unused,) = apply_rules([], [rule("tags.*")], TODAY)
    assert (unused.kind, unused.expected) == ("rule", "job [dev] Olist * tags.*")


def test_the_committed_rules_are_valid() -> None:
    for environment in ("dev", "staging", "prod", "local"):
        assert all(rule.expires > date(2026, 11, 1) for rule in read_rules(IGNORE_FILE, environment))


def test_rules_are_read_for_one_environment(tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    entry = "{environment: %s, kind: job, object: '*', field: tags.x, reason: why, expires: 2027-01-31}"
    file.write_text(f"rules:\n  - {entry % 'dev'}\n  - {entry % 'prod'}\n")
    assert read_rules(file, "prod") == [IgnoreRule(2, "prod", "job", "*", "tags.x", "why", TODAY)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules: [{environment: dev, kind: job, object: x, expires: 2027-01-31}]", "rule 1 lacks reason"),
        ("rules: [{environment: dev, kind: job, object: x, reason: y}]", "rule 1 lacks expires"),
        (
            "rules: [{environment: stagin, kind: job, object: x, reason: y, expires: 2027-01-31}]",
            "rule 1: there is no environment stagin, only dev, staging, prod, local",
        ),
        (
            "rules: [{environment: dev, kind: job, object: x, reason: y, expires: soon}]",
            "expires must be a day",
        ),
        (
            "rules: [{environment: dev, kind: job, object: x, reason: y, expires: 2027-01-31, feild: z}]",
            "unknown settings: feild",
        ),
        ("rules: [job]", "rule 1 must have environment, kind"),
        ("{}", "must hold a list `rules`"),
        ("rules: [", "cannot be read"),
    ],
)
def test_a_damaged_file_is_an_error_that_names_the_rule(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(text)
    with pytest.raises(UserError, match=problem):
        read_rules(file, "dev")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_rules(tmp_path / "none.yml", "dev")
