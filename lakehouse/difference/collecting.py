"""Runs both revisions and gathers what differs."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import yaml

from common.home import Home
from lakehouse.contracts.comparing import ContractChange, contract_change
from lakehouse.contracts.rendering import CONTRACT_SUFFIX, CONTRACTS_FOLDER
from lakehouse.difference.comparing import compare_table
from lakehouse.difference.homes import RevisionOutcome, base_home, head_home
from lakehouse.difference.project import Project
from lakehouse.difference.report import ChartChange, QuarantineChange, Report, RuleChange, TableChange
from lakehouse.difference.revisions import base_commit, files_at, is_unchanged, unpacked_revision
from lakehouse.difference.worlds import world_of
from local.engine.planning.record import read_record
from local.engine.running.events import Event
from local.engine.running.opening import opened_session
from local.engine.sessions.client import interruptible
from local.engine.sessions.engines import EngineChoice
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.lock import locked
from local.engine.storage.log import table_path
from local.engine.storage.table_facts import row_count
from pipelines.schemas.utils import QUARANTINE

# Tables that are compared at once: each holds the rows of two.
AT_ONCE = 2


def difference(
    project: Project,
    base: str | None,
    world: str,
    cache: Path,
    engine: EngineChoice,
    rows: int = 10_000,
    *,
    draws: bool = False,
) -> Report:
    """What the working tree does to the tables of a world that the revision `base` does not.

    `rows` is how many orders are sampled of a workspace; `draws` adds the charts that differ. `cache` keeps the code
    and the tables of bases. Raises UserError for a revision, a world or a file that is wrong.
    """
    began = monotonic()
    commit = base_commit(project.root, base)
    revision = unpacked_revision(project.root, commit, project.folder, cache)
    contracts = _contracts(project.root, commit)
    if is_unchanged(project.root, commit, project.folder):
        return Report(revision.name, world, contracts=contracts)
    with locked(Home(cache), "lakehouse diff"):
        raw = world_of(world, rows, cache, project.specs(project.root))
        old, before = base_home(project, revision, raw, cache, engine)
        new, after = head_home(old, project, cache, engine)
        return Report(
            revision.name,
            world,
            tables=_tables(project, old, new, before, after),
            rules=_rules(before, after),
            quarantine=_quarantine(old, new, before, after),
            contracts=contracts,
            failures=list(after.failed.values()),
            mended=_mended(before, after),
            ran=sum(event.state == "COMPLETED" for event in after.events.values()),
            seconds=round(monotonic() - began, 1),
            charts=_charts(project.root / "dashboards", old, new) if draws else [],
        )


def _charts(folder: Path, old: Home, new: Home) -> list[ChartChange]:
    # To import what reads a dashboard's SQL takes a quarter of a second.
    from lakehouse.difference.figures import changed_charts

    return changed_charts(folder, old, new)


def _contracts(root: Path, commit: str) -> list[ContractChange]:
    now = {
        path.name: path.read_text(encoding="utf-8")
        for path in (root / CONTRACTS_FOLDER).glob(f"*{CONTRACT_SUFFIX}")
    }
    then = {
        name: text
        for name, text in files_at(root, commit, CONTRACTS_FOLDER).items()
        if name.endswith(CONTRACT_SUFFIX)
    }
    texts = ((then.get(name), now.get(name)) for name in sorted(then.keys() | now.keys()))
    pairs = [contract_change(*(yaml.safe_load(text) if text else None for text in pair)) for pair in texts]
    return [change for change in pairs if change]


def _tables(
    project: Project, old: Home, new: Home, before: RevisionOutcome, after: RevisionOutcome
) -> list[TableChange]:
    names = [*after.events, *(name for name in before.tables() if name not in after.events)]
    read = _read_by_others(project, new)

    def change_of(name: str) -> TableChange | None:
        then, now = before.tables().get(name), after.events.get(name)
        if then and now and now.state == "COMPLETED":
            figures = name.startswith("gold.") or name not in read
            homes = (old.warehouse, new.warehouse)
            return compare_table(session, name, homes, project.keys.get(name, ()), with_figures=figures)
        if now and now.state == "COMPLETED":
            return _alone(new, name, "new")
        if then and (now is None or now.state in {"FAILED", "SKIPPED"}):
            return _alone(old, name, "not written" if now or after.failed else "deleted")
        return None

    with opened_session() as (session, _), ThreadPoolExecutor(AT_ONCE) as pool, interruptible(session):
        return [change for change in pool.map(change_of, names) if change and change.differs]


def _alone(home: Home, name: str, state: str) -> TableChange:
    """A table that one side has, or that was not written."""
    table = open_table(table_path(home.warehouse, name))
    assert table
    rows = row_count(table)
    return TableChange(name, state, (0, rows) if state == "new" else (rows, 0))


def _read_by_others(project: Project, home: Home) -> set[str]:
    records = (read_record(home, spec.name) for spec in project.specs(project.root))
    return {name for record in records for ran in record.tables.values() for name in ran.tables}


def _rules(before: RevisionOutcome, after: RevisionOutcome) -> list[RuleChange]:
    """The expectations of tables that both sides wrote whose counts moved; one that is new and kept by all has not."""
    old, new = _broken(before, before), _broken(after, before)
    written = {name for name, event in after.tables().items() if name in before.tables()}
    names = [name for name in dict.fromkeys([*old, *new]) if name[0] in written]
    changes = (RuleChange(*name[1:], old.get(name), new.get(name)) for name in names)
    return [
        change for change in changes if (change.before or 0) != (change.after or 0) or change.after is None
    ]


def _broken(outcome: RevisionOutcome, base: RevisionOutcome) -> dict[tuple[str, str, str], int]:
    """By table, dataset (it or a view that it reads) and expectation: rows that broke it."""
    return {
        (name, count.dataset, count.name): count.failed
        for name, event in outcome.writes(base).items()
        for count in event.expectations
    }


def _quarantine(
    old: Home, new: Home, before: RevisionOutcome, after: RevisionOutcome
) -> list[QuarantineChange]:
    """The tables that drop another number of rows; what stands in our quarantine also tells of views."""
    counts = [_dropped(home, outcome.writes(before)) for home, outcome in ((old, before), (new, after))]
    both = [name for name in after.tables() if name in before.tables()]
    changes = (QuarantineChange(name, *(each.get(name, 0) for each in counts)) for name in both)
    return [change for change in changes if change.before != change.after]


def _dropped(home: Home, writes: Mapping[str, Event]) -> dict[str, int]:
    table = open_table(table_path(home.warehouse, QUARANTINE.name))
    rows = arrow_table(table, ["dataset"])["dataset"].to_pylist() if table else []
    return {name: event.dropped for name, event in writes.items()} | Counter(rows)


def _mended(before: RevisionOutcome, after: RevisionOutcome) -> list[str]:
    return [message for pipeline, message in before.failed.items() if pipeline not in after.failed]
