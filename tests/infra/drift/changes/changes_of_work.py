"""The changes to the job and the pipelines, under the names under which they were measured."""

from typing import Any

from tests.infra.drift.changes.change import (
    Change,
    dashboard_edit,
    gone,
    job_edit,
    permission_change,
    pipeline_edit,
)
from tests.infra.drift.world import DASHBOARD, JOB, PIPELINES, ROOT, World


def _task(settings: dict[str, Any], key: str) -> dict[str, Any]:
    return next(task for task in settings["tasks"] if task["task_key"] == key)


def _keep_tasks(settings: dict[str, Any], *, without: str) -> None:
    settings["tasks"] = [task for task in settings["tasks"] if task["task_key"] != without]


def _add_task(settings: dict[str, Any]) -> None:
    python_file = f"/Workspace{ROOT}/generate_task.py"
    settings["tasks"].append({"task_key": "extra", "spark_python_task": {"python_file": python_file}})


EDITED = '{"datasets":[],"pages":[]}'
WEBHOOK = {"on_failure": [{"id": "0481e838-0a59-4eff-9541-a4ca6f149574"}]}
TRIGGER = {"cron": {"quartz_cron_schedule": "0 0 * * * ?", "timezone_id": "UTC"}}
OTHER_LIBRARY = [{"glob": {"include": f"/Workspace{ROOT}/pipelines/cdc/**"}}]

JOB_CHANGES = (
    job_edit("job schedule removed", "schedule", lambda job: job.pop("schedule"), seen=False),
    job_edit(
        "job parameter added (parameters not in config)",
        "parameters",
        lambda job: job.update(parameters=[{"name": "day", "default": "today"}]),
        seen=False,
    ),
    job_edit(
        "job description added (not in config)",
        "description",
        lambda job: job.update(description="Ask Ana before a run"),
        seen=False,
    ),
    job_edit(
        "job webhook added (not in config)",
        "webhook_notifications",
        lambda job: job.update(webhook_notifications=WEBHOOK),
        seen=False,
    ),
    job_edit("job tags all removed", "tags", lambda job: job.pop("tags"), seen=False),
    job_edit(
        "job email_notifications block removed",
        "email_notifications",
        lambda job: job.pop("email_notifications"),
        seen=False,
    ),
    job_edit("job environments removed", "environments", lambda job: job.update(environments=[]), seen=False),
    job_edit("job all tasks removed", "tasks", lambda job: job.update(tasks=[]), seen=False),
    job_edit("job queue removed", "queue", lambda job: job.pop("queue"), seen=False),
    job_edit(
        "job schedule cron changed",
        "schedule.quartz_cron_expression",
        lambda job: job["schedule"].update(quartz_cron_expression="0 0 7 * * ?"),
    ),
    job_edit(
        "job schedule unpaused",
        "schedule.pause_status",
        lambda job: job["schedule"].update(pause_status="UNPAUSED"),
    ),
    job_edit(
        "job task parameters changed",
        "tasks[generate].spark_python_task.parameters",
        lambda job: _task(job, "generate")["spark_python_task"]["parameters"].append("--again"),
    ),
    job_edit("job task added", "tasks[extra]", _add_task),
    job_edit("job task removed", "tasks[gold]", lambda job: _keep_tasks(job, without="gold")),
    job_edit(
        "job dependency edge removed",
        "tasks[cdc].depends_on",
        lambda job: _task(job, "cdc").pop("depends_on"),
    ),
    job_edit("job tag added", "tags.team", lambda job: job["tags"].update(team="x")),
    job_edit(
        "job notification recipient removed",
        "email_notifications.on_failure",
        lambda job: job["email_notifications"].update(on_failure=[]),
    ),
    job_edit(
        "job environment dependency changed",
        "environments[generator].spec.dependencies",
        lambda job: job["environments"][0]["spec"].update(dependencies=["faker"]),
    ),
    gone("job deleted", ("job", JOB, ""), lambda world: world.client.jobs.delete(world.job_id)),
    permission_change(
        "job permission: user added",
        "job",
        "somebody@example.com",
        {"user_name=somebody@example.com": "CAN_MANAGE"},
        keep=True,
    ),
    permission_change(
        "job permission: level changed", "job", "olist-engineers", {"group_name=olist-engineers": "CAN_VIEW"}
    ),
    permission_change("job permission: all removed", "job", "olist-engineers", {}),
    job_edit("job timeout_seconds 7200 -> 0", "timeout_seconds", lambda job: job.update(timeout_seconds=0)),
    job_edit("job timeout_seconds 7200 -> 60", "timeout_seconds", lambda job: job.update(timeout_seconds=60)),
    job_edit(
        "job max_concurrent_runs 1 -> 5",
        "max_concurrent_runs",
        lambda job: job.update(max_concurrent_runs=5),
    ),
    job_edit("job queue disabled", "queue.enabled", lambda job: job["queue"].update(enabled=False)),
    job_edit(
        "job task retries removed",
        "tasks[cdc].max_retries",
        lambda job: _task(job, "cdc").pop("max_retries"),
    ),
)

