"""Which tables an update writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from common.errors import UserError

RESET_ALLOWED = "pipelines.reset.allowed"


@dataclass(frozen=True)
class Refresh:
    """Which tables an update writes: all in full, those named, those named in full; without any the stale ones.

    With `stale_in_full` the stale ones are read from the start. With `resets_all` also tables whose properties forbid
    it are refreshed in full.
    """

    all_in_full: bool = False
    named: frozenset[str] = frozenset()
    named_in_full: frozenset[str] = frozenset()
    resets_all: bool = False
    stale_in_full: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether no table is named: what is stale runs, or all."""
        return not self.named and not self.named_in_full

    def in_full(self, resolve: Callable[[str], str], table: str, properties: Mapping[str, str]) -> bool:
        """Whether a table, by its full name, is read from the start; `resolve` gives the full name of one named.

        One whose properties forbid it is left as it is in a full refresh of all; UserError when it is named.
        """
        named = table in map(resolve, self.named_in_full)
        forbidden = properties.get(RESET_ALLOWED, "true").lower() == "false" and not self.resets_all
        if named and forbidden:
            raise UserError(f"{table} cannot be refreshed in full: its property {RESET_ALLOWED} is false")
        return (named or self.all_in_full or self.stale_in_full) and not forbidden
