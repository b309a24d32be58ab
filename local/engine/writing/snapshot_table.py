"""Writes a target of AUTO CDC from snapshots: the one that a table or view is now, or each that a function gives."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame

from common.errors import UserError
from local.engine.cdc.snapshots import apply_snapshot, empty_target, latest_version
from local.engine.evaluating.evaluating import Evaluated, evaluate, placed_errors
from local.engine.evaluating.work import Work
from local.engine.language.model import Dataset, SnapshotCdcFlow
from local.engine.language.schemas import struct_of
from local.engine.storage.delta import Commit, read_files, stage
from local.engine.storage.progress import Progress
from local.engine.writing.table import Written, layout_of, whole_folder
from local.engine.writing.told_lineage import lineage_of_snapshot

FUNCTION = "the function that gives its snapshots"
Next = Callable[[Any], tuple[DataFrame, Any] | None]


def write_snapshot_table(
    work: Work, dataset: Dataset, flows: Sequence[SnapshotCdcFlow], *, full: bool
) -> Written:
    """Brings the target to each snapshot that is new, one commit each; from the first when `full`."""
    [flow] = flows
    written = Written()
    written.lineage[flow.name] = None
    if flow.once and not full and _shown(work, dataset.name) is not None:
        return written
    if isinstance(flow.source, str):
        _write_named(work, dataset, flow, flow.source, written, full=full)
    else:
        written.inputs.unknown.add(FUNCTION)
        _write_given(work, dataset, flow, flow.source, written, full=full)
    return written


def _shown(work: Work, name: str) -> Any:
    """The version of the snapshot that a target shows; None before the first."""
    folder = work.folder(name)
    return latest_version(work.session, folder, work.cdc_state(name)) if folder.exists() else None


def _write_named(
    work: Work, dataset: Dataset, flow: SnapshotCdcFlow, source: str, written: Written, *, full: bool
) -> None:
    given = evaluate(work, dataset.name, lambda: work.session.read.table(source), flow.place, Progress())
    if given.reading.streams:
        raise UserError(
            f"{flow.place.shown(work.definitions.root)}: {source} is a stream: a snapshot is read whole"
        )
    # As Databricks documents it: the version of a snapshot by name is the time at which it is read.
    version, shown = datetime.now(), None if full else _shown(work, dataset.name)
    # A clock may go back, versions may not.
    version = max(version, shown + timedelta(microseconds=1)) if shown else version
    _write(work, dataset, flow, given, version, written, refresh=full)


def _write_given(
    work: Work, dataset: Dataset, flow: SnapshotCdcFlow, next_snapshot: Next, written: Written, *, full: bool
) -> None:
    """Asks for the snapshot that follows the version which the target shows, until there is none."""
    refresh = full
    while True:
        version = None if refresh else _shown(work, dataset.name)
        given, version = _asked(work, dataset, flow, next_snapshot, version)
        if given is None:
            if refresh:
                state = work.cdc_state(dataset.name)
                empty_target(work.session, flow, work.folder(dataset.name), state, layout_of(dataset))
            return
        _write(work, dataset, flow, given, version, written, refresh=refresh)
        refresh = False


def _asked(
    work: Work, dataset: Dataset, flow: SnapshotCdcFlow, next_snapshot: Next, version: Any
) -> tuple[Evaluated | None, Any]:
    answers: list[tuple[DataFrame, Any] | None] = []

    def query() -> DataFrame:
        answers.append(next_snapshot(version))
        return answers[-1][0] if answers[-1] else work.session.range(0)

    given = evaluate(work, dataset.name, query, flow.place, Progress())
    return (given, answers[-1][1]) if answers[-1] else (None, None)


def _write(
    work: Work,
    dataset: Dataset,
    flow: SnapshotCdcFlow,
    given: Evaluated,
    version: Any,
    written: Written,
    *,
    refresh: bool,
) -> None:
    written.inputs.add(given.reading.inputs)
    counts = given.reading.counts
    # In files: it is read several times, and must not change between.
    files = stage(given.rows, work.scratch)
    with placed_errors(work, dataset.name, flow.place), whole_folder(work.folder(dataset.name)) as target:
        applied = apply_snapshot(
            work.session,
            flow,
            read_files(work.session, given.schema, [file.path for file in files]),
            version,
            target,
            work.cdc_state(dataset.name),
            struct_of(dataset.schema) if dataset.schema else None,
            layout_of(dataset),
            Commit({}, {"expectations": [asdict(count) for count in counts]}),
            refresh=refresh,
        )
    written.counts += counts
    written.dropped_in_views |= given.reading.dropped
    written.lineage[flow.name] = lineage_of_snapshot(work, dataset, flow, given)
    rows = applied.rows_inserted + applied.rows_updated + applied.rows_deleted
    written.rows = (written.rows or 0) + rows
