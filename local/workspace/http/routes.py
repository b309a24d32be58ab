"""Our calls, in the order in which they answer; minilake's come after them."""

from fastapi import APIRouter

from local.workspace.alerts import alerts, data_sources
from local.workspace.dashboards import dashboards
from local.workspace.files import workspace_files
from local.workspace.http import host_metadata
from local.workspace.jobs import jobs, runs
from local.workspace.pipelines import pipelines, updates
from local.workspace.sql import statements
from local.workspace.unity import (
    attribute_policies,
    bindings,
    dropping,
    grants,
    metastore,
    models,
    permissions,
    securables,
    tables,
    tags,
    volumes,
)

_JOBS = APIRouter()
for _version in ("2.1", "2.2"):
    for _router in (jobs.router, runs.router):
        _JOBS.include_router(_router, prefix=f"/api/{_version}/jobs")

ROUTERS = (
    host_metadata.router,
    workspace_files.router,
    securables.router,
    dropping.router,
    grants.router,
    tables.router,
    models.router,
    metastore.router,
    bindings.router,
    attribute_policies.router,
    tags.router,
    volumes.router,
    permissions.router,
    pipelines.router,
    updates.router,
    alerts.router,
    data_sources.router,
    dashboards.router,
    statements.router,
    _JOBS,
)
