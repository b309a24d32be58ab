"""Policies of attributes (ABAC): the code declares none, and one may open tables, hide rows or mask values."""

from collections.abc import Iterator

from infra.drift import commands
from infra.drift.findings import Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Document, Snapshot

# It gives rights that no list of grants shows.
OPENS = "POLICY_TYPE_GRANT"


def compare_policies(snapshot: Snapshot) -> Iterator[Finding]:
    """Each policy on the catalog, a schema or a table; it holds for all below that, too."""
    for (kind, full_name), policies in snapshot.unity.policies.items():
        for policy in policies:
            yield _finding(kind, full_name, policy)


def _finding(kind: str, full_name: str, policy: Document) -> Finding:
    return Finding(
        Severity.ACCESS if policy["policy_type"] == OPENS else Severity.DATA,
        "policy",
        f"{kind} {full_name}",
        policy["name"],
        None,
        _shown(policy),
        likely_effect(seen=False),
        by_hand=commands.cli("policies", "delete-policy", kind.upper(), full_name, policy["name"]),
        changed_by=policy.get("updated_by") or policy.get("created_by"),
        changed_at=policy.get("updated_at") or policy.get("created_at"),
    )


def _shown(policy: Document) -> str:
    """What it does and to whom: `row filter c.s.f for account users`."""
    what = policy["policy_type"].removeprefix("POLICY_TYPE_").replace("_", " ").lower()
    given = (policy.get(field) or {} for field in ("row_filter", "column_mask", "grant", "deny"))
    by = [name for one in given for name in [*one.get("privileges", []), one.get("function_name")] if name]
    return f"{' '.join([what, *by])} for {', '.join(policy['to_principals'])}"
