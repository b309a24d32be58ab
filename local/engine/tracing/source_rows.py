"""The rows behind rows, as a trace finds them, and how rows are compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import isclose, isnan
from typing import Any

from common.counting import counted
from local.engine.lineage.traced_rows import TracedRows

TODAY = "run `lakehouse run`, then trace again"
RowValues = Mapping[str, Any]


@dataclass(frozen=True)
class SourceRow:
    """A row of a table that is behind another's.

    Where change events are applied, `became` says what it came to (`kept`, `replaced`, `rejected`, `other version`),
    `broken` which rules of the way it breaks, and `cleaned` what its columns were made to; else these are empty.
    """

    values: RowValues
    became: str = ""
    broken: tuple[str, ...] = ()
    cleaned: RowValues = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """How rows met an expectation."""

    name: str
    action: str
    passed: int
    failed: int


@dataclass
class TraceStep:
    """What is behind some `rows` of a table.

    `origins` are those of the columns of its query. `whole` are sources of which all rows come into each row,
    `deciding` those that only decide which rows there are, `windowed` columns that windows give. `judged` says how the
    rows behind met the rules of a view on the way. `notes` say what could not be traced, and why; `from_files` whether
    the rows were read from files.
    """

    rows: Sequence[RowValues]
    origins: TracedRows = field(default_factory=TracedRows)
    whole: set[str] = field(default_factory=set)
    deciding: set[str] = field(default_factory=set)
    windowed: dict[str, None] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    from_files: bool = False
    _behind: dict[str, dict[tuple[str, ...], tuple[SourceRow, set[int]]]] = field(default_factory=dict)
    _found: set[int] = field(default_factory=set)
    _wrong: dict[str, None] = field(default_factory=dict)

    def by(self, keys: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
        """The places of the rows, by the values of some columns."""
        found: dict[tuple[str, ...], list[int]] = {}
        for place, row in enumerate(self.rows):
            found.setdefault(mark_of(row, keys), []).append(place)
        return found

    def found(self, place: int, values: RowValues) -> None:
        """Notes what the query gives today in the place of a row."""
        self._found.add(place)
        self._wrong |= dict.fromkeys(differing(values, self.rows[place]))

    @property
    def behind(self) -> dict[str, list[SourceRow]]:
        """The rows behind by their table."""
        return {source: [row for row, _ in found.values()] for source, found in self._behind.items()}

    def places(self, source: str) -> list[set[int]]:
        """For each row of `behind` of a source the places of the rows that it is behind."""
        return [places for _, places in self._behind[source].values()]

    def add(self, source: str, rows: Iterable[SourceRow], places: Iterable[int] = ()) -> None:
        """Adds rows of a source, each once, that are behind the rows at these places."""
        known = self._behind.setdefault(source, {})
        behind = {*places}
        for one in rows:
            known.setdefault(mark_of(one.values), (one, set()))[1].update(behind)

    def check(self, *, asked_all: bool) -> None:
        """Notes where what the flows give today is not what stands in the table; `asked_all` says whether all did."""
        lost = len(self.rows) - len(self._found) if asked_all else 0
        if lost:
            self.notes.append(f"its query does not give {counted(lost, 'row')} of these today: {TODAY}")
        if self._wrong:
            self.notes.append(f"its query gives other values of {', '.join(self._wrong)} today: {TODAY}")


def mark_of(values: RowValues, names: Sequence[str] | None = None) -> tuple[str, ...]:
    """What a row is told from others by: its values, or those of some columns."""
    return tuple(repr(values.get(name)) for name in names or values)


def differing(given: RowValues, stored: RowValues) -> list[str]:
    """The columns of both in which two rows differ; sums of fractions may differ in their last digits."""
    both = [name for name in stored if name in given]
    return [name for name in both if not _same(given[name], stored[name])]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (isnan(one) and isnan(other))
    return one == other


def columns_to_find(rows: Sequence[RowValues]) -> list[str]:
    """The columns by which rows without a key are found again: all that hold no fractions and no lists."""
    return [name for name in rows[0] if not any(isinstance(row[name], float | list | dict) for row in rows)]


def as_order(value: Any) -> tuple[Any, ...]:
    """A sequence, which may be a struct, so that Python orders it as Spark does: null first."""
    if isinstance(value, Mapping):
        return tuple(as_order(one) for one in value.values())
    return (value is not None, value if value is not None else 0)


def changed_by_cleaning(raw: Any, cleaned: Any) -> bool:
    """Whether cleaning made another value of a text than the one that it stands for."""
    if raw is None or cleaned is None:
        return raw is not cleaned
    if isinstance(cleaned, int | Decimal) and not isinstance(cleaned, bool):
        try:
            return Decimal(raw) != cleaned or str(raw) != str(raw).strip()
        except (ArithmeticError, TypeError, ValueError):
            return True
    if hasattr(cleaned, "isoformat"):
        return str(raw) not in {str(cleaned), str(cleaned).removesuffix("+00:00")}
    return str(raw) != str(cleaned)
