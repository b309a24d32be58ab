"""The lakehouse as the page shows it: datasets, updates and rows, read from Delta, the event log and the records."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import Home
from lakehouse.lineage.column_lineage import ColumnLineage
from lakehouse.main_job import Explanation, explain, specs_of
from lakehouse.page.reading.remembered import Remembered
from lakehouse.page.reading.sql import SqlBox, SqlRows
from lakehouse.page.reading.updates import DatasetStep, LoggedUpdate, logged_updates
from local.engine.planning.record import TableRecord, read_record
from local.engine.running.table_reading import nearest_tables
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.event_log import path_of, read_event_log
from local.engine.storage.log import table_path
from local.engine.storage.table_facts import TableFacts, describe_tables
from pipelines.catalog import PIPELINES, writer_of
from pipelines.lineage import SOURCES
from pipelines.schemas import TABLES, Table

DECLARED = {table.name: table for table in TABLES}
NOT_RUN = "it has not run yet"


@dataclass(frozen=True)
class LakeDataset:
    """A dataset as it stands: `state` is fresh, stale, failed or new, `reason` says why.

    `sources` are the tables that it reads, `files` the folders; `seconds` is how long it took when it ran last.
    """

    name: str
    state: str
    reason: str
    pipeline: str
    comment: str
    rows: int | None = None
    size_bytes: int | None = None
    updated_at: datetime | None = None
    seconds: float | None = None
    broken: int = 0
    sources: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    code: tuple[str, ...] = ()

    @property
    def schema(self) -> str:
        """The schema that holds it."""
        return self.name.rpartition(".")[0]

    @property
    def short_name(self) -> str:
        """Its name without the schema."""
        return self.name.rpartition(".")[2]


@dataclass
class Lake:
    """A home, read anew when it has changed."""

    home: Home
    sql: SqlBox = field(init=False)
    _datasets: Remembered[dict[str, LakeDataset]] = field(init=False)
    _updates: Remembered[list[LoggedUpdate]] = field(init=False)
    _lineage: Remembered[ColumnLineage] = field(init=False)
    _answers: dict[str, Remembered[SqlRows]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sql = SqlBox(self.home)
        self._datasets = Remembered(self._read_datasets)
        self._updates = Remembered(lambda: logged_updates(read_event_log(self.home)))
        self._lineage = Remembered(lambda: ColumnLineage.of(self.home))

    def close(self) -> None:
        """Ends the engine, where it was started."""
        self.sql.close()

    @property
    def updates(self) -> list[LoggedUpdate]:
        """Every update, newest first."""
        return self._updates.of(_times([path_of(self.home) / "_delta_log"]))

    @property
    def datasets(self) -> dict[str, LakeDataset]:
        """Every dataset by name, sources before what reads them."""
        code = [*(REPOSITORY / "pipelines").rglob("*.py"), *self.home.volumes.glob("*/*/*")]
        return self._datasets.of(_times({*self._logs(), *self.home.state.glob("ran/*.json"), *code}))

    @property
    def lineage(self) -> ColumnLineage:
        """Where the columns of each table come from, as the runs told."""
        return self._lineage.of(_times(self.home.state.glob("lineage/*.json")))

    @property
    def written(self) -> list[LakeDataset]:
        """The datasets that have a table."""
        return [one for one in self.datasets.values() if one.rows is not None]

    def answer(self, query: str) -> SqlRows:
        """The rows of a query, which are kept as long as no table changes."""
        asked = self._answers.setdefault(query, Remembered(lambda: self.sql.query(query)))
        return asked.of(_times(self._logs()))

    def _logs(self) -> set[Path]:
        return {*self.home.warehouse.glob("*.db/*/_delta_log")}

    def dataset(self, name: str) -> LakeDataset:
        """One dataset; UserError for a name that is none."""
        found = self.datasets.get(name)
        if found is None:
            raise no_dataset(name, self.datasets)
        return found

    def readers(self, name: str) -> list[str]:
        """The datasets that read one."""
        return [each.name for each in self.datasets.values() if name in each.sources]

    def table(self, name: str) -> DeltaTable:
        """A dataset's table; UserError where it has not been written."""
        self.dataset(name)
        found = open_table(table_path(self.home.warehouse, name))
        if found is None:
            raise UserError(f"{name} has not been written yet: `lakehouse run`")
        return found

    def rows_of(self, name: str) -> pa.Table | None:
        """All rows of a small table, None where it has not been written."""
        found = open_table(table_path(self.home.warehouse, name))
        return arrow_table(found) if found else None

    def last_steps(self) -> dict[str, DatasetStep]:
        """The last step of each dataset."""
        found: dict[str, DatasetStep] = {}
        for update in self.updates:
            for step in reversed(update.steps):
                found.setdefault(step.dataset, step)
        return found

    def declared(self, name: str) -> Table | None:
        """What pipelines/schemas says of a dataset."""
        return DECLARED.get(name)

    def _read_datasets(self) -> dict[str, LakeDataset]:
        facts = {one.name: one for one in describe_tables(self.home)}
        records = {
            name: ran for each in PIPELINES for name, ran in read_record(self.home, each.name).tables.items()
        }
        told = {
            one.table: one for one in explain(self.home, specs_of(self.home, [one.name for one in PIPELINES]))
        }
        names = [*SOURCES, *(name for name in {**facts, **records} if name not in SOURCES and "." in name)]
        broken, steps = self._broken(), self.last_steps()
        return {
            name: _dataset(
                name,
                facts.get(name),
                records.get(name),
                steps.get(name),
                told.get(name),
                broken.get(name),
            )
            for name in names
        }

    def _broken(self) -> dict[str, int]:
        """Broken expectations by dataset, over all data."""
        rows = self.rows_of("utils.expectation_results")
        found: dict[str, int] = defaultdict(int)
        for row in rows.to_pylist() if rows else ():
            found[row["dataset"]] += row["failed_records"] > 0
        return found


