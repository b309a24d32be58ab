"""Our calls, in the order in which they answer; minilake's come after them."""

from fastapi import APIRouter

from local.workspace import (
    grants,
    jobs,
    permissions,
    pipeline_runs,
    pipelines,
    runs,
    securables,
    tables,
    tags,
    volumes,
    well_known,
    workspace_files,
)

_JOBS = APIRouter()
for _version in ("2.1", "2.2"):
    for _router in (jobs.router, runs.router):
        _JOBS.include_router(_router, prefix=f"/api/{_version}/jobs")

ROUTERS = (
    well_known.router,
    workspace_files.router,
    securables.router,
    grants.router,
    tables.router,
    tags.router,
    volumes.router,
    permissions.router,
    pipelines.router,
    pipeline_runs.router,
    _JOBS,
)
