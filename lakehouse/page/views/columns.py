"""Columns: what each is made of, and what breaks if it goes; values told apart from joins, filters and the like."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlglot
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlglot import exp

from common.errors import UserError
from lakehouse.lineage.column_lineage import ColumnLineage, ColumnUse
from lakehouse.lineage.column_ways import decided_by, ends_of, ways_back, ways_forth
from lakehouse.page.reading.lake import NO_DATASET, Lake, LakeDataset
from lakehouse.page.views.dataset import ColumnFacts, column_facts, declared_rules
from lakehouse.page.views.view import Context, Here
from local.engine.lineage.traced_values import ColumnOrigin

router = APIRouter()
NOT_RUN = "it has not run yet"
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
            raise UserError(NO_DATASET.format(name=name, known=", ".join(self.datasets)))
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
            "expectations": list(_expectations(reached)),
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


def _expectations(columns: Iterable[ColumnOrigin]) -> Iterator[tuple[ColumnOrigin, str, str]]:
    """The expectations that look at any of the columns: the column, their name and what a broken one does."""
    for column in columns:
        for name, action, rule in declared_rules(column.dataset):
            if column.column.lower() in _named_in(rule):
                yield column, name, action


@cache
def _named_in(rule: str) -> frozenset[str]:
    found = sqlglot.parse_one(rule, read="databricks").find_all(exp.Column)
    return frozenset(column.name.lower() for column in found)


def content(context: Context) -> dict[str, Any]:
    """What the template shows of all tables."""
    return TracedLake.of(context.lake).all_tables()


def pages_of_columns(context: Context) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """The page of each table and of each column: template, names of table and column, and what it shows."""
    traced = TracedLake.of(context.lake)
    for name in {**traced.datasets, **traced.lineage.outside}:
        table = traced.table(name)
        yield "columns_of_table", name, "", traced.lines(table)
        for column in table.columns:
            yield "column", name, column.name, traced.column(table, column.name)


@router.get("/columns", response_class=HTMLResponse)
def columns(context: Here) -> str:
    """The page of all tables."""
    return context.page("columns", **content(context))


@router.get("/columns/{name:path}", response_class=HTMLResponse)
def columns_of(context: Here, name: str, column: str = "") -> str:
    """The page of a table or of files, or of one of their columns."""
    traced = TracedLake.of(context.lake)
    table = traced.table(name)
    if column:
        return context.page("column", **traced.column(table, column))
    return context.page("columns_of_table", **traced.lines(table))
