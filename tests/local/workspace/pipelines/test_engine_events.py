"""What the event log tells of expectations: what the engine counted."""

from common.home import Home
from local.workspace.http.app import open_workspace
from local.workspace.pipelines import engine_events, updates

EVENT = {
    "dataset": "silver.orders",
    "state": "COMPLETED",
    "rows": 8,
    "dropped": 2,
    "message": "",
    "expectations": [
        {"dataset": "silver.orders", "name": "valid_id", "action": "drop", "passed": 8, "failed": 2},
        {"dataset": "orders_valid", "name": "dated", "action": "warn", "passed": 7, "failed": 1},
    ],
}


def test_each_dataset_has_its_counts_and_what_was_dropped(fresh_home: Home) -> None:
    workspace = open_workspace(fresh_home)
    workspace.store.put("pipelines", "p", {"pipeline_id": "p", "spec": {"name": "quality"}})
    update = updates.create(workspace, "p", {}, "API_CALL")
    engine_events.keep(workspace, update, EVENT)
    found = {
        event["origin"]["dataset_name"]: event["details"]["flow_progress"]
        for event in updates.events(workspace, "p")
        if event["event_type"] == "flow_progress"
    }
    assert found["silver.orders"]["metrics"] == {"num_output_rows": 8}
    assert found["silver.orders"]["data_quality"] == {
        "dropped_records": 2,
        "expectations": [
            {"name": "valid_id", "dataset": "silver.orders", "passed_records": 8, "failed_records": 2}
        ],
    }
    assert found["orders_valid"]["data_quality"]["expectations"] == [
        {"name": "dated", "dataset": "orders_valid", "passed_records": 7, "failed_records": 1}
    ]
    workspace.store.close()