def _dataset(
    name: str,
    facts: TableFacts | None,
    ran: TableRecord | None,
    step: DatasetStep | None,
    told: Explanation | None,
    broken: int | None,
) -> LakeDataset:
    pipeline, declared = writer_of(name), DECLARED.get(name)
    state, reason = _state(facts, step, told)
    return LakeDataset(
        name,
        state,
        reason,
        pipeline.name if pipeline else "",
        (facts.comment if facts else None) or (declared.comment if declared else ""),
        facts.rows if facts else None,
        facts.size_bytes if facts else None,
        facts.updated_at if facts else None,
        ran.seconds if ran else None,
        (step.broken if step else 0) if broken is None else broken,
        tuple(one for one in (ran.tables if ran else SOURCES.get(name, ())) if one != name),
        tuple(ran.paths) if ran else (),
        tuple(ran.code) if ran else (),
    )


def _state(facts: TableFacts | None, step: DatasetStep | None, told: Explanation | None) -> tuple[str, str]:
    """A failure is over when what it came of is gone, and the next update passes the dataset over."""
    is_passed = told is not None and not told.runs
    if step and step.state == "FAILED" and not is_passed:
        return "failed", step.message
    if facts is None:
        return "new", NOT_RUN
    return (
        ("stale", told.reason) if told and told.runs else ("fresh", "nothing that it depends on has changed")
    )


def no_dataset(name: str, known: Iterable[str]) -> UserError:
    """That there is no dataset of a name, and which are nearest to it."""
    return UserError(f"there is no dataset {name} here; {nearest_tables(name, [*known])}")


def _times(paths: Iterable[Path]) -> frozenset[tuple[Path, int]]:
    """When the paths were changed, which says whether what was read from them still holds."""
    return frozenset((path, path.stat().st_mtime_ns) for path in paths if path.exists())
