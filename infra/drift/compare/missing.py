"""The finding of a declared object that the workspace does not have."""

from infra.drift.declared import Resource
from infra.drift.findings import DECLARED, Finding, Severity, likely_effect


def missing_object(resource: Resource, severity: Severity) -> Finding:
    """The object is gone, which endangers what `severity` says."""
    return Finding(
        severity,
        resource.kind,
        resource.full_name,
        "",
        DECLARED,
        None,
        likely_effect(seen=True),
        address=resource.address,
    )
