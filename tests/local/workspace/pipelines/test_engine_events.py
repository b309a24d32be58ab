"""What the event log tells of expectations: what the engine counted."""

from common.home import Home
from local.engine.evaluating.expectation_count import ExpectationCount
from local.engine.running.events import Event
from local.workspace.http.app import open_workspace
from local.workspace.pipelines import engine_events, event_log, pipeline_records, update_records
from local.workspace.pipelines.event_log import DataQuality, ExpectationRows, Metrics, StartOptions
from local.workspace.pipelines.pipeline_records import Pipeline, Spec

EVENT = Event(
    dataset="silver.orders",
    state="COMPLETED",
    rows=8,
    dropped=2,
    expectations=(
        ExpectationCount("silver.orders", "valid_id", "drop", passed=8, failed=2),
        ExpectationCount("orders_valid", "dated", "warn", passed=7, failed=1),
    ),
)


def test_each_dataset_has_its_counts_and_what_was_dropped(fresh_home: Home) -> None:
    workspace = open_workspace(fresh_home)
    quality = Pipeline(pipeline_id="p", spec=Spec(name="quality"), created_at=0, last_modified=0)
    pipeline_records.save(workspace, quality)
    update = update_records.create(workspace, "p", StartOptions())
    engine_events.keep_event(workspace, update, EVENT)
    found = {
        event.origin.dataset_name: event.details.flow_progress
        for event in event_log.events_of_pipeline(workspace, "p")
        if event.details.flow_progress
    }
    silver, view = found["silver.orders"], found["orders_valid"]
    assert silver.metrics == Metrics(num_output_rows=8)
    valid_id = ExpectationRows(name="valid_id", dataset="silver.orders", passed_records=8, failed_records=2)
    assert silver.data_quality == DataQuality(dropped_records=2, expectations=(valid_id,))
    dated = ExpectationRows(name="dated", dataset="orders_valid", passed_records=7, failed_records=1)
    assert view.data_quality and view.data_quality.expectations == (dated,)
    workspace.store.close()
