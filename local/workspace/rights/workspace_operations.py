"""What calls on the objects of the workspace need: folders and files, permissions, jobs, pipelines, identities."""

from local.workspace.rights.needs import Admin, AllOf, Anybody, ObjectLevel
from local.workspace.rights.operations import Operation, VisibleRows
from local.workspace.rights.workspace_needs import (
    KeepsOneOwner,
    LeavesOwner,
    Listed,
    MakesFolder,
    OnAlert,
    OnPath,
    OnRun,
    RunnerMakesTables,
    RunsAs,
    SeesPermissions,
    Writes,
)

_FILES = "/api/2.0/workspace"
_IMPORTED = "/api/2.0/workspace-files"
_ACLS = "/api/2.0/permissions/{object_type}/{object_id}"
_PIPELINES = "/api/2.0/pipelines"
_JOBS = "/api/{version}/jobs"
_SCIM = "/api/2.0/preview/scim/v2"
_NAMES = ("schemas", "id", "userName", "displayName", "active")
_SEES_PIPELINE = ObjectLevel("pipelines", "{pipeline_id}", "CAN_VIEW")
_STARTS_PIPELINE = ObjectLevel("pipelines", "{pipeline_id}", "CAN_RUN")
_OWNS_PIPELINE = ObjectLevel("pipelines", "{pipeline_id}", "IS_OWNER")
_SEES_JOB = ObjectLevel("jobs", "{job_id}", "CAN_VIEW")
_STARTS_JOB = ObjectLevel("jobs", "{job_id}", "CAN_MANAGE_RUN")
_OWNS_JOB = ObjectLevel("jobs", "{job_id}", "IS_OWNER")

FILES = (
    Operation("import a file", "POST", f"{_FILES}/import", Writes("{path}"), arguments="form"),
    Operation(
        "upload a file", "POST", f"{_IMPORTED}/import-file/{{path:path}}", Writes("/{path}"), arguments="path"
    ),
    Operation("export a file", "GET", f"{_FILES}/export", OnPath("{path}", "CAN_READ")),
    Operation("download a file", "GET", f"{_IMPORTED}/{{path:path}}", OnPath("/{path}", "CAN_READ")),
    Operation("get the status of an object", "GET", f"{_FILES}/get-status", Listed("{path}")),
    Operation(
        "list a folder", "GET", f"{_FILES}/list", Listed("{path}"), VisibleRows("objects", Listed("{path}"))
    ),
    Operation("make folders", "POST", f"{_FILES}/mkdirs", MakesFolder(), arguments="json"),
    Operation(
        "delete an object", "POST", f"{_FILES}/delete", OnPath("{path}", "CAN_MANAGE"), arguments="json"
    ),
)

PERMISSIONS = (
    Operation("read permissions", "GET", _ACLS, SeesPermissions()),
    Operation("read the levels of an object", "GET", f"{_ACLS}/permissionLevels", SeesPermissions()),
    Operation(
        "replace permissions", "PUT", _ACLS, AllOf(SeesPermissions(), KeepsOneOwner()), arguments="json"
    ),
    Operation("add permissions", "PATCH", _ACLS, AllOf(SeesPermissions(), LeavesOwner()), arguments="json"),
)

JOBS = (
    Operation(
        "create a job", "POST", f"{_JOBS}/create", AllOf(RunsAs(), LeavesOwner(new="jobs")), arguments="json"
    ),
    Operation("get a job", "GET", f"{_JOBS}/get", _SEES_JOB),
    Operation("list jobs", "GET", f"{_JOBS}/list", Anybody(), VisibleRows("jobs", _SEES_JOB)),
    Operation(
        "change a job",
        "POST",
        f"{_JOBS}/reset",
        AllOf(_OWNS_JOB, RunsAs("new_settings")),
        arguments="json",
    ),
    Operation(
        "change settings of a job",
        "POST",
        f"{_JOBS}/update",
        AllOf(_OWNS_JOB, RunsAs("new_settings")),
        arguments="json",
    ),
    Operation("delete a job", "POST", f"{_JOBS}/delete", _OWNS_JOB, arguments="json"),
    Operation("start a job", "POST", f"{_JOBS}/run-now", _STARTS_JOB, arguments="json"),
    Operation("run tasks once", "POST", f"{_JOBS}/runs/submit", RunsAs(), arguments="json"),
    Operation("get a run", "GET", f"{_JOBS}/runs/get", OnRun("CAN_VIEW")),
    Operation("get the output of a task", "GET", f"{_JOBS}/runs/get-output", OnRun("CAN_VIEW")),
    Operation("list runs", "GET", f"{_JOBS}/runs/list", Anybody(), VisibleRows("runs", OnRun("CAN_VIEW"))),
    Operation("cancel a run", "POST", f"{_JOBS}/runs/cancel", OnRun("CAN_MANAGE_RUN"), arguments="json"),
    Operation("cancel all runs of a job", "POST", f"{_JOBS}/runs/cancel-all", _STARTS_JOB, arguments="json"),
    Operation("delete a run", "POST", f"{_JOBS}/runs/delete", OnRun("IS_OWNER"), arguments="json"),
)

