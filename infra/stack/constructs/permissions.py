"""Who may see, start and change job, pipelines and uploaded code; `databricks_permissions` owns each list."""

from collections.abc import Iterable, Mapping

from cdktf import Token
from cdktf_cdktf_provider_databricks.dashboard import Dashboard
from cdktf_cdktf_provider_databricks.job import Job
from cdktf_cdktf_provider_databricks.permissions import Permissions, PermissionsAccessControl
from cdktf_cdktf_provider_databricks.pipeline import Pipeline
from constructs import Construct

from infra.stack.constructs.files import UploadedCode
from infra.stack.settings import Groups

# What it runs with and prints tells who was erased.
RESTRICTED_JOBS = ("erase",)


def declare_permissions(
    scope: Construct,
    groups: Groups,
    owner: str | None,
    code: UploadedCode,
    pipelines: Mapping[str, Pipeline],
    jobs: Mapping[str, Job],
    dashboard: Dashboard,
) -> None:
    """Engineers start jobs and pipelines and read the code, readers look at the dashboard.

    The deployer and the admins change any of it. So could planners and drift: Databricks shows permissions to those
    alone who can change them. `owner` is the application id of the service principal that owns jobs and pipelines,
    None for whoever applies.
    """
    workers = (groups.engineers, groups.runners)
    Permissions(
        scope,
        "permissions_root",
        directory_id=Token.as_string(code.root.object_id),
        access_control=_levels(groups, workers, "CAN_READ"),
    )
    for key, job in jobs.items():
        starters = (groups.runners,) if key in RESTRICTED_JOBS else workers
        Permissions(
            scope,
            f"permissions_{key}",
            job_id=job.id,
            access_control=_levels(groups, starters, "CAN_MANAGE_RUN", owner),
        )
    for key, pipeline in pipelines.items():
        Permissions(
            scope,
            f"permissions_pipeline_{key}",
            pipeline_id=pipeline.id,
            access_control=_levels(groups, workers, "CAN_RUN", owner),
        )
    Permissions(
        scope,
        "permissions_dashboard",
        dashboard_id=dashboard.id,
        access_control=_levels(groups, (groups.readers, groups.engineers), "CAN_READ"),
    )


def _levels(
    groups: Groups, holders: Iterable[str], level: str, owner: str | None = None
) -> list[PermissionsAccessControl]:
    """`level` for the groups `holders`; to manage for those who must see all."""
    levels = dict.fromkeys(holders, level) | dict.fromkeys((groups.planners, groups.drift), "CAN_MANAGE")
    owned = (
        [PermissionsAccessControl(service_principal_name=owner, permission_level="IS_OWNER")] if owner else []
    )
    return owned + [
        PermissionsAccessControl(group_name=group, permission_level=levels[group]) for group in sorted(levels)
    ]
