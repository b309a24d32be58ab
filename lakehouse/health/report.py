"""The health of the lakehouse: each pipeline's last update, each table's age, rows and rejected rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from lakehouse.health.runs import TableRun, UpdateRun
from pipelines.catalog import PIPELINES
from pipelines.expected import (
    MAX_AGE_HOURS,
    USUAL_LEAST,
    USUAL_MOST,
    has_unusual_rows,
    is_late,
    rejected_too_many,
)
from pipelines.lineage import FROM_FILES, SOURCES

FAILED = ("FAILED", "CANCELED")


@dataclass(frozen=True)
class PipelineHealth:
    """A pipeline's last update; `failed` is how many of its last updates failed, one after another."""

    pipeline: str
    last_update: datetime | None
    state: str
    failed: int
    error: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class TableHealth:
    """A table at its last update that wrote it; what is usual is None while too few came before it.

    Attributes:
        age_hours: since rows last came into a table that reads files, and since any other was last written; None for
            one that never was.
        rows: what the last delivery brought, or the table has.
        rejected_share: rejected of the rows that its rules looked at, 0 to 1; None where none were.
        problems: what must be told, such as `late`.
    """

    table: str
    age_hours: float | None
    max_age_hours: int | None
    rows: int | None
    usual_rows: float | None
    rejected_share: float | None
    usual_rejected_share: float | None
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Health:
    """All pipelines and all tables."""

    pipelines: tuple[PipelineHealth, ...]
    tables: tuple[TableHealth, ...]

    @property
    def problems(self) -> list[str]:
        """Each with what it is of: `silver.orders: late`."""
        named = [(one.pipeline, one.problems) for one in self.pipelines]
        named += [(one.table, one.problems) for one in self.tables]
        return [f"{name}: {problem}" for name, problems in named for problem in problems]


def report(updates: Iterable[UpdateRun], now: datetime) -> Health:
    """What the updates say, the oldest of a pipeline first."""
    updates = list(updates)
    pipelines = [_pipeline(one.name, [u for u in updates if u.pipeline == one.name]) for one in PIPELINES]
    runs = [run for update in updates for run in update.tables if run.state == "COMPLETED"]
    tables = [_table(name, [run for run in runs if run.table == name], now) for name in SOURCES]
    return Health(tuple(pipelines), tuple(tables))


def _pipeline(name: str, updates: Sequence[UpdateRun]) -> PipelineHealth:
    if not updates:
        return PipelineHealth(name, None, "", 0, "", ("never updated",))
    failed = 0
    while failed < len(updates) and updates[-1 - failed].state in FAILED:
        failed += 1
    last = updates[-1]
    problems = (f"failed {failed} times" if failed > 1 else "failed",) if failed else ()
    return PipelineHealth(name, last.ended, last.state, failed, last.error if failed else "", problems)


def _table(name: str, runs: Sequence[TableRun], now: datetime) -> TableHealth:
    reads_files = name in FROM_FILES
    # An update that finds no new file says nothing of deliveries.
    told = [run for run in runs if run.rows] if reads_files else list(runs)
    if not told:
        return TableHealth(name, None, MAX_AGE_HOURS[name], None, None, None, None, ("never written",))
    last = told[-1]
    age = (now - last.ended).total_seconds() / 3600
    usual_rows = _usual([run.rows for run in told])
    judged = [run for run in told if run.judged]
    shares = [run.rejected / run.judged for run in judged]
    usual_share = _usual(shares)
    rescued = [run.rescued / run.judged for run in judged]
    problems = {
        "late": is_late(name, age),
        "unusual rows": reads_files and usual_rows is not None and has_unusual_rows(last.rows, usual_rows),
        "rescued": rejected_too_many(last.rescued, last.judged, _usual(rescued) or 0.0),
        "many rejected": usual_share is not None
        and rejected_too_many(judged[-1].rejected, judged[-1].judged, usual_share),
    }
    return TableHealth(
        name,
        age,
        MAX_AGE_HOURS[name],
        last.rows,
        usual_rows,
        shares[-1] if shares else None,
        usual_share,
        tuple(problem for problem, there in problems.items() if there),
    )


def _usual(values: Sequence[float]) -> float | None:
    """Of those before the last."""
    before = values[:-1][-USUAL_MOST:]
    return median(before) if len(before) >= USUAL_LEAST else None