PIPELINES = (
    Operation(
        "create a pipeline", "POST", _PIPELINES, AllOf(RunsAs(), RunnerMakesTables()), arguments="json"
    ),
    Operation("list pipelines", "GET", _PIPELINES, Anybody(), VisibleRows("statuses", _SEES_PIPELINE)),
    Operation("get a pipeline", "GET", f"{_PIPELINES}/{{pipeline_id}}", _SEES_PIPELINE),
    Operation(
        "change a pipeline",
        "PUT",
        f"{_PIPELINES}/{{pipeline_id}}",
        AllOf(_OWNS_PIPELINE, RunsAs()),
        arguments="json",
    ),
    Operation("delete a pipeline", "DELETE", f"{_PIPELINES}/{{pipeline_id}}", _OWNS_PIPELINE),
    Operation("start an update", "POST", f"{_PIPELINES}/{{pipeline_id}}/updates", _STARTS_PIPELINE),
    Operation("stop an update", "POST", f"{_PIPELINES}/{{pipeline_id}}/stop", _STARTS_PIPELINE),
    Operation("list updates", "GET", f"{_PIPELINES}/{{pipeline_id}}/updates", _SEES_PIPELINE),
    Operation("get an update", "GET", f"{_PIPELINES}/{{pipeline_id}}/updates/{{update_id}}", _SEES_PIPELINE),
    Operation("read the events of a pipeline", "GET", f"{_PIPELINES}/{{pipeline_id}}/events", _SEES_PIPELINE),
)

IDENTITIES = (
    Operation("ask who one is", "GET", f"{_SCIM}/Me", Anybody()),
    Operation(
        "list users, groups and service principals",
        "GET",
        f"{_SCIM}/{{resource}}",
        Anybody(),
        columns=_NAMES,
    ),
    Operation(
        "get a user, a group or a service principal",
        "GET",
        f"{_SCIM}/{{resource}}/{{id}}",
        Anybody(),
        columns=_NAMES,
    ),
)

WAREHOUSES = (
    Operation(
        "list warehouses",
        "GET",
        "/api/2.0/sql/warehouses",
        Anybody(),
        VisibleRows("warehouses", ObjectLevel("warehouses", "{id}", "CAN_VIEW")),
    ),
    Operation(
        "get a warehouse",
        "GET",
        "/api/2.0/sql/warehouses/{id}",
        ObjectLevel("warehouses", "{id}", "CAN_VIEW"),
    ),
    Operation("create a warehouse", "POST", "/api/2.0/sql/warehouses", Admin(), arguments="path"),
    Operation(
        "start a warehouse",
        "POST",
        "/api/2.0/sql/warehouses/{id}/start",
        ObjectLevel("warehouses", "{id}", "CAN_USE"),
        arguments="path",
    ),
    Operation(
        "stop a warehouse",
        "POST",
        "/api/2.0/sql/warehouses/{id}/stop",
        ObjectLevel("warehouses", "{id}", "CAN_MANAGE"),
        arguments="path",
    ),
    Operation(
        "delete a warehouse",
        "DELETE",
        "/api/2.0/sql/warehouses/{id}",
        ObjectLevel("warehouses", "{id}", "CAN_MANAGE"),
    ),
)

_ALERTS = "/api/2.0/alerts"
ALERTS = (
    Operation(
        "create an alert",
        "POST",
        _ALERTS,
        AllOf(OnPath("{parent_path}", "CAN_MANAGE"), RunsAs()),
        arguments="json",
    ),
    Operation("list alerts", "GET", _ALERTS, Anybody(), VisibleRows("alerts", OnAlert("CAN_READ"))),
    Operation("get an alert", "GET", f"{_ALERTS}/{{id}}", OnAlert("CAN_READ")),
    Operation(
        "change an alert",
        "PATCH",
        f"{_ALERTS}/{{id}}",
        AllOf(OnAlert("CAN_MANAGE"), RunsAs()),
        arguments="json",
    ),
    Operation("delete an alert", "DELETE", f"{_ALERTS}/{{id}}", OnAlert("CAN_MANAGE")),
    Operation("list the sources of queries", "GET", "/api/2.0/preview/sql/data_sources", Anybody()),
)

_DASHBOARDS = "/api/2.0/lakeview/dashboards"
DASHBOARDS = (
    Operation(
        "create a dashboard", "POST", _DASHBOARDS, OnPath("{parent_path}", "CAN_MANAGE"), arguments="json"
    ),
    Operation(
        "list dashboards",
        "GET",
        _DASHBOARDS,
        Anybody(),
        VisibleRows("dashboards", ObjectLevel("dashboards", "{dashboard_id}", "CAN_READ")),
    ),
    Operation(
        "get a dashboard", "GET", f"{_DASHBOARDS}/{{id}}", ObjectLevel("dashboards", "{id}", "CAN_READ")
    ),
    Operation(
        "get a published dashboard",
        "GET",
        f"{_DASHBOARDS}/{{id}}/published",
        ObjectLevel("dashboards", "{id}", "CAN_READ"),
    ),
    Operation(
        "change a dashboard", "PATCH", f"{_DASHBOARDS}/{{id}}", ObjectLevel("dashboards", "{id}", "CAN_EDIT")
    ),
    Operation(
        "publish a dashboard",
        "POST DELETE",
        f"{_DASHBOARDS}/{{id}}/published",
        ObjectLevel("dashboards", "{id}", "CAN_EDIT"),
    ),
    Operation(
        "delete a dashboard",
        "DELETE",
        f"{_DASHBOARDS}/{{id}}",
        ObjectLevel("dashboards", "{id}", "CAN_MANAGE"),
    ),
)

STATEMENTS = (
    Operation(
        "query tables (the tables themselves: SELECT)",
        "POST",
        "/api/2.0/sql/statements",
        ObjectLevel("warehouses", "{warehouse_id}", "CAN_USE"),
        arguments="json",
    ),
)

OPERATIONS = (
    *FILES,
    *PERMISSIONS,
    *JOBS,
    *PIPELINES,
    *IDENTITIES,
    *WAREHOUSES,
    *ALERTS,
    *DASHBOARDS,
    *STATEMENTS,
)
