"""A digest of what a lineage is made from: as long as that is the same, so is the lineage."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

# What differs from one update to the next, and says nothing but which of a plan's parts are the same: the numbers of
# frames, and the names of the engine's own views. The files that are read are left out: no column comes from a name.
# A text within a plan has no line's end and no quote that stands by itself.
_NUMBERED = re.compile(
    r'plan_id: \d+\n|__(?:read|frame)_[0-9a-f]{32}|paths: "[^"\n]*"\n(?: *paths: "[^"\n]*"\n)*'
)


def digest_of(parts: Iterable[Any]) -> str:
    """The digest of plans, expressions of plans and whatever else has a text that says all of it."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        if found[0].startswith("paths"):
            return ""
        return numbers.setdefault(found[0], f"<{len(numbers)}>")

    digest = hashlib.sha256()
    for part in parts:
        digest.update(_NUMBERED.sub(number, str(part)).encode())
        digest.update(b"\0")
    return digest.hexdigest()
