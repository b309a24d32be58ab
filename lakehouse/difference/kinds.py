"""The kinds of what differs; a module of its own, since every command line loads it."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """What `--fail-on` names."""

    SCHEMA = "schema"
    ROWS = "rows"
    QUALITY = "quality"
