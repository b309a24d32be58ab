"""Lists a page at a time; a token is the place of the next row."""

from typing import Any

from local.workspace.calls.errors import invalid


def page_of(rows: list[dict[str, Any]], size: int, token: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """At most `size` rows (1 to 1000) from where `token` points, and the field with the next token."""
    if token and not token.isdecimal():
        raise invalid(f"{token!r} is no page token of this list")
    start = int(token or 0)
    end = start + max(1, min(size, 1000))
    return rows[start:end], ({"next_page_token": str(end)} if end < len(rows) else {})
