"""Writes a target of AUTO CDC: the new events of each of its flows, in the order of the flows."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict

from pyspark.sql import DataFrame

from local.engine.cdc.apply import apply_events
from local.engine.language.model import CdcFlow, Dataset, Kind, SnapshotCdcFlow
from local.engine.language.schemas import struct_of
from local.engine.running.evaluating import Evaluated, evaluate
from local.engine.running.work import Work
from local.engine.running.writing import Written, layout_of
from local.engine.storage.delta import Commit, read_files, stage
from local.engine.storage.progress import Progress, read_progress, write_progress


def write_cdc_table(
    work: Work,
    dataset: Dataset,
    flows: Sequence[CdcFlow],
    snapshots: Sequence[SnapshotCdcFlow],
    *,
    full: bool,
) -> Written:
    """Applies what is new to each flow; from the start when `full`."""
    if full:
        for folder in (work.cdc_state(dataset.name), work.folder(dataset.name)):
            shutil.rmtree(folder, ignore_errors=True)
    written = Written()
    for flow in flows:
        _apply(work, dataset, flow, written)
    return written


def _apply(work: Work, dataset: Dataset, flow: CdcFlow, written: Written) -> None:
    state = work.cdc_state(dataset.name)
    number, before = read_progress(state, flow.name)
    if flow.once and before.done:
        return
    given = evaluate(
        work, dataset.name, lambda: work.session.readStream.table(flow.source), flow.place, before
    )
    written.reads.add(given.reading.reads)
    if number and not given.reading.has_new:
        return
    declared = struct_of(dataset.schema) if dataset.schema else None
    after = given.reading.after
    done = Progress(after.tables, after.files, after.schemas, done=flow.once)
    write_progress(state, flow.name, number + 1, done)
    counts = given.reading.counts
    applied = apply_events(
        work.session,
        flow,
        _events(work, flow, given),
        work.folder(dataset.name),
        state,
        declared,
        layout_of(dataset),
        Commit({flow.name: number + 1}, {"expectations": [asdict(count) for count in counts]}),
    )
    written.counts += counts
    written.rows = (written.rows or 0) + applied.rows_inserted + applied.rows_updated + applied.rows_deleted


def _events(work: Work, flow: CdcFlow, given: Evaluated) -> DataFrame:
    """The events in files: they are read several times, and what a clock says in a view must not change between."""
    source = work.definitions.datasets.get(flow.source)
    if source is None or source.kind != Kind.TEMPORARY_VIEW or source.expectations:
        return given.rows
    files = stage(given.rows, work.scratch)
    return read_files(work.session, given.schema, [file.path for file in files])
