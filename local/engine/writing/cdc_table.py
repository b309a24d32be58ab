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
    for place, flow in enumerate(flows):
        # The first flow of a refresh empties the target, for all of them; the others add to it.
        emptied_for = flows[1:] if full and place == 0 else None
        given = _apply(work, dataset, flow, written, emptied_for, anew=full)
        written.lineage[flow.name] = lineage_of_changes(work, dataset, flow, given) if given else None
    return written


def _apply(
    work: Work,
    dataset: Dataset,
    flow: CdcFlow,
    written: Written,
    emptied_for: Sequence[CdcFlow] | None,
    *,
    anew: bool,
) -> Evaluated | None:
    """Applies what is new to a flow; when the target is `emptied_for` others, these too begin anew in its commit.

    Returns the events; None for a flow that has run once.
    """
    number, kept = read_progress(work.home, work.folder(dataset.name), flow.name)
    before = Progress() if anew else kept
    if flow.once and before.done:
        return None
    given = evaluate(
        work, dataset.name, lambda: work.session.readStream.table(flow.source), flow.place, before
    )
    written.inputs.add(given.reading.inputs)
    if number and not anew and not given.reading.has_new:
        return given
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
    return given


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
