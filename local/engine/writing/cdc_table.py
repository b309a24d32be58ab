"""Writes a target of AUTO CDC: the new events of each of its flows, in the order of the flows."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from pyspark.sql import DataFrame

from local.engine.cdc.apply import apply_events
from local.engine.cdc.change_events import expected_of_events
from local.engine.evaluating.evaluating import Evaluated, evaluate, placed_errors
from local.engine.evaluating.expectations import Checked, write_checked
from local.engine.evaluating.work import Work
from local.engine.language.model import CdcFlow, Dataset, Kind
from local.engine.language.schemas import struct_of
from local.engine.storage.delta import Commit, read_files
from local.engine.storage.progress import Progress, read_progress, write_progress
from local.engine.writing.table import Written, layout_of, whole_folder
from local.engine.writing.told_lineage import lineage_of_changes


def write_cdc_table(
    work: Work,
    dataset: Dataset,
    flows: Sequence[CdcFlow],
    *,
    full: bool,
) -> Written:
    """Applies what is new to each flow; from the start when `full`."""
    written = Written()
    # One that reads a table which is not written yet begins again, with all the others: nothing is applied by then.
    before = {flow.name: _read_before(work, dataset, flow, anew=full) for flow in flows}
    events = {flow.name: _evaluated(work, dataset, flow, before[flow.name]) for flow in flows}
    for place, flow in enumerate(flows):
        # The first flow of a refresh empties the target, for all of them; the others add to it.
        emptied_for = flows[1:] if full and place == 0 else None
        given = events[flow.name]
        written.lineage[flow.name] = None
        if given:
            _apply(work, dataset, flow, before[flow.name], given, written, emptied_for, anew=full)
            written.lineage[flow.name] = lineage_of_changes(work, dataset, flow, given)
    return written


def _read_before(work: Work, dataset: Dataset, flow: CdcFlow, *, anew: bool) -> Progress:
    return Progress() if anew else read_progress(work.home, work.folder(dataset.name), flow.name)[1]


def _evaluated(work: Work, dataset: Dataset, flow: CdcFlow, before: Progress) -> Evaluated | None:
    """What is new to a flow; None for one that has run once."""
    if flow.once and before.done:
        return None
    return evaluate(
        work, dataset.name, lambda: work.session.readStream.table(flow.source), flow.place, before
    )


def _apply(
    work: Work,
    dataset: Dataset,
    flow: CdcFlow,
    before: Progress,
    given: Evaluated,
    written: Written,
    emptied_for: Sequence[CdcFlow] | None,
    *,
    anew: bool,
) -> None:
    """Applies what is new to a flow; when the target is `emptied_for` others, these too begin anew in its commit."""
    number = read_progress(work.home, work.folder(dataset.name), flow.name)[0]
    written.inputs.add(given.reading.inputs)
    if number and not anew and not given.reading.has_new:
        return
    declared = struct_of(dataset.schema) if dataset.schema else None
    events, checked = _events(work, dataset, flow, given)
    counts = [*given.reading.counts, *checked.counts]
    numbers = {
        other.name: read_progress(work.home, work.folder(dataset.name), other.name)[0]
        for other in emptied_for or ()
    }
    numbers = {name: last + 1 for name, last in {**numbers, flow.name: number}.items()}
    commit = Commit(numbers, {"expectations": [asdict(count) for count in counts]})
    with placed_errors(work, dataset.name, flow.place), whole_folder(work.folder(dataset.name)) as target:
        for name, its in numbers.items():
            read = before.then(given.reading.after, done=flow.once)
            write_progress(work.home, target, name, its, read if name == flow.name else Progress())
        applied = apply_events(
            work.session,
            flow,
            events,
            target,
            work.cdc_state(dataset.name),
            declared,
            layout_of(dataset),
            commit,
            refresh=emptied_for is not None,
        )
    written.counts += counts
    written.dropped += checked.dropped
    written.dropped_in_views |= given.reading.dropped
    rows = applied.rows_inserted + applied.rows_updated + applied.rows_deleted
    written.rows = (written.rows or 0) + rows


def _events(work: Work, dataset: Dataset, flow: CdcFlow, given: Evaluated) -> tuple[DataFrame, Checked]:
    """The events in files, which are read several times, and how they met what the target expects of them.

    What a clock says in a view must not change from one time to the next.
    """
    source = work.definitions.datasets.get(flow.source)
    is_in_files = source is None or source.kind != Kind.TEMPORARY_VIEW or bool(source.expectations)
    if is_in_files and not dataset.expectations:
        return given.rows, Checked([])
    expected = replace(dataset, expectations=expected_of_events(flow, dataset.expectations))
    checked = write_checked(
        work.session, given.rows, given.schema, work.scratch, expected, work.definitions.root
    )
    files = [file.path for file in checked.files]
    return read_files(work.session, given.schema, files), checked
