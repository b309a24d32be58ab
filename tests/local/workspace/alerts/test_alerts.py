"""The Alerts API, as the SDK and the provider call it."""

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound
from databricks.sdk.service.sql import (
    AlertV2,
    AlertV2Evaluation,
    AlertV2Notification,
    AlertV2OperandColumn,
    AlertV2Subscription,
    ComparisonOperator,
    CronSchedule,
)

# What the provider sends with every change.
MASK = "custom_description,custom_summary,display_name,evaluation,parent_path,query_text,run_as,schedule,warehouse_id"


def warehouse(client: WorkspaceClient) -> str:
    [found] = [one for one in client.warehouses.list() if one.name == "Serverless Starter Warehouse"]
    return found.id or ""


def new(client: WorkspaceClient, **changed: str) -> AlertV2:
    return AlertV2(
        display_name="late",
        query_text="select 1 as late",
        warehouse_id=changed.get("warehouse_id") or warehouse(client),
        evaluation=AlertV2Evaluation(
            source=AlertV2OperandColumn(name="late"),
            comparison_operator=ComparisonOperator.GREATER_THAN,
            notification=AlertV2Notification(subscriptions=[AlertV2Subscription(user_email="a@x.com")]),
        ),
        schedule=CronSchedule(quartz_cron_schedule="0 0 9 * * ?", timezone_id="UTC"),
        custom_summary=changed.get("custom_summary"),
    )


def test_an_alert_comes_back_with_what_was_sent_and_what_is_computed(client: WorkspaceClient) -> None:
    sent = new(client, custom_summary="Late")
    created = client.alerts_v2.create_alert(sent)
    alert_id = created.id or ""
    assert client.alerts_v2.get_alert(alert_id) == created
    computed = {"id", "create_time", "update_time", "lifecycle_state", "owner_user_name", "effective_run_as"}
    assert created.as_dict().keys() - sent.as_dict().keys() == computed
    assert alert_id in {one.id for one in client.alerts_v2.list_alerts(page_size=1)}
    change = new(client)
    change.query_text = "select 0 as late"
    changed = client.alerts_v2.update_alert(alert_id, change, MASK)
    assert (changed.query_text, changed.custom_summary) == ("select 0 as late", None)
    only = client.alerts_v2.update_alert(alert_id, new(client), "custom_summary")
    assert only.query_text == "select 0 as late"
    client.alerts_v2.trash_alert(alert_id)
    with pytest.raises(NotFound):
        client.alerts_v2.get_alert(alert_id)


def test_what_cannot_be_is_refused(client: WorkspaceClient) -> None:
    with pytest.raises(NotFound, match="warehouse"):
        client.alerts_v2.create_alert(new(client, warehouse_id="nowhere"))
    body = new(client).as_dict() | {"evaluation": {"source": {"name": "x"}, "comparison_operator": "LIKE"}}
    with pytest.raises(BadRequest, match=r"evaluation\.comparison_operator"):
        client.api_client.do("POST", "/api/2.0/alerts", body=body)


def test_the_provider_finds_the_warehouse_by_its_name(client: WorkspaceClient) -> None:
    sources = {source.name: source.warehouse_id for source in client.data_sources.list()}
    assert sources["Serverless Starter Warehouse"] == warehouse(client)
