"""What applying change events one by one gives: the oracle of AUTO CDC."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One event: `name` is tracked, `seen_at` is not."""

    key: str | None
    sequence: int
    operation: str
    name: str | None
    seen_at: int | None


Current = dict[str | None, tuple[str | None, int | None]]
Version = tuple[str | None, str | None, int | None, int, int | None]


def current(
    history: Iterable[Change], ignore_nulls: bool = False
) -> set[tuple[str | None, str | None, int | None]]:
    """SCD type 1: key, name, seen_at."""
    live: Current = {}
    for change in sorted(history, key=lambda c: c.sequence):
        if change.operation == "TRUNCATE":
            live.clear()
        elif change.operation == "DELETE":
            live.pop(change.key, None)
        else:
            name, seen_at = live.get(change.key, (None, None)) if ignore_nulls else (None, None)
            live[change.key] = (
                name if change.name is None else change.name,
                seen_at if change.seen_at is None else change.seen_at,
            )
    return {(key, *row) for key, row in live.items()}


def versions(history: Iterable[Change]) -> set[Version]:
    """SCD type 2: key, name, seen_at, __START_AT, __END_AT."""
    closed: set[Version] = set()
    open_: dict[str | None, tuple[str | None, int | None, int]] = {}
    for change in sorted(history, key=lambda c: c.sequence):
        before = open_.get(change.key)
        if change.operation != "DELETE" and before and before[0] == change.name:
            open_[change.key] = (change.name, change.seen_at, before[2])
            continue
        if before:
            closed.add((change.key, *before, change.sequence))
            del open_[change.key]
        if change.operation != "DELETE":
            open_[change.key] = (change.name, change.seen_at, change.sequence)
    return closed | {(key, *row, None) for key, row in open_.items()}
