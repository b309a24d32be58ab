"""What a dataset's query was seen to read."""

from dataclasses import dataclass, field


@dataclass
class Inputs:
    """Tables, the pipeline's own views, files and folders, and what cannot be followed (a clock, say)."""

    tables: set[str] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def add(self, other: "Inputs") -> None:
        """Notes what another query reads, too."""
        self.tables |= other.tables
        self.views |= other.views
        self.paths |= other.paths
        self.unknown |= other.unknown
