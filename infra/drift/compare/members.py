"""Members of the groups that only identities of the bootstrap stack belong to, where they can be read."""

from collections.abc import Iterable, Iterator

from infra.drift.compare.principals import is_same
from infra.drift.findings import Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Snapshot
from infra.stack.identities import ServiceIdentity

# Whoever joins one of these can do what its one identity is trusted with; people join the others.
OF_ONE = ("planner", "drift", "runner")
MEMBER = "member"


def compare_members(identities: Iterable[ServiceIdentity], snapshot: Snapshot) -> Iterator[Finding]:
    """Identities that are missing in their groups, and others that joined a group which is for one identity."""
    for identity in identities:
        members = snapshot.members.get(identity.group)
        if members is None:
            continue
        others = sorted(one for one in members if not is_same(one, identity.name))
        if len(others) == len(members):
            way = "make bootstrap, and apply that stack"
            yield _finding(Severity.WORK, identity.group, identity.name, (MEMBER, None), way)
        for other in others if identity.role in OF_ONE else ():
            way = f"take {other} out of the group, in the account console"
            yield _finding(Severity.ACCESS, identity.group, other, (None, MEMBER), way)


def _finding(
    severity: Severity, group: str, member: str, sides: tuple[str | None, str | None], by_hand: str
) -> Finding:
    expected, actual = sides
    return Finding(
        severity, "group", group, member, expected, actual, likely_effect(seen=False), by_hand=by_hand
    )
