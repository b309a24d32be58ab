"""The main job: write (medallion and cdc side by side), audit (quality, then its gate), publish (gold)."""

from collections.abc import Iterable, Mapping
from typing import Any

from cdktf_cdktf_provider_databricks.job import (
    Job,
    JobEmailNotifications,
    JobEnvironment,
    JobEnvironmentSpec,
    JobHealth,
    JobHealthRules,
    JobNotificationSettings,
    JobQueue,
    JobRunAs,
    JobSchedule,
    JobTask,
    JobTaskDependsOn,
    JobTaskPipelineTask,
    JobTaskSparkPythonTask,
    JobTrigger,
    JobTriggerFileArrival,
)
from cdktf_cdktf_provider_databricks.pipeline import Pipeline
from constructs import Construct

from infra.stack.constructs.catalog import Storage
from infra.stack.constructs.files import UploadedCode
from infra.stack.settings import Environment, FileArrival
from infra.stack.sources import ERASURE_ENTRY, GENERATOR_ENTRY, pinned_requirements
from pipelines.catalog import BEFORE_ERASURE, CHANGE_FILES, GATE, PIPELINES, QUALITY, RAW_FILES
from pipelines.catalog import Pipeline as PipelineEntry

# numpy and pyarrow are the serverless runtime's own: other versions of them could break its Spark.
GENERATOR_PACKAGES = ("faker",)
SERVERLESS_VERSION = "4"
ENVIRONMENT_KEY = "generator"
NAME = "[{}] Olist lakehouse"
REBUILD_NAME = "[{}] Olist lakehouse rebuild"
ERASE_NAME = "[{}] Olist lakehouse erase"
ERASURE_ENVIRONMENT_KEY = "erasure"
MINUTES = 60
TASK_TIMEOUT = 60 * MINUTES
JOB_TIMEOUT = 120 * MINUTES
JOB_EXPECTED = 60 * MINUTES
# A task may be run again: the generator goes on with its run, a pipeline with its checkpoint.
ATTEMPTS: dict[str, Any] = {
    "max_retries": 2,
    "min_retry_interval_millis": 60_000,
    "retry_on_timeout": False,
    "timeout_seconds": TASK_TIMEOUT,
}


def declare_job(
    scope: Construct,
    environment: Environment,
    storage: Storage,
    code: UploadedCode,
    pipelines: Mapping[str, Pipeline],
    run_as: str | None,
) -> Job:
    """The daily job; `run_as` is the application id it runs as, None for whoever deploys."""
    generate = [_generate_task(storage, code)] if environment.generate else []
    tasks = [*generate, *_pipeline_tasks(pipelines, [task.task_key for task in generate])]
    return Job(
        scope,
        "job",
        name=NAME.format(environment.name),
        description="New data where it is made up; bronze, silver, cdc; quality and its gate; then gold",
        # The provider sorts tasks by key when it reads them; any other order would be a change in every plan.
        task=sorted(tasks, key=lambda task: task.task_key),
        environment=[_serverless_environment()] if environment.generate else None,
        **_trigger(environment, storage),
        **_operation(environment, run_as),
    )


def declare_rebuild(
    scope: Construct, environment: Environment, pipelines: Mapping[str, Pipeline], run_as: str | None
) -> Job:
    """The job that writes every table from the start; nothing but a person starts it.

    Streaming tables are reset only while the pipelines' configuration allows it: `lakehouse rebuild --env` sees to it.
    """
    tasks = _pipeline_tasks(pipelines, [], full_refresh=True)
    return Job(
        scope,
        "rebuild",
        name=REBUILD_NAME.format(environment.name),
        description="Every table from the start, in order: started by `lakehouse rebuild --env`, which allows it first",
        task=sorted(tasks, key=lambda task: task.task_key),
        **_operation(environment, run_as),
    )


