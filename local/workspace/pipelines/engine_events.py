"""The engine's events, in the shape of the Lakeflow event log."""

import re
from collections.abc import Iterable

from local.engine.evaluating.expectation_count import ExpectationCount
from local.engine.running.events import Event
from local.workspace.calls.context import Workspace
from local.workspace.pipelines import event_log
from local.workspace.pipelines.event_log import DataQuality, Details, ExpectationRows, FlowProgress, Metrics
from local.workspace.pipelines.update_records import Update, origin_of
from local.workspace.unity.tables import TABLE_PIPELINES, TablePipeline

_EXPECTATION = re.compile(
    r"expectation '(?P<name>[^']+)' of (?P<dataset>\S+) failed: (?P<failed>[\d,]+) of (?P<records>[\d,]+) rows?"
)


def keep_event(ws: Workspace, update: Update, event: Event) -> None:
    """Add one event of the engine to the log; the views that a dataset read have an event each for what they count."""
    dataset = event.dataset
    if not dataset:
        event_log.add(ws, origin_of(ws, update), "update_progress", event.message, Details())
        return
    counted = _by_dataset(event.expectations)
    progress = FlowProgress(
        status=event.state,
        metrics=None if event.rows is None else Metrics(num_output_rows=event.rows),
        data_quality=_quality(event, counted.pop(dataset, ())),
    )
    error = event.message if event.state == "FAILED" else ""
    message = f"Flow '{dataset}' is {event.state}."
    details = Details(flow_progress=progress)
    event_log.add(ws, origin_of(ws, update, dataset), "flow_progress", message, details, error)
    for view, expectations in counted.items():
        dropped = event.dropped_in_views.get(view, 0)
        quality = DataQuality(dropped_records=dropped, expectations=expectations)
        details = Details(flow_progress=FlowProgress(status=event.state, data_quality=quality))
        message = f"Expectations of '{view}'."
        event_log.add(ws, origin_of(ws, update, view), "flow_progress", message, details)


def _quality(event: Event, own: tuple[ExpectationRows, ...]) -> DataQuality | None:
    failed = failed_expectation(event.message) if event.state == "FAILED" else None
    if failed:
        return DataQuality(expectations=(failed,))
    return DataQuality(dropped_records=event.dropped, expectations=own) if own or event.dropped else None


def _by_dataset(counts: Iterable[ExpectationCount]) -> dict[str, tuple[ExpectationRows, ...]]:
    counted: dict[str, tuple[ExpectationRows, ...]] = {}
    for count in counts:
        rows = ExpectationRows(
            name=count.name,
            dataset=count.dataset,
            passed_records=count.passed,
            failed_records=count.failed,
        )
        counted[count.dataset] = (*counted.get(count.dataset, ()), rows)
    return counted


def note_tables(ws: Workspace, update: Update, written: Iterable[Event]) -> None:
    """Remember which tables the update wrote."""
    for event in written:
        if "." in event.dataset:
            noted = TablePipeline(pipeline_id=update.pipeline_id, owner=update.run_as)
            TABLE_PIPELINES.put(ws.store, event.dataset, noted)


def failed_expectation(error: str) -> ExpectationRows | None:
    """What an error says of the FAIL expectation that raised it; None for any other error."""
    found = _EXPECTATION.search(error)
    if not found:
        return None
    failed = int(found["failed"].replace(",", ""))
    return ExpectationRows(
        name=found["name"],
        dataset=found["dataset"],
        passed_records=int(found["records"].replace(",", "")) - failed,
        failed_records=failed,
    )
