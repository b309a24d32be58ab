"""Lineage by column as the page shows it: values told apart from joins, filters and the like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.errors import UserError
from lakehouse.lineage.column_lineage import ColumnLineage, ColumnUse
from lakehouse.lineage.column_ways import behind_decisions, decided_by, ends_of, ways_back, ways_forth
from lakehouse.page.reading.column_facts import ColumnFacts, column_facts, expectations_on
from lakehouse.page.reading.lake import NOT_RUN, Lake, LakeDataset, no_dataset
from local.engine.lineage.traced_values import ColumnOrigin

NOT_TOLD = "no run that tells of it has evaluated it yet"


@dataclass(frozen=True)
class ColumnLine:
    """A column, or with an empty name the rows of a table: what it is made of, decided by, and what is not told."""

    name: str
    made_of: list[ColumnUse]
    decided: list[ColumnUse]
    feeds: int
    untold: Sequence[str]


@dataclass(frozen=True)
class TracedTable:
    """A table or files with its columns; `told_at` is when its lineage was told, `silent` why it was not.

    `dataset` is None for what is read and made elsewhere.
    """

    name: str
    columns: list[ColumnFacts]
    dataset: LakeDataset | None
    told_at: datetime | None
    silent: str


@dataclass(frozen=True)
class TracedLake:
    """The datasets of a lake and their lineage, as they stand when a page is asked for."""

    lake: Lake
    datasets: Mapping[str, LakeDataset]
    lineage: ColumnLineage

    @classmethod
    def of(cls, lake: Lake) -> "TracedLake":
        """The lake as it is now."""
        return cls(lake, lake.datasets, lake.lineage)

    def all_tables(self) -> dict[str, Any]:
        """What the template shows of all tables."""
        told, outside = self.lineage.tables, self.lineage.outside
        return {
            "tables": {name: told[name] for name in self.datasets if name in told},
            "outside": {name: found for name, found in outside.items() if name not in self.datasets},
            "silent": {name: _why_silent(one) for name, one in self.datasets.items() if name not in told},
        }

    def table(self, name: str) -> TracedTable:
        """One of them; UserError for a name that is none."""
        told, dataset = self.lineage.tables.get(name), self.datasets.get(name)
        names = told.columns if told else () if dataset else self.lineage.outside.get(name, ())
        if not dataset and not names:
            raise no_dataset(name, self.datasets)
        facts = column_facts(self.lake, name) if dataset else []
        known = {one.name for one in facts}
        return TracedTable(
            name,
            [*facts, *(ColumnFacts(one) for one in names if one not in known)],
            dataset,
            datetime.fromisoformat(told.table.at) if told else None,
            _why_silent(dataset) if dataset and not told else "",
        )

    def lines(self, table: TracedTable) -> dict[str, Any]:
        """What the template shows of a table: a line a column, and one for its rows."""
        names = [one.name for one in table.columns]
        return {
            "table": table,
            "lines": [self._line(ColumnOrigin(table.name, name)) for name in names],
            "rows": self._line(ColumnOrigin(table.name, "")),
        }

    def column(self, table: TracedTable, name: str) -> dict[str, Any]:
        """What the template shows of a column: the ways of its values, and what else looks at these."""
        facts = next((one for one in table.columns if one.name == name), None)
        if facts is None:
            raise UserError(f"{table.name} has no column {name}")
        asked = ColumnOrigin(table.name, name)
        forth = ways_forth(self.lineage, asked)
        reached = [asked, *ends_of(forth)]
        return {
            "table": table,
            "column": facts,
            "own": self._line(asked),
            "back": ways_back(self.lineage, asked),
            "forth": forth,
            "made": len(reached) - 1,
            "decisions": decided_by(self.lineage, reached),
            "behind": behind_decisions(self.lineage, reached),
            "expectations": list(expectations_on(reached)),
            "perhaps": self._perhaps({one.dataset for one in reached}),
        }

    def _line(self, column: ColumnOrigin) -> ColumnLine:
        uses, told = self.lineage.feeding(column), self.lineage.tables.get(column.dataset)
        return ColumnLine(
            column.column,
            [use for use in uses if use.values],
            [use for use in uses if use.decisions],
            len(self.lineage.fed_by(column)),
            told.untold.get(column.column, ()) if told else (),
        )

    def _perhaps(self, tables: set[str]) -> dict[ColumnOrigin, Sequence[str]]:
        """What reads any of the tables, and of which it is not told which columns it reads; with the reasons."""
        silent = {
            ColumnOrigin(name, ""): (_why_silent(one),)
            for name, one in self.datasets.items()
            if name not in self.lineage.tables and not tables.isdisjoint(one.sources)
        }
        return {**self.lineage.untold_readers(tables), **silent}


def _why_silent(dataset: LakeDataset) -> str:
    return NOT_RUN if dataset.rows is None else NOT_TOLD
