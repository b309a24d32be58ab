"""The Alerts API: alerts are kept and given back; no query is asked and nobody is told."""

import uuid
from typing import Literal

from pydantic import JsonValue

from local.workspace.calls import routing
from local.workspace.calls.caller import caller_name
from local.workspace.calls.context import Workspace, Ws, now_ms, rfc3339
from local.workspace.calls.errors import invalid, not_found
from local.workspace.calls.pages import Page, page_of
from local.workspace.pipelines.pipeline_records import RunAs
from local.workspace.rights.principals import principal
from local.workspace.storage import minilake
from local.workspace.storage.records import Collection, Record, Sent
from local.workspace.unity import permissions

router = routing.router("/api/2.0/alerts")

Aggregation = Literal["AVG", "COUNT", "COUNT_DISTINCT", "MAX", "MEDIAN", "MIN", "STDDEV", "SUM"]
Comparison = Literal[
    "EQUAL",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL",
    "IS_NOT_NULL",
    "IS_NULL",
    "LESS_THAN",
    "LESS_THAN_OR_EQUAL",
    "NOT_EQUAL",
]
EvaluationState = Literal["ERROR", "OK", "TRIGGERED", "UNKNOWN"]


class OperandColumn(Sent):
    """A column of the query's result; without an aggregation its first row."""

    name: str
    aggregation: Aggregation | None = None


class Threshold(Sent):
    """What the column is compared with: a value or another column."""

    column: OperandColumn | None = None
    value: dict[str, JsonValue] | None = None


class Subscription(Sent):
    """Who is told: a user of the workspace or a notification destination."""

    user_email: str | None = None
    destination_id: str | None = None


class Notification(Sent):
    """Who is told, and how often."""

    subscriptions: tuple[Subscription, ...] = ()
    notify_on_ok: bool | None = None
    retrigger_seconds: int | None = None


class Evaluation(Sent):
    """When the alert fires."""

    source: OperandColumn
    comparison_operator: Comparison
    threshold: Threshold | None = None
    empty_result_state: EvaluationState | None = None
    notification: Notification | None = None


class Schedule(Sent):
    """When the query is asked."""

    quartz_cron_schedule: str
    timezone_id: str
    pause_status: Literal["PAUSED", "UNPAUSED"] | None = None


class NewAlert(Sent):
    """The fields that a caller sets."""

    display_name: str
    query_text: str
    warehouse_id: str
    evaluation: Evaluation
    schedule: Schedule
    custom_summary: str | None = None
    custom_description: str | None = None
    run_as: RunAs | None = None


class AlertChange(Sent):
    """The fields that a change may set; which of them count the call says beside it."""

    display_name: str | None = None
    query_text: str | None = None
    warehouse_id: str | None = None
    evaluation: Evaluation | None = None
    schedule: Schedule | None = None
    custom_summary: str | None = None
    custom_description: str | None = None
    run_as: RunAs | None = None


class Alert(NewAlert):
    """An alert as it is kept; times in RFC 3339."""

    id: str
    create_time: str
    update_time: str
    lifecycle_state: Literal["ACTIVE"]
    owner_user_name: str
    effective_run_as: RunAs


class AlertsPage(Page):
    """A page of alerts."""

    alerts: list[Alert]


_ALERTS = Collection("alerts", Alert)
# What no change reaches: what is computed, and the folder, which is chosen when the alert is made.
_FIXED = (Alert.model_fields.keys() - NewAlert.model_fields.keys()) | {"parent_path"}


@router.post("")
async def create_alert(ws: Ws, body: NewAlert) -> Alert:
    """Create an alert; two may have one name, as on Databricks."""
    _must_have_warehouse(body.warehouse_id)
    moment, owner = rfc3339(now_ms()), caller_name()
    computed = {
        "id": str(uuid.uuid4()),
        "create_time": moment,
        "update_time": moment,
        "lifecycle_state": "ACTIVE",
        "owner_user_name": owner,
        "effective_run_as": _runner(body.run_as, owner),
    }
    made = _save(ws, Alert.model_validate(body.as_json() | computed))
    permissions.make_owner(ws, "alertsv2", made.id)
    return made


@router.get("")
async def list_alerts(ws: Ws, page_size: int = 25, page_token: str = "") -> AlertsPage:
    """All alerts, the oldest first."""
    found = sorted(_ALERTS.all(ws.store), key=lambda alert: (alert.create_time, alert.id))
    rows, token = page_of(found, page_size, page_token)
    return AlertsPage(alerts=rows, next_page_token=token)


@router.get("/{alert_id}")
async def get_alert(ws: Ws, alert_id: str) -> Alert:
    """One alert."""
    return _find(ws, alert_id)


@router.patch("/{alert_id}")
async def update_alert(ws: Ws, alert_id: str, update_mask: str, body: AlertChange) -> Alert:
    """Change the fields that `update_mask` names, or all with `*`; one that is named and not sent is emptied."""
    alert = _find(ws, alert_id)
    sent = body.as_json()
    named = AlertChange.model_fields if update_mask == "*" else update_mask.split(",")
    names = [name for name in named if name not in _FIXED]
    if unknown := [name for name in names if "." in name]:
        raise invalid(f"update_mask names {', '.join(unknown)}: here only whole fields can be changed")
    kept = {name: value for name, value in alert.as_json().items() if name not in names}
    changed = kept | {name: sent[name] for name in names if name in sent} | {"update_time": rfc3339(now_ms())}
    after = Alert.model_validate(changed)
    _must_have_warehouse(after.warehouse_id)
    return _save(ws, after.changed(effective_run_as=_runner(after.run_as, after.owner_user_name)))


@router.delete("/{alert_id}")
async def trash_alert(ws: Ws, alert_id: str) -> Record:
    """Delete an alert; there is no trash."""
    _find(ws, alert_id)
    _ALERTS.delete(ws.store, alert_id)
    permissions.forget(ws, "alertsv2", alert_id)
    return Record()


def _runner(run_as: RunAs | None, owner: str) -> RunAs:
    return run_as or RunAs.of(principal(owner))


def _must_have_warehouse(warehouse_id: str) -> None:
    if not minilake.has_warehouse(warehouse_id):
        raise not_found(f"SQL warehouse {warehouse_id} does not exist.")


def _save(ws: Workspace, alert: Alert) -> Alert:
    _ALERTS.put(ws.store, alert.id, alert)
    return alert


def _find(ws: Workspace, alert_id: str) -> Alert:
    found = _ALERTS.get(ws.store, alert_id)
    if found is None:
        raise not_found(f"Alert {alert_id} does not exist.")
    return found
