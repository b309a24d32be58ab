"""What is known of a column's origin.

The uses are OpenLineage's (https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet): an origin's
values come into the column (DIRECT), or they decide which rows or values it has (INDIRECT).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

DIRECT = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
INDIRECT = ("JOIN", "FILTER", "GROUP_BY", "SORT", "WINDOW", "CONDITIONAL")


@dataclass(frozen=True, order=True)
class ColumnOrigin:
    """A column of a table (`schema.table`), or of the files below a path."""

    dataset: str
    column: str


@dataclass(frozen=True)
class TracedValue:
    """How columns that were read are used for one: each origin with its uses, and why more of them may be unknown.

    `fields` are the values of a struct's fields, or of an array's structs; empty where they are not told apart.
    """

    uses: Mapping[ColumnOrigin, frozenset[str]] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    fields: Mapping[str, "TracedValue"] = field(default_factory=dict)

    @classmethod
    def of(cls, origin: ColumnOrigin) -> "TracedValue":
        """The column as it was read."""
        return cls({origin: frozenset({"IDENTITY"})})

    @classmethod
    def untold(cls, reason: str) -> "TracedValue":
        """A value of which nothing is known."""
        return cls(unknown=frozenset({reason}))

    def plain(self) -> "TracedValue":
        """The same without its fields."""
        return replace(self, fields={}) if self.fields else self

    def changed(self) -> "TracedValue":
        """What a function makes of it."""
        return self._with(_changed)

    def aggregated(self) -> "TracedValue":
        """What an aggregate makes of it."""
        return self._with(_aggregated)

    def used_for(self, use: str) -> "TracedValue":
        """The same origins where they only decide about another value, or about rows."""
        only = frozenset({use})
        return self._with(lambda _: only)

    def also(self, *others: "TracedValue") -> "TracedValue":
        """The same, and each of its fields, where others have a part in it."""
        whole = merged([self, *others])
        return TracedValue(
            whole.uses, whole.unknown, {name: one.also(*others) for name, one in self.fields.items()}
        )

    def _with(self, new: Callable[[frozenset[str]], frozenset[str]]) -> "TracedValue":
        return TracedValue({origin: new(found) for origin, found in self.uses.items()}, self.unknown)


NOTHING = TracedValue()


@cache
def _changed(uses: frozenset[str]) -> frozenset[str]:
    return frozenset("TRANSFORMATION" if use == "IDENTITY" else use for use in uses)


@cache
def _aggregated(uses: frozenset[str]) -> frozenset[str]:
    return frozenset("AGGREGATION" if use in DIRECT else use for use in uses)


def merged(values: Iterable[TracedValue]) -> TracedValue:
    """All of the values together."""
    found = [value for value in values if value.uses or value.unknown]
    if len(found) < 2:
        return found[0].plain() if found else NOTHING
    uses = dict(found[0].uses)
    for value in found[1:]:
        for origin, own in value.uses.items():
            before = uses.get(origin)
            uses[origin] = own if before is None or before is own else before | own
    return TracedValue(uses, frozenset().union(*(value.unknown for value in found)))


@dataclass(frozen=True)
class Lineage:
    """Where the columns of what a flow writes come from; `rows` says what decides about its rows.

    `sources` are the tables and paths that it reads, whether or not a column of theirs is told.
    """

    columns: Mapping[str, TracedValue]
    rows: TracedValue = NOTHING
    sources: tuple[str, ...] = ()
