"""What the event log tells of expectations, from the tables that the pipelines write."""

from common.home import Home
from local.engine.session import Engine
from local.workspace.http.app import open_workspace
from local.workspace.pipelines import engine_events, updates


def test_each_dataset_has_its_counts_and_what_was_dropped(fresh_home: Home, engine: Engine) -> None:
    engine.serve(fresh_home.warehouse)
    session = engine.session()
    session.sql(f"create schema utils location '{fresh_home.warehouse}/utils.db'")
    session.sql(
        "create table utils.expectation_results as select * from values"
        " ('silver.orders', 'valid_id', 'drop', 8L, 2L), ('silver.orders', 'dated', 'warn', 7L, 1L)"
        " as t (dataset, expectation, action, passed_records, failed_records)"
    )
    session.sql(
        "create table utils.quarantine as select explode(array('silver.orders', 'silver.orders')) as dataset"
    )
    workspace = open_workspace(fresh_home)
    workspace.store.put("pipelines", "p", {"pipeline_id": "p", "spec": {"name": "quality"}})
    update = updates.create(workspace, "p", {}, "API_CALL")
    engine_events.finish(workspace, update, [{"dataset": "utils.expectation_results"}])
    (event,) = [e for e in updates.events(workspace, "p") if e["event_type"] == "flow_progress"]
    quality = event["details"]["flow_progress"]["data_quality"]
    assert event["origin"]["dataset_name"] == "silver.orders"
    assert quality["dropped_records"] == 2
    assert sorted(quality["expectations"], key=lambda one: one["name"]) == [
        {"name": "dated", "dataset": "silver.orders", "passed_records": 7, "failed_records": 1},
        {"name": "valid_id", "dataset": "silver.orders", "passed_records": 8, "failed_records": 2},
    ]
    workspace.store.close()
