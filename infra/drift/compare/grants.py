"""Grants: who may do what with each securable, one finding a principal and direction.

The direct grants of the catalog, of each schema, volume and table are, together, all effective ones:
a privilege is inherited from one of them or from none.
"""

from collections.abc import Iterator, Mapping

from infra.drift import commands
from infra.drift.compare.principals import as_declared
from infra.drift.declared import Declared, Resource
from infra.drift.findings import Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Grants, Snapshot
from infra.review.danger_table import Hit, hits, severity_of
from infra.review.plan import SECURABLE_KEYS

ALL = "ALL_PRIVILEGES"
# What is granted by its own name only.
NOT_IN_ALL = frozenset({"MANAGE", "EXTERNAL_USE_SCHEMA", "EXTERNAL_USE_LOCATION"})
Key = tuple[str, str]


def compare_grants(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """Missing and extra privileges on what is there; a table that nobody declared grants to has none of its own."""
    expected = dict(_expected(resource) for resource in declared.of("grants"))
    for key, actual in snapshot.unity.grants.items():
        wanted, address = expected.get(key, ({}, ""))
        found = as_declared(actual, wanted)
        for principal in sorted({*wanted, *found}):
            yield from _of_principal(key, principal, wanted, found, address)


def sees_no_grant(declared: Declared, snapshot: Snapshot) -> bool:
    """Whether not one declared grant is there: the workspace shows a caller without MANAGE only its own."""
    expected = dict(_expected(resource) for resource in declared.of("grants"))
    read = [(expected[key][0], actual) for key, actual in snapshot.unity.grants.items() if key in expected]
    seen = (wanted.keys() & as_declared(actual, wanted).keys() for wanted, actual in read)
    return any(wanted for wanted, _ in read) and not any(seen)


def _expected(resource: Resource) -> tuple[Key, tuple[Grants, str]]:
    kind = next(kind for kind in SECURABLE_KEYS if kind in resource.values)
    grants = {grant["principal"]: frozenset(grant["privileges"]) for grant in resource.values["grant"]}
    return (kind, resource.values[kind]), (grants, resource.address)


def _dangers(principal: str, less: frozenset[str], more: frozenset[str]) -> list[Hit]:
    before, after = ({"grant": [{"principal": principal, "privileges": list(held)}]} for held in (less, more))
    return hits("grants", before, after)


def _of_principal(
    key: Key, principal: str, wanted: Grants, actual: Mapping[str, frozenset[str]], address: str
) -> Iterator[Finding]:
    before, after = (grants.get(principal, frozenset()) for grants in (wanted, actual))
    for more, less in (
        (_beyond(after, before), frozenset[str]()),
        (frozenset[str](), _beyond(before, after)),
    ):
        if more or less:
            yield Finding(
                severity_of(principal, _dangers(principal, less, more), Severity.WORK),
                "grants",
                " ".join(key),
                principal,
                sorted(less) or None,
                sorted(more) or None,
                likely_effect(seen=bool(address)),
                by_hand=commands.grant_command(*key, principal, add=set(less), remove=set(more)),
                address=address,
            )


def _beyond(some: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Those of `some` that `others` lack; all privileges have each but those that are granted by name only."""
    rest = some - others
    return rest & NOT_IN_ALL if ALL in others else rest
