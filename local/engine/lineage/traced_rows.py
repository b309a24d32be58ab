"""The rows at one step of a query: its columns by the names that later steps use."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from local.engine.lineage.traced_values import NOTHING, TracedValue, merged


@dataclass(frozen=True)
class Column:
    """A column; `name` is None where the engine chooses it. `qualifiers` are the aliases, in lower case."""

    name: str | None
    value: TracedValue
    qualifiers: frozenset[str] = frozenset()

    def is_named(self, name: str, qualifier: str | None = None) -> bool:
        """Whether a query means this column."""
        named = self.name is not None and self.name.lower() == name.lower()
        return named and (qualifier is None or qualifier.lower() in self.qualifiers)


@dataclass(frozen=True)
class TracedRows:
    """`conditions` are what decides which rows there are.

    `rest` is the value of every column that is not listed; None where all are. `hidden` is what a filter or a sort may
    name besides: the rows before a projection.
    """

    columns: tuple[Column, ...] = ()
    conditions: TracedValue = NOTHING
    rest: TracedValue | None = None
    hidden: "TracedRows | None" = None

    @classmethod
    def untold(cls, reason: str) -> "TracedRows":
        """TracedRows of which nothing is known."""
        return cls(conditions=TracedValue.untold(reason), rest=TracedValue.untold(reason))

    def found(self, parts: Sequence[str]) -> TracedValue | None:
        """The value that a name means, `parts` being what its dots part; None for a name that is none."""
        for matching, fields in self._readings(parts):
            if matching:
                values = [column.value for column in matching]
                if any(value != values[0] for value in values):
                    return TracedValue.untold(f"{'.'.join(parts)} is the name of more than one column")
                return of_field(values[0], fields)
        if self.rest is not None:
            return self.rest.changed() if len(parts) > 2 else self.rest
        return self.hidden.found(parts) if self.hidden else None

    def _readings(self, parts: Sequence[str]) -> Iterable[tuple[list[Column], Sequence[str]]]:
        """What a name can mean, the likeliest first: the columns, and the fields below them."""
        for place in (2, 1):
            if len(parts) > place:
                found = [one for one in self.columns if one.is_named(parts[place], parts[place - 1])]
                yield found, parts[place + 1 :]
        yield [one for one in self.columns if one.is_named(parts[0])], parts[1:]

    def value(self, parts: Sequence[str]) -> TracedValue:
        """The same; what is not found is said to be unknown."""
        found = self.found(parts)
        return (
            TracedValue.untold(f"no column {'.'.join(parts)} is seen in the plan") if found is None else found
        )

    def of_qualifier(self, qualifier: str) -> list[Column]:
        """The columns of an alias."""
        return [column for column in self.columns if qualifier.lower() in column.qualifiers]

    def with_conditions(self, *values: TracedValue) -> "TracedRows":
        """The same columns, about whose rows these decide, too."""
        return replace(self, conditions=merged([self.conditions, *values]))

    def aliased(self, alias: str) -> "TracedRows":
        """The same columns under an alias of their own."""
        own = frozenset({alias.lower()})
        return replace(self, columns=tuple(replace(one, qualifiers=own) for one in self.columns), hidden=None)

    def each(self, change: Callable[[TracedValue], TracedValue]) -> "TracedRows":
        """Every column changed."""
        rest = None if self.rest is None else change(self.rest)
        return replace(
            self, columns=tuple(replace(one, value=change(one.value)) for one in self.columns), rest=rest
        )

    def everything(self) -> TracedValue:
        """All columns together."""
        return merged([*(one.value for one in self.columns), *([self.rest] if self.rest else [])])

    def named(self, names: Sequence[str]) -> "TracedRows":
        """The same columns under other names, in their order."""
        if len(names) != len(self.columns) or self.rest is not None:
            return replace(self.with_lost_names("renamed by place"), columns=())
        pairs = zip(self.columns, names, strict=True)
        return TracedRows(tuple(replace(one, name=name) for one, name in pairs), self.conditions)

    def with_lost_names(self, how: str) -> "TracedRows":
        """Columns that cannot be told apart any more."""
        return TracedRows((), self.conditions, TracedValue.untold(f"columns {how}"))


def of_field(value: TracedValue, names: Sequence[str]) -> TracedValue:
    """The value of a field within a value."""
    for name in names:
        fields = {own.lower(): one for own, one in value.fields.items()}
        value = fields.get(name.lower(), value.changed())
    return value


def joined_rows(
    left: TracedRows, right: TracedRows, shared: Iterable[str] = (), *, takes: str = "left"
) -> TracedRows:
    """Both sides' columns; of those `shared` by name the one that the join `takes`: left, right or both."""
    names = list(shared)
    conditions = merged(
        [
            left.conditions,
            right.conditions,
            *(side.value([one]).used_for("JOIN") for side in (left, right) for one in names),
        ]
    )
    keys = [Column(name, _shared(left, right, name, takes)) for name in names]
    others = [one for one in (*left.columns, *right.columns) if not any(map(one.is_named, names))]
    # An alias still reaches the side's own column of that name.
    hidden = TracedRows((*left.columns, *right.columns), NOTHING, None, left.hidden or right.hidden)
    return TracedRows((*keys, *others), conditions, _rest(left, right), hidden)


def _shared(left: TracedRows, right: TracedRows, name: str, takes: str) -> TracedValue:
    both = {"left": left.value([name]), "right": right.value([name])}
    return both[takes] if takes in both else merged(one.changed() for one in both.values())


def _rest(left: TracedRows, right: TracedRows) -> TracedValue | None:
    if left.rest is not None and right.rest is not None and left.rest != right.rest:
        return TracedValue.untold("both sides of a join have columns that are not told")
    return left.rest if right.rest is None else right.rest


def stacked_rows(first: TracedRows, second: TracedRows, *, by_name: bool) -> TracedRows:
    """The rows of both, under the names of the first."""
    conditions = merged([first.conditions, second.conditions])
    if first.rest is not None or second.rest is not None:
        return TracedRows((), conditions, TracedValue.untold("a union of columns that are not told"))
    if by_name:
        columns = [
            replace(one, value=_either(one.value, second.found([one.name or ""]))) for one in first.columns
        ]
        columns += [
            one for one in second.columns if not any(own.is_named(one.name or "") for own in first.columns)
        ]
    elif len(first.columns) == len(second.columns):
        pairs = zip(first.columns, second.columns, strict=True)
        columns = [replace(one, value=_either(one.value, other.value)) for one, other in pairs]
    else:
        return TracedRows((), conditions, TracedValue.untold("a union of columns that are not told"))
    return TracedRows(tuple(columns), conditions)


def _either(first: TracedValue, second: TracedValue | None) -> TracedValue:
    if second is None or first == second:
        return first
    both = [set(one.fields) for one in (first, second)]
    fields = (
        {name: _either(one, second.fields[name]) for name, one in first.fields.items()}
        if both[0] == both[1]
        else {}
    )
    return replace(merged([first, second]), fields=fields)
