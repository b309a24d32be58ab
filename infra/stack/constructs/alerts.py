"""The SQL alerts: who is told that data is late, unusually bad or does not add up."""

from typing import Any

from cdktf_cdktf_provider_databricks.alert_v2 import (
    AlertV2,
    AlertV2Evaluation,
    AlertV2EvaluationNotification,
    AlertV2EvaluationNotificationSubscriptions,
    AlertV2EvaluationSource,
    AlertV2EvaluationThreshold,
    AlertV2EvaluationThresholdValue,
    AlertV2RunAs,
    AlertV2Schedule,
)
from cdktf_cdktf_provider_databricks.data_databricks_sql_warehouse import DataDatabricksSqlWarehouse
from constructs import Construct

from infra.stack.alert_queries import Alert, alerts
from infra.stack.constructs.catalog import Storage
from infra.stack.constructs.files import UploadedCode
from infra.stack.settings import Environment

# An alert that stays triggered is sent again after a day.
AGAIN_SECONDS = 24 * 60 * 60
WHAT_TO_DO = "What it means and what to do: docs/runbook.md, section {}.<br>{{{{QUERY_RESULT_TABLE}}}}"


def declare_alerts(
    scope: Construct,
    environment: Environment,
    storage: Storage,
    code: UploadedCode,
    warehouse: DataDatabricksSqlWarehouse,
    run_as: str | None,
) -> None:
    """An alert each; they are paused as long as the job is, and run as `run_as` as the job does.

    They stand in the environment's folder: whoever sees that sees them, which in the deployer's own nobody would.
    """
    for alert in alerts(f"{storage.catalog.name}."):
        AlertV2(
            scope,
            f"alert_{alert.name}",
            display_name=environment.titled(alert.title),
            query_text=alert.query,
            warehouse_id=warehouse.id,
            parent_path=code.root.workspace_path,
            custom_summary=environment.titled(alert.title),
            custom_description=WHAT_TO_DO.format(alert.name),
            evaluation=_evaluation(environment, alert),
            schedule=_schedule(environment),
            run_as=AlertV2RunAs(service_principal_name=run_as) if run_as else None,
        )


def _evaluation(environment: Environment, alert: Alert) -> AlertV2Evaluation:
    return AlertV2Evaluation(
        source=AlertV2EvaluationSource(name=alert.column, aggregation="MAX"),
        comparison_operator="GREATER_THAN",
        threshold=AlertV2EvaluationThreshold(value=AlertV2EvaluationThresholdValue(double_value=0)),
        empty_result_state=alert.empty,
        notification=AlertV2EvaluationNotification(
            subscriptions=[
                AlertV2EvaluationNotificationSubscriptions(**_subscription(who))
                for who in environment.alerts.notify
            ],
            notify_on_ok=True,
            retrigger_seconds=AGAIN_SECONDS,
        ),
    )


def _subscription(who: str) -> dict[str, Any]:
    return {"user_email": who} if "@" in who else {"destination_id": who}


def _schedule(environment: Environment) -> AlertV2Schedule:
    chosen = environment.alerts
    return AlertV2Schedule(
        quartz_cron_schedule=chosen.cron,
        timezone_id=chosen.timezone,
        pause_status="PAUSED" if environment.trigger.paused else "UNPAUSED",
    )
