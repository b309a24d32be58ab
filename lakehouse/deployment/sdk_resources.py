"""How each kind of resource is created, changed and deleted by databricks-sdk, from its arguments in the stack."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.service.workspace import ImportFormat

from common.errors import UserError
from infra.drift.declared import PLURALS
from infra.review.plan import SECURABLE_KEYS
from infra.stack.settings import UUID

Arguments = dict[str, Any]

_UNITY = "/api/2.1/unity-catalog"
_ALERTS = "/api/2.0/alerts"


def _do(client: WorkspaceClient, method: str, path: str, body: Arguments | None = None) -> Any:
    return client.api_client.do(method, path, body=body)


def _upsert(client: WorkspaceClient, path: str, name: str, arguments: Arguments) -> Arguments:
    """Create a securable, or change the one of this name; its attributes."""
    try:
        _do(client, "GET", f"{path}/{name}")
    except NotFound:
        _do(client, "POST", path, arguments)
        if "owner" in arguments:
            # As the provider does: whoever creates something owns it first.
            _do(client, "PATCH", f"{path}/{name}", {"owner": arguments["owner"]})
        return {"id": name}
    _do(client, "PATCH", f"{path}/{name}", {"comment": "", "properties": {}} | arguments)
    return {"id": name}


def _catalog(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    there = any(catalog.name == arguments["name"] for catalog in client.catalogs.list())
    attributes = _upsert(client, f"{_UNITY}/catalogs", arguments["name"], arguments)
    if not there:
        # A new catalog comes with a schema that nobody declared; the provider deletes it, too.
        client.schemas.delete(f"{arguments['name']}.default")
    return attributes


def _schema(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    return _upsert(client, f"{_UNITY}/schemas", f"{arguments['catalog_name']}.{arguments['name']}", arguments)


def _volume(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    parts = (arguments["catalog_name"], arguments["schema_name"], arguments["name"])
    attributes = _upsert(client, f"{_UNITY}/volumes", ".".join(parts), arguments)
    return attributes | {"volume_path": "/".join(("/Volumes", *parts))}


def _grants(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    kind = next(kind for kind in SECURABLE_KEYS if kind in arguments)
    path = f"{_UNITY}/permissions/{kind}/{arguments[kind]}"
    wanted = {grant["principal"]: set(grant["privileges"]) for grant in arguments.get("grant", [])}
    current = _do(client, "GET", path).get("privilege_assignments", [])
    found = {entry["principal"]: set(entry["privileges"]) for entry in current}
    changes = [
        {
            "principal": who,
            "add": sorted(wanted.get(who, set()) - found.get(who, set())),
            "remove": sorted(found.get(who, set()) - wanted.get(who, set())),
        }
        for who in sorted({*wanted, *found})
    ]
    _do(client, "PATCH", path, {"changes": changes})
    return {"id": f"{kind}/{arguments[kind]}"}


def tag(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    """Tag a securable, or change the tag that it has."""
    path = f"{_UNITY}/entity-tag-assignments"
    one = f"{path}/{arguments['entity_type']}/{arguments['entity_name']}/tags/{arguments['tag_key']}"
    try:
        _do(client, "GET", one)
    except NotFound:
        return _do(client, "POST", path, arguments)
    return _do(client, "PATCH", one, arguments)


def _directory(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    client.workspace.mkdirs(arguments["path"])
    return _workspace_object(client, arguments["path"])


def _file(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    with Path(arguments["source"]).open("rb") as content:
        client.workspace.upload(arguments["path"], content, format=ImportFormat.RAW, overwrite=True)
    return _workspace_object(client, arguments["path"])


def _workspace_object(client: WorkspaceClient, path: str) -> Arguments:
    object_id = client.workspace.get_status(path).object_id
    return {"id": path, "object_id": object_id, "workspace_path": f"/Workspace{path}"}


def _pipeline(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    body = _api_body("databricks_pipeline", arguments)
    found = _pipeline_id(client, arguments["name"])
    if found:
        _do(client, "PUT", f"/api/2.0/pipelines/{found}", body)
        return {"id": found}
    return {"id": _do(client, "POST", "/api/2.0/pipelines", body)["pipeline_id"]}


def _job(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    body = _api_body("databricks_job", arguments)
    found = _job_id(client, arguments["name"])
    if found:
        _do(client, "POST", "/api/2.2/jobs/reset", {"job_id": found, "new_settings": body})
        return {"id": found}
    return {"id": _do(client, "POST", "/api/2.2/jobs/create", body)["job_id"]}


def _warehouse(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    found = [one.id for one in client.warehouses.list() if one.name == arguments["name"]]
    if len(found) != 1:
        raise UserError(f"{client.config.host} has {len(found)} SQL warehouses called {arguments['name']}")
    return {"id": found[0]}


def _alert(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    found = _alert_id(client, arguments["display_name"])
    if found is None:
        return _do(client, "POST", _ALERTS, arguments)
    return _do(client, "PATCH", f"{_ALERTS}/{found}?update_mask=*", arguments)


def _dashboard(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    path = "/api/2.0/lakeview/dashboards"
    credentials = {"embed_credentials": arguments["embed_credentials"]}
    body = {key: value for key, value in arguments.items() if key not in credentials}
    found = _dashboard_id(client, arguments["display_name"])
    made = _do(client, "PATCH", f"{path}/{found}", body) if found else _do(client, "POST", path, body)
    own = made["dashboard_id"]
    _do(client, "POST", f"{path}/{own}/published", {**credentials, "warehouse_id": body["warehouse_id"]})
    return {"id": own}


def _permissions(client: WorkspaceClient, arguments: Arguments) -> Arguments:
    kinds = {
        "job_id": "jobs",
        "pipeline_id": "pipelines",
        "directory_id": "directories",
        "dashboard_id": "dashboards",
    }
    field = next(field for field in kinds if field in arguments)
    path = f"/api/2.0/permissions/{kinds[field]}/{arguments[field]}"
    levels = arguments["access_control"]
    if field in ("job_id", "pipeline_id") and not any(
        one["permission_level"] == "IS_OWNER" for one in levels
    ):
        # As the provider does: a job has an owner.
        levels = [*levels, {**_myself(client), "permission_level": "IS_OWNER"}]
    _do(client, "PUT", path, {"access_control_list": levels})
    return {"id": f"/{kinds[field]}/{arguments[field]}"}


def _myself(client: WorkspaceClient) -> Arguments:
    name = client.current_user.me().user_name or ""
    return {"service_principal_name" if UUID.fullmatch(name) else "user_name": name}


def _api_body(kind: str, arguments: Arguments) -> Arguments:
    return {
        PLURALS[kind.removeprefix("databricks_")].get(field, field): value
        for field, value in arguments.items()
    }


def _pipeline_id(client: WorkspaceClient, name: str) -> str | None:
    found = (pipeline for pipeline in client.pipelines.list_pipelines() if pipeline.name == name)
    return next((pipeline.pipeline_id for pipeline in found), None)


def _job_id(client: WorkspaceClient, name: str) -> int | None:
    return next((job.job_id for job in client.jobs.list(name=name)), None)


def _alert_id(client: WorkspaceClient, name: str) -> str | None:
    return next((alert.id for alert in client.alerts_v2.list_alerts() if alert.display_name == name), None)


def _delete_alert(client: WorkspaceClient, arguments: Arguments) -> None:
    if alert_id := _alert_id(client, arguments["display_name"]):
        client.alerts_v2.trash_alert(alert_id)


def _dashboard_id(client: WorkspaceClient, name: str) -> str | None:
    return next((one.dashboard_id for one in client.lakeview.list() if one.display_name == name), None)


def _delete_dashboard(client: WorkspaceClient, arguments: Arguments) -> None:
    if dashboard_id := _dashboard_id(client, arguments["display_name"]):
        client.lakeview.trash(dashboard_id)


def _delete_job(client: WorkspaceClient, arguments: Arguments) -> None:
    if job_id := _job_id(client, arguments["name"]):
        client.jobs.delete(job_id)


def _delete_pipeline(client: WorkspaceClient, arguments: Arguments) -> None:
    if pipeline_id := _pipeline_id(client, arguments["name"]):
        client.pipelines.delete(pipeline_id)


def _delete_directory(client: WorkspaceClient, arguments: Arguments) -> None:
    _unless_gone(lambda: client.workspace.delete(arguments["path"], recursive=True))


def _delete_catalog(client: WorkspaceClient, arguments: Arguments) -> None:
    _unless_gone(lambda: client.catalogs.delete(arguments["name"], force=True))


def _unless_gone(call: Callable[[], None]) -> None:
    try:
        call()
    except NotFound:
        return


APPLY: dict[str, Callable[[WorkspaceClient, Arguments], Arguments]] = {
    "databricks_catalog": _catalog,
    "databricks_schema": _schema,
    "databricks_volume": _volume,
    "databricks_grants": _grants,
    "databricks_entity_tag_assignment": tag,
    "databricks_directory": _directory,
    "databricks_workspace_file": _file,
    "databricks_pipeline": _pipeline,
    "databricks_job": _job,
    "databricks_dashboard": _dashboard,
    "databricks_permissions": _permissions,
    "data.databricks_sql_warehouse": _warehouse,
    "databricks_alert_v2": _alert,
}
# In the order in which they go.
DELETE: dict[str, Callable[[WorkspaceClient, Arguments], None]] = {
    "databricks_dashboard": _delete_dashboard,
    "databricks_alert_v2": _delete_alert,
    "databricks_job": _delete_job,
    "databricks_pipeline": _delete_pipeline,
    "databricks_directory": _delete_directory,
    "databricks_catalog": _delete_catalog,
}
