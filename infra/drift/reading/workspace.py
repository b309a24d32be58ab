"""Reads a snapshot: everything that the stack declares, and what stands beside it."""

from collections import Counter
from collections.abc import Iterable

from infra.drift.declared import Declared
from infra.drift.reading.calls import Calls
from infra.drift.reading.code import read_code
from infra.drift.reading.groups import read_members
from infra.drift.reading.snapshot import Document, Snapshot, Workloads, alerts_called
from infra.drift.reading.unity import read_unity
from infra.drift.reading.work import levels_of, permissions_of, read_work

ALERTS = "/api/2.0/alerts"
OWNER = "IS_OWNER"


def read_snapshot(calls: Calls, declared: Declared, groups: Iterable[str] = ()) -> Snapshot:
    """The workspace's side of the comparison, with the members of `groups`; UserError when it cannot be read whole."""
    # The first call alone: an unreachable host or refused credentials are told once.
    workspace_id = calls.workspace_id()
    work = read_work(calls, declared)
    alerts = calls.pages(ALERTS, "alerts", page_size=100)
    return Snapshot(
        workspace_id,
        read_unity(calls, declared),
        read_code(calls, declared),
        work,
        alerts,
        *_deployers(declared, work),
        read_members(calls, groups),
        _alert_permissions(calls, declared, alerts),
    )


def _alert_permissions(
    calls: Calls, declared: Declared, alerts: Iterable[Document]
) -> dict[str, dict[str, str]]:
    """The levels on each declared alert that is there, by its title."""
    named = {one.full_name: alerts_called(one.full_name, alerts) for one in declared.of("alert_v2")}
    ids = {title: found[0]["id"] for title, found in named.items() if found}
    answers = calls.each(lambda one: permissions_of(calls, f"alertsv2/{one}"), ids.values())
    return dict(zip(ids, map(levels_of, answers), strict=True))


def _deployers(declared: Declared, work: Workloads) -> tuple[str | None, frozenset[str]]:
    """Who deployed last, and who created something.

    An apply takes over every job and pipeline that has no declared owner, so whoever owns one alone took that by hand.
    """
    addresses = [resource.address for resource in declared.of("job", "pipeline")]
    found = [work.found[address] for address in addresses if address in work.found]
    creators = [one["creator_user_name"] for one in found if "creator_user_name" in one]
    levels = [work.permissions.get(address, {}) for address in addresses]
    owners = Counter(name for one in levels for name, level in one.items() if level == OWNER)
    last = owners.most_common(1)[0][0] if owners else next(iter(creators), None)
    return last, frozenset(creators)
