"""Requests to erase a person: a file of JSON lines each, of which privacy.erasures is made."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """A request: `requested_at` in UTC, and the digests of the ids by which the person is known."""

    request_id: str
    requested_at: datetime
    reason: str | None
    digests: frozenset[str]


def new_request(start: str, found: Collection[str], reason: str | None) -> Request:
    """A request for the person known by the digest `start`, also when nothing was found."""
    now = datetime.now(UTC)
    return Request(f"{now:%Y%m%dT%H%M%S%fZ}-{start[:8]}", now, reason, frozenset({start, *found}))


def write_request(folder: Path, request: Request) -> None:
    """Adds the request to those in a folder."""
    said = {
        "request_id": request.request_id,
        "requested_at": f"{request.requested_at:%Y-%m-%dT%H:%M:%SZ}",
        "reason": request.reason,
    }
    lines = [json.dumps({**said, "digest": digest}) for digest in sorted(request.digests)]
    path = folder / f"{request.request_id}.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def earlier_requests(folder: Path, start: str) -> dict[str, set[str]]:
    """The digests of each earlier request for the person known by `start`, by the request's id, oldest first."""
    found: dict[str, set[str]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        digests = {json.loads(line)["digest"] for line in file.read_text(encoding="utf-8").splitlines()}
        if start in digests:
            found[file.stem] = digests
    return found
