"""Requests to erase a person: a file of JSON lines each, of which privacy.erasures is made."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.erasing.person import Read, digests_of_person


@dataclass(frozen=True)
class Request:
    """A request: `requested_at` in UTC, and the digests of the ids by which the person is known."""

    request_id: str
    requested_at: datetime
    reason: str | None
    digests: frozenset[str]


def recorded(folder: Path, start: str, reason: str | None, read: Read) -> tuple[Request, list[str]]:
    """Adds a request for the person known by the digest `start` to those in a folder, also when nobody is found.

    `read` gives the rows of a table, None where there is none. The request, and the ids of the earlier ones for the
    same person.
    """
    earlier = _earlier_requests(folder, start)
    # Those of a request that was cut off count, too: what led to them may be gone by now.
    found = digests_of_person(start, read).union(*earlier.values())
    request = _new_request(start, found, reason)
    _write(folder, request)
    return request, list(earlier)


def _new_request(start: str, found: Collection[str], reason: str | None) -> Request:
    now = datetime.now(UTC)
    return Request(f"{now:%Y%m%dT%H%M%S%fZ}-{start[:8]}", now, reason, frozenset({start, *found}))


def _write(folder: Path, request: Request) -> None:
    said = {
        "request_id": request.request_id,
        "requested_at": f"{request.requested_at:%Y-%m-%dT%H:%M:%SZ}",
        "reason": request.reason,
    }
    lines = [json.dumps({**said, "digest": digest}) for digest in sorted(request.digests)]
    path = folder / f"{request.request_id}.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _earlier_requests(folder: Path, start: str) -> dict[str, set[str]]:
    """The digests of each earlier request for the person known by `start`, by the request's id, oldest first."""
    found: dict[str, set[str]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        digests = {json.loads(line)["digest"] for line in file.read_text(encoding="utf-8").splitlines()}
        if start in digests:
            found[file.stem] = digests
    return found