DASHBOARD_CHANGES = (
    dashboard_edit("dashboard content edited", "serialized_dashboard", {"serialized_dashboard": EDITED}),
    dashboard_edit("dashboard warehouse changed", "warehouse_id", {"warehouse_id": "another"}),
    gone(
        "dashboard put into the trash",
        ("dashboard", DASHBOARD, ""),
        lambda world: world.client.lakeview.trash(str(world.dashboard()["dashboard_id"])),
    ),
)

PIPELINE_CHANGES = (
    pipeline_edit(
        "pipeline notification removed",
        "notifications",
        lambda spec: spec.pop("notifications"),
        seen=False,
    ),
    pipeline_edit(
        "pipeline configuration emptied",
        "configuration",
        lambda spec: spec.update(configuration={}),
        seen=False,
    ),
    pipeline_edit(
        "pipeline environment removed",
        "environment",
        lambda spec: spec.pop("environment"),
        seen=False,
        key="quality",
    ),
    pipeline_edit(
        "pipeline libraries emptied", "libraries", lambda spec: spec.update(libraries=[]), seen=False
    ),
    pipeline_edit(
        "pipeline trigger added (not in config)",
        "trigger",
        lambda spec: spec.update(trigger=TRIGGER),
        seen=False,
    ),
    permission_change(
        "pipeline permission: user added",
        "pipeline",
        "somebody@example.com",
        {"user_name=somebody@example.com": "CAN_RUN"},
        keep=True,
    ),
    pipeline_edit(
        "pipeline configuration value changed",
        "configuration.olist.max_quarantined_share",
        lambda spec: spec["configuration"].update({"olist.max_quarantined_share": "0.5"}),
        key="quality",
    ),
    pipeline_edit(
        "pipeline configuration key added",
        "configuration.debug",
        lambda spec: spec["configuration"].update(debug="true"),
    ),
    pipeline_edit(
        "pipeline configuration key removed",
        "configuration.olist.raw_path",
        lambda spec: spec["configuration"].pop("olist.raw_path"),
    ),
    pipeline_edit(
        "pipeline library replaced", "libraries", lambda spec: spec.update(libraries=OTHER_LIBRARY)
    ),
    pipeline_edit(
        "pipeline environment dependency changed",
        "environment.dependencies",
        lambda spec: spec["environment"].update(dependencies=["faker==40.1.0", "rich"]),
        key="quality",
    ),
    pipeline_edit(
        "pipeline development flag flipped", "development", lambda spec: spec.update(development=False)
    ),
    pipeline_edit("pipeline edition changed", "edition", lambda spec: spec.update(edition="CORE")),
    pipeline_edit("pipeline channel changed", "channel", lambda spec: spec.update(channel="PREVIEW")),
    pipeline_edit("pipeline tag added", "tags.team", lambda spec: spec["tags"].update(team="x")),
    pipeline_edit("pipeline renamed", "name", lambda spec: spec.update(name="[local] Medallion")),
    pipeline_edit("pipeline serverless turned off", "serverless", lambda spec: spec.update(serverless=False)),
    pipeline_edit(
        "pipeline trigger/continuous turned on", "continuous", lambda spec: spec.update(continuous=True)
    ),
    gone(
        "pipeline deleted",
        ("pipeline", PIPELINES["cdc"], ""),
        lambda world: world.client.pipelines.delete(world.pipeline_id("cdc")),
    ),
    pipeline_edit("pipeline schema changed", "schema", lambda spec: spec.update(schema="utils")),
    pipeline_edit("pipeline catalog changed", "catalog", lambda spec: spec.update(catalog="main")),
    pipeline_edit(
        "pipeline root_path changed", "root_path", lambda spec: spec.update(root_path="/Workspace/Shared")
    ),
    pipeline_edit(
        "pipeline notification recipient changed",
        "notifications",
        lambda spec: spec["notifications"][0].update(email_recipients=["somebody@example.com"]),
    ),
)

WORK_CHANGES: tuple[Change, ...] = (*JOB_CHANGES, *DASHBOARD_CHANGES, *PIPELINE_CHANGES)


def reorder_tasks(world: World) -> None:
    settings = world.job_settings()
    world.reset_job(world.job_id, settings | {"tasks": settings["tasks"][::-1]})


def save_pipelines(world: World) -> None:
    for key in PIPELINES:
        pipeline_id = world.pipeline_id(key)
        world.put_pipeline(pipeline_id, world.pipeline_spec(pipeline_id))
