"""Which tables an update writes."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Refresh:
    """Which tables an update writes: all in full, those named, those named in full; without any the stale ones."""

    all_in_full: bool = False
    named: frozenset[str] = frozenset()
    named_in_full: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether no table is named: what is stale runs, or all."""
        return not self.named and not self.named_in_full

    def in_full(self, resolve: Callable[[str], str], table: str) -> bool:
        """Whether a table, by its full name, is read from the start; `resolve` gives the full name of one named."""
        return self.all_in_full or table in map(resolve, self.named_in_full)