def declare_erase(
    scope: Construct,
    environment: Environment,
    code: UploadedCode,
    pipelines: Mapping[str, Pipeline],
    run_as: str | None,
) -> Job:
    """The job that takes a person out; `lakehouse erase customer ID --env` starts it with what its last task needs.

    Only who owns the tables may delete their rows: what the pipelines run as.
    """
    erase = JobTask(
        task_key="erase",
        description="Rows of the person out of every table; the report says what was removed where",
        environment_key=ERASURE_ENVIRONMENT_KEY,
        spark_python_task=JobTaskSparkPythonTask(python_file=code.file(ERASURE_ENTRY).workspace_path),
        depends_on=[JobTaskDependsOn(task_key=QUALITY.task)],
        **{**ATTEMPTS, "max_retries": 0},
    )
    tasks = [erase, *_pipeline_tasks(pipelines, [], of=BEFORE_ERASURE)]
    spec = JobEnvironmentSpec(environment_version=SERVERLESS_VERSION)
    return Job(
        scope,
        "erase",
        name=ERASE_NAME.format(environment.name),
        description="A person out of every table: started by `lakehouse erase customer ID --env`",
        task=sorted(tasks, key=lambda task: task.task_key),
        environment=[JobEnvironment(environment_key=ERASURE_ENVIRONMENT_KEY, spec=spec)],
        **_operation(environment, run_as),
    )


def _trigger(environment: Environment, storage: Storage) -> dict[str, Any]:
    """What starts the job: the clock, or raw files that arrive."""
    trigger = environment.trigger
    status = "PAUSED" if trigger.paused else "UNPAUSED"
    if isinstance(trigger, FileArrival):
        arrival = JobTriggerFileArrival(
            url=f"{storage.volumes[RAW_FILES.name].volume_path}/",
            min_time_between_triggers_seconds=trigger.at_most_every_minutes * MINUTES,
            wait_after_last_change_seconds=trigger.quiet_minutes * MINUTES,
        )
        return {"trigger": JobTrigger(file_arrival=arrival, pause_status=status)}
    clock = JobSchedule(
        quartz_cron_expression=trigger.cron, timezone_id=trigger.timezone, pause_status=status
    )
    return {"schedule": clock}


def _operation(environment: Environment, run_as: str | None) -> dict[str, Any]:
    """As whom and how long the job runs, how often at once, who pays and who hears of it."""
    addresses = list(environment.notifications)
    return {
        "run_as": JobRunAs(service_principal_name=run_as) if run_as else None,
        "budget_policy_id": environment.budget_policy_id,
        "tags": environment.tags,
        "max_concurrent_runs": 1,
        "queue": JobQueue(enabled=True),
        "timeout_seconds": JOB_TIMEOUT,
        "health": JobHealth(
            rules=[JobHealthRules(metric="RUN_DURATION_SECONDS", op="GREATER_THAN", value=JOB_EXPECTED)]
        ),
        "email_notifications": JobEmailNotifications(
            on_failure=addresses, on_duration_warning_threshold_exceeded=addresses
        ),
        "notification_settings": JobNotificationSettings(
            no_alert_for_skipped_runs=True, no_alert_for_canceled_runs=True
        ),
    }


def _generate_task(storage: Storage, code: UploadedCode) -> JobTask:
    raw, cdc = (storage.volumes[volume.name].volume_path for volume in (RAW_FILES, CHANGE_FILES))
    return JobTask(
        task_key="generate",
        description="New orders, later statuses and change events as new files in the volumes",
        environment_key=ENVIRONMENT_KEY,
        spark_python_task=JobTaskSparkPythonTask(
            python_file=code.file(GENERATOR_ENTRY).workspace_path,
            parameters=["--raw-path", raw, "--cdc-path", cdc],
        ),
        **ATTEMPTS,
    )


def _pipeline_tasks(
    pipelines: Mapping[str, Pipeline],
    first: list[str],
    *,
    full_refresh: bool = False,
    of: Iterable[PipelineEntry] = PIPELINES,
) -> list[JobTask]:
    """A task for each pipeline in `of`, after those that it needs; those that need none after the task keys `first`."""
    key_of = {pipeline.name: pipeline.task for pipeline in PIPELINES}
    return [
        JobTask(
            task_key=pipeline.task,
            description=pipeline.task_comment,
            pipeline_task=JobTaskPipelineTask(
                pipeline_id=pipelines[pipeline.name].id, full_refresh=full_refresh
            ),
            depends_on=[
                JobTaskDependsOn(task_key=task)
                for task in sorted(key_of[name] for name in pipeline.after) or first
            ],
            # A failed gate is an answer, not an accident.
            **({**ATTEMPTS, "max_retries": 0} if pipeline is GATE else ATTEMPTS),
        )
        for pipeline in of
    ]


def _serverless_environment() -> JobEnvironment:
    return JobEnvironment(
        environment_key=ENVIRONMENT_KEY,
        spec=JobEnvironmentSpec(
            environment_version=SERVERLESS_VERSION, dependencies=pinned_requirements(GENERATOR_PACKAGES)
        ),
    )
