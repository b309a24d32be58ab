"""Reads a snapshot: everything that the stack declares, and what stands beside it."""

from infra.drift.declared import Declared
from infra.drift.reading.calls import Calls
from infra.drift.reading.code import read_code
from infra.drift.reading.snapshot import Snapshot, Workloads
from infra.drift.reading.unity import read_unity
from infra.drift.reading.work import read_work

ALERTS = "/api/2.0/alerts"


def read_snapshot(calls: Calls, declared: Declared) -> Snapshot:
    """The workspace's side of the comparison; UserError when it cannot be read whole."""
    # The first call alone: an unreachable host or refused credentials are told once.
    calls.get("/api/2.0/preview/scim/v2/Me")
    work = read_work(calls, declared)
    return Snapshot(
        read_unity(calls, declared),
        read_code(calls, declared),
        work,
        calls.pages(ALERTS, "alerts", page_size=100),
        _deployer(declared, work),
    )


def _deployer(declared: Declared, work: Workloads) -> str | None:
    found = (work.found.get(resource.address, {}) for resource in declared.of("job", "pipeline"))
    return next(
        (document["creator_user_name"] for document in found if "creator_user_name" in document), None
    )
