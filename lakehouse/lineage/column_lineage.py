"""The lineage of all tables of a home, by column, in both directions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from common.errors import UserError
from common.home import Home
from local.engine.lineage.traced_values import DIRECT, ColumnOrigin
from local.engine.running.table_reading import nearest_tables
from local.engine.storage.kept_lineage import TableLineage, read_lineage


@dataclass(frozen=True, order=True)
class ColumnUse:
    """That a column is made of another, or decided by it; `target` has an empty column for the rows as a whole.

    `subtypes` are OpenLineage's: IDENTITY, TRANSFORMATION, AGGREGATION for values, all others for decisions.
    """

    source: ColumnOrigin
    target: ColumnOrigin
    subtypes: tuple[str, ...]

    @property
    def values(self) -> list[str]:
        """How values of the source come into the target."""
        return [one for one in self.subtypes if one in DIRECT]

    @property
    def decisions(self) -> list[str]:
        """How the source decides about the target."""
        return [one for one in self.subtypes if one not in DIRECT]


@dataclass(frozen=True)
class TableColumns:
    """What is known of one table, over all of its flows. `untold` says of a column (empty: the rows) what is not."""

    table: TableLineage
    columns: tuple[str, ...]
    uses: tuple[ColumnUse, ...]
    untold: Mapping[str, tuple[str, ...]]
    sources: frozenset[str]


@dataclass(frozen=True)
class ColumnLineage:
    """The lineage of a home, a table at a time."""

    tables: Mapping[str, TableColumns] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Home) -> "ColumnLineage":
        """What the runs of this home have left."""
        return cls({name: _told(one) for name, one in sorted(read_lineage(home).items())})

    def feeding(self, target: ColumnOrigin) -> list[ColumnUse]:
        """What a column is made of or decided by; for an empty column what decides about the table's rows."""
        table = self.tables.get(target.dataset)
        return [use for use in table.uses if use.target == target] if table else []

    def fed_by(self, source: ColumnOrigin) -> list[ColumnUse]:
        """What is made of a column or decided by it: what breaks if it goes."""
        return self._by_source.get(source, [])

    def untold_readers(self, datasets: Collection[str]) -> dict[ColumnOrigin, tuple[str, ...]]:
        """The columns (empty: the rows) of what reads any of the datasets that may be made of it, and why not told."""
        return {
            ColumnOrigin(name, column): reasons
            for name, table in self.tables.items()
            if not table.sources.isdisjoint(datasets)
            for column, reasons in table.untold.items()
        }

    @cached_property
    def outside(self) -> dict[str, list[str]]:
        """The columns that were read of each source of which no run has told: of files, and of tables of others."""
        found: dict[str, list[str]] = {}
        for source in sorted(self._by_source):
            if source.dataset not in self.tables:
                found.setdefault(source.dataset, []).append(source.column)
        return found

    @cached_property
    def _by_source(self) -> dict[ColumnOrigin, list[ColumnUse]]:
        found: dict[ColumnOrigin, list[ColumnUse]] = defaultdict(list)
        for table in self.tables.values():
            for use in table.uses:
                found[use.source].append(use)
        return found

    def selected(self, names: Iterable[str]) -> list[ColumnOrigin]:
        """The columns that TABLE or TABLE.COLUMN means, each table with its rows as a whole; of no names all.

        UserError for one that is not known.
        """
        asked = list(names)
        return [one for name in asked or self.tables for one in self._meant(name)]

    def _meant(self, name: str) -> list[ColumnOrigin]:
        if name in self.tables:
            return [ColumnOrigin(name, column) for column in (*self.tables[name].columns, "")]
        table, _, column = name.rpartition(".")
        if table not in self.tables:
            asked = table if "." in table else name
            raise UserError(
                f"{name}: no run of this home has told the lineage of such a table; "
                f"{nearest_tables(asked, [*self.tables])}"
            )
        if column not in self.tables[table].columns:
            raise UserError(
                f"{name}: {table} has no column {column}; it has: {', '.join(self.tables[table].columns)}"
            )
        return [ColumnOrigin(table, column)]


def _told(table: TableLineage) -> TableColumns:
    columns: dict[str, None] = {}
    uses: dict[tuple[ColumnOrigin, ColumnOrigin], set[str]] = defaultdict(set)
    untold: dict[str, set[str]] = defaultdict(set)
    sources: set[str] = set()
    for flow in table.flows.values():
        sources |= {*flow["sources"]}
        columns |= dict.fromkeys(flow["columns"])
        for column, value in (*flow["columns"].items(), ("", flow["rows"])):
            for source, subtypes in _uses_of(value):
                uses[source, ColumnOrigin(table.name, column)] |= subtypes
            if value.get("unknown"):
                untold[column] |= {*value["unknown"]}
    return TableColumns(
        table,
        tuple(columns),
        tuple(ColumnUse(*ends, tuple(sorted(found))) for ends, found in uses.items()),
        {column: tuple(sorted(reasons)) for column, reasons in untold.items()},
        frozenset(sources),
    )


def _uses_of(value: Mapping[str, Any]) -> Iterable[tuple[ColumnOrigin, set[str]]]:
    for dataset, columns in value["uses"].items():
        for column, subtypes in columns.items():
            yield ColumnOrigin(dataset, column), {*subtypes}
