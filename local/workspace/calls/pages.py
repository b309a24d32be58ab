"""Lists a page at a time; a token is the place of the next row."""

from collections.abc import Sequence
from typing import TypeVar

from local.workspace.calls.errors import invalid
from local.workspace.storage.records import Record

Item = TypeVar("Item")


class Page(Record):
    """What every list answers beside its rows; no token with the last page."""

    next_page_token: str | None = None


def page_of(rows: Sequence[Item], size: int, token: str) -> tuple[list[Item], str | None]:
    """At most `size` rows (1 to 1000) from where `token` points, and the next token."""
    if token and not token.isdecimal():
        raise invalid(f"{token!r} is no page token of this list")
    start = int(token or 0)
    end = start + max(1, min(size, 1000))
    return list(rows[start:end]), str(end) if end < len(rows) else None
