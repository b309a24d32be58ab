"""One difference between the code and the workspace, and the order in which they are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from infra.review.danger_table import Severity

# What a finding expects of an object that is missing, and finds of one that nobody declared.
DECLARED, UNDECLARED = "declared", "not declared"


class ApplyEffect(StrEnum):
    """What `terraform apply` does about a finding.

    The two `likely` ones are read off the provider's rules (docs/drift.md); the others come from a plan.
    """

    LIKELY_UNDOES = "likely undoes"
    LIKELY_MISSES = "likely misses"
    UNDOES = "undoes"
    UNDOES_UNSEEN = "undoes with another change"
    MISSES = "misses"

    @property
    def heals(self) -> bool:
        """Whether an apply is the way back."""
        return self in {ApplyEffect.LIKELY_UNDOES, ApplyEffect.UNDOES, ApplyEffect.UNDOES_UNSEEN}


def likely_effect(*, seen: bool) -> ApplyEffect:
    """The provider's behaviour where no plan was given."""
    return ApplyEffect.LIKELY_UNDOES if seen else ApplyEffect.LIKELY_MISSES


@dataclass(frozen=True)
class Finding:
    """One difference.

    Attributes:
        severity: what it endangers.
        kind: catalog, schema, volume, table, function, model, grants, policy, tag, folder, file, pipeline, job,
            alert, dashboard, permissions, group, plan, rule.
        object: the object's name in the workspace.
        field: the path of the field within it, empty when the object itself is missing or not declared.
        expected: what the code says, None for nothing.
        actual: what the workspace says, None for nothing.
        terraform: whether an apply would undo it.
        by_hand: the exact command that reverts it without Terraform, empty when only an apply does.
        address: the resource in Terraform, empty when it has none.
        changed_by: who changed the object last, where the API tells.
        changed_at: when, in milliseconds since 1970, where the API tells.
        fix: the way back that is recommended.
    """

    severity: Severity
    kind: str
    object: str
    field: str
    expected: Any
    actual: Any
    terraform: ApplyEffect
    by_hand: str = ""
    address: str = ""
    changed_by: str | None = None
    changed_at: int | None = None
    fix: str = ""

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells it from all others: kind, object and field."""
        return self.kind, self.object, self.field


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Access widened first, then data at risk, changed work, descriptions; by name within."""
    severities = list(Severity)
    return sorted(findings, key=lambda found: (severities.index(found.severity), found.name))
