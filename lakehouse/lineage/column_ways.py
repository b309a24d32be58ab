"""The ways of values over all tables: from a column back to the files, and forth to all that breaks when it goes."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lakehouse.lineage.column_lineage import ColumnLineage, ColumnUse
from local.engine.lineage.traced_values import INDIRECT, ColumnOrigin


@dataclass(frozen=True)
class Way:
    """A use by which values come from one column into the next, and the uses beyond its far `end`.

    `is_again` says that the uses beyond stand where this end was met first.
    """

    use: ColumnUse
    end: ColumnOrigin
    beyond: tuple["Way", ...] = ()
    is_again: bool = False


def ways_back(lineage: ColumnLineage, column: ColumnOrigin) -> tuple[Way, ...]:
    """What the values of a column are made of, and what that is made of, as far as is told."""
    return _ways(column, lineage.feeding, lambda use: use.source, {column})


def ways_forth(lineage: ColumnLineage, column: ColumnOrigin) -> tuple[Way, ...]:
    """What is made of a column's values, and what is made of that."""
    return _ways(column, lineage.fed_by, lambda use: use.target, {column})


def _ways(
    start: ColumnOrigin,
    next_uses: Callable[[ColumnOrigin], Iterable[ColumnUse]],
    end_of: Callable[[ColumnUse], ColumnOrigin],
    met: set[ColumnOrigin],
) -> tuple[Way, ...]:
    """Every use once; the uses beyond a column where it is met first, which also ends a circle."""
    found = []
    for use in sorted(use for use in next_uses(start) if use.values):
        end = end_of(use)
        if end in met:
            found.append(Way(use, end, is_again=True))
            continue
        met.add(end)
        found.append(Way(use, end, _ways(end, next_uses, end_of, met)))
    return tuple(found)


def ends_of(ways: Iterable[Way]) -> Iterator[ColumnOrigin]:
    """The columns at the ends of all the ways, each once."""
    for way in ways:
        if not way.is_again:
            yield way.end
            yield from ends_of(way.beyond)


@dataclass(frozen=True)
class Behind:
    """What comes out otherwise when decisions do.

    `columns` are decided about, or made of such, and hold no value of the deciding ones; `tables` have other rows, each
    with those of its sources that do.
    """

    columns: tuple[ColumnOrigin, ...]
    tables: Mapping[str, tuple[str, ...]]


def behind_decisions(lineage: ColumnLineage, columns: Collection[ColumnOrigin]) -> Behind:
    """What is behind the decisions of columns, given with all that are made of them: the columns and tables beyond.

    Tables whose rows any of the columns decides about have no source in `tables`; what reads these follows.
    """
    met, to_follow, rows = set(columns), list(columns), dict[str, tuple[str, ...]]()
    for column in to_follow:
        for use in sorted(lineage.fed_by(column)):
            if not use.target.column:
                rows.setdefault(use.target.dataset, ())
            elif use.target not in met:
                met.add(use.target)
                to_follow.append(use.target)
    return Behind(tuple(to_follow[len(columns) :]), rows | _readers(lineage, rows))


def _readers(lineage: ColumnLineage, changed: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The tables that read any of these, or one that does, with what they read of them all."""
    found, size = set(changed), -1
    while size != len(found):
        size = len(found)
        found |= {name for name, told in lineage.tables.items() if not told.sources.isdisjoint(found)}
    return {
        name: tuple(sorted(lineage.tables[name].sources & found)) for name in sorted(found - set(changed))
    }


def decided_by(lineage: ColumnLineage, columns: Sequence[ColumnOrigin]) -> list[tuple[str, ColumnUse]]:
    """What any of the columns decides about: JOIN, FILTER, GROUP_BY, SORT, WINDOW or CONDITIONAL, with the use."""
    found = [(kind, use) for column in columns for use in lineage.fed_by(column) for kind in use.decisions]
    return sorted(found, key=lambda one: (INDIRECT.index(one[0]), one[1].target, one[1].source))
