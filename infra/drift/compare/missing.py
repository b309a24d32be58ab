"""The finding of a declared object that the workspace does not have."""

from infra.drift.declared import Resource
from infra.drift.findings import DECLARED, Finding, Severity, likely_effect
from infra.review.danger_table import GONE


def lost_with(kind: str) -> Severity:
    """What an object of `kind` takes along."""
    return GONE[kind][0] if kind in GONE else Severity.WORK


def missing_object(resource: Resource) -> Finding:
    """The object is gone."""
    return Finding(
        lost_with(resource.kind),
        resource.kind,
        resource.full_name,
        "",
        DECLARED,
        None,
        likely_effect(seen=True),
        address=resource.address,
    )
