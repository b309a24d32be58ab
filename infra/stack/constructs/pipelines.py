"""The Lakeflow pipelines: serverless, triggered by the job, reading the uploaded folder."""

from collections.abc import Sequence
from pathlib import Path

from cdktf_cdktf_provider_databricks.grants import Grants
from cdktf_cdktf_provider_databricks.pipeline import (
    Pipeline,
    PipelineEventLog,
    PipelineLibrary,
    PipelineLibraryGlob,
    PipelineNotification,
    PipelineRunAs,
)
from constructs import Construct

from infra.stack.constructs.catalog import Storage, protecting_lifecycle
from infra.stack.constructs.files import UploadedCode
from infra.stack.settings import Environment
from pipelines.catalog import EVENT_LOGS, MAX_QUARANTINED_SHARE, PIPELINES, TOMBSTONE_DAYS, VOLUMES
from pipelines.catalog import Pipeline as PipelineEntry

ALERTS = ("on-update-failure", "on-update-fatal-failure", "on-flow-failure")


def declare_pipelines(
    scope: Construct,
    environment: Environment,
    storage: Storage,
    code: UploadedCode,
    run_as: str | None,
    grants: Sequence[Grants],
) -> dict[str, Pipeline]:
    """The pipelines by name; `run_as` is the application id they run as, None for whoever deploys.

    They are made after `grants`: whoever one runs as must already be able to create tables where it writes.
    """
    return {
        entry.name: _pipeline(scope, environment, storage, code, run_as, grants, entry) for entry in PIPELINES
    }


def _pipeline(
    scope: Construct,
    environment: Environment,
    storage: Storage,
    code: UploadedCode,
    run_as: str | None,
    grants: Sequence[Grants],
    entry: PipelineEntry,
) -> Pipeline:
    folder = code.folder(Path("pipelines") / entry.name)
    return Pipeline(
        scope,
        f"pipeline_{entry.name}",
        name=environment.titled(entry.title),
        catalog=storage.catalog.name,
        schema=storage.schemas[entry.schemas[0]].name,
        serverless=True,
        continuous=False,
        development=environment.development,
        channel="CURRENT",
        root_path=code.root.workspace_path,
        library=[PipelineLibrary(glob=PipelineLibraryGlob(include=f"{folder.workspace_path}/**"))],
        configuration=_configuration(entry, environment, storage),
        event_log=PipelineEventLog(
            catalog=storage.catalog.name, schema=storage.schemas[EVENT_LOGS].name, name=entry.event_log
        ),
        notification=[
            PipelineNotification(alerts=list(ALERTS), email_recipients=list(environment.notifications))
        ],
        tags=environment.tags,
        budget_policy_id=environment.budget_policy_id,
        run_as=PipelineRunAs(service_principal_name=run_as) if run_as else None,
        depends_on=list(grants),
        lifecycle=protecting_lifecycle(environment),
    )


def _configuration(entry: PipelineEntry, environment: Environment, storage: Storage) -> dict[str, str]:
    """The paths of the volumes and the pipeline's own settings, with the environment's value where it has one."""
    paths = {volume.setting: storage.volumes[volume.name].volume_path for volume in VOLUMES}
    of_environment = {
        MAX_QUARANTINED_SHARE: str(environment.max_quarantined_share),
        TOMBSTONE_DAYS: str(environment.tombstone_days),
    }
    return paths | {key: of_environment.get(key, default) for key, default in entry.settings.items()}
