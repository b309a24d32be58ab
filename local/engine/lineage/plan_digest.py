"""A digest of what a lineage is made from: as long as that is the same, so is the lineage."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

# What differs from one update to the next, and says nothing but which of a plan's parts are the same: the numbers of
# frames, and the names of the engine's own views. By themselves, since texts are long and a beginning is found quickly.
_NUMBERED = [re.compile(one) for one in (r"plan_id: \d+\n", r"__read_[0-9a-f]{32}", r"__frame_[0-9a-f]{32}")]
# The files that are read: no column comes from a name. A text within a plan has no line's end, and no quote that stands
# by itself.
_FILES = re.compile(r'paths: "[^"\n]*"\n(?: *paths: "[^"\n]*"\n)*')


def lineage_digest(parts: Iterable[Any]) -> str:
    """The digest of plans, expressions of plans and whatever else has a text that says all of it."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"<{len(numbers)}>")

    digest = hashlib.sha256()
    for part in parts:
        text = _FILES.sub("", str(part))
        for numbered in _NUMBERED:
            text = numbered.sub(number, text)
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()
