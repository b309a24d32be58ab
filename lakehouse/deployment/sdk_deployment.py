"""Deploys a synthesized stack through the SDK where the Terraform provider cannot be had.

It creates what is missing and changes what differs, in the order of the references. It keeps
no state: what the stack no longer declares stays. `destroy` removes what the stack declares.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.service.workspace import ImportFormat

from common.errors import UserError
from infra.drift.declared import NOT_COMPARED, PLURALS
from infra.stack.settings import UUID

Arguments = dict[str, Any]

_REFERENCE = re.compile(r"\$\{((?:data\.)?databricks_\w+)\.([\w-]+)\.(\w+)\}")
_UNITY = "/api/2.1/unity-catalog"
# What an object is found by.
_NAMES = ("name", "path", "display_name")
_ALERTS = "/api/2.0/alerts"
_SECURABLES = ("catalog", "schema", "volume", "table")
# Not arguments of the API: the provider's own, and those of Terraform.
_TERRAFORM_ONLY = NOT_COMPARED | {"md5"}


def deploy(stack: dict[str, Any], client: WorkspaceClient, folder: Path) -> None:
    """Create or change everything that `stack` (a `cdk.tf.json`) declares; its assets are below `folder`."""
    _Deployment(stack, client, folder).run()


def destroy(stack: dict[str, Any], client: WorkspaceClient, folder: Path) -> None:
    """Delete everything that `stack` declares, its data included; what is gone already is passed over."""
    deployment = _Deployment(stack, client, folder)
    for kind, delete in _DELETE.items():
        for name in stack["resource"].get(kind, {}):
            delete(client, deployment.declared(kind, name))


class _Deployment:
    def __init__(self, stack: dict[str, Any], client: WorkspaceClient, folder: Path) -> None:
        self._resources: dict[str, dict[str, Arguments]] = stack["resource"]
        self._sources = {f"data.{kind}": named for kind, named in stack.get("data", {}).items()}
        self._locals: Arguments = stack.get("locals", {})
        self._client = client
        self._folder = folder
        self._done: dict[tuple[str, str], Arguments] = {}

    def run(self) -> None:
        """Everything, each after what it refers to; what Terraform multiplies, once for each table that is there."""
        multiplied: list[Arguments] = []
        for kind, resources in self._resources.items():
            for name, arguments in resources.items():
                if "for_each" in arguments:
                    multiplied.append(arguments)
                else:
                    self._attributes(kind, name)
        for arguments in multiplied:
            self._tag_columns(arguments)

    def _tag_columns(self, arguments: Arguments) -> None:
        columns = self._fill(self._locals["pii_columns"], self._attributes)
        schemas = {tuple(column.split(".")[:2]) for column in columns}
        there = {table.full_name for schema in sorted(schemas) for table in self._client.tables.list(*schema)}
        for column in columns:
            if column.rpartition(".")[0] in there:
                kept = {key: value for key, value in arguments.items() if key not in _TERRAFORM_ONLY}
                _tag(self._client, kept | {"entity_name": column})

    def declared(self, kind: str, name: str) -> Arguments:
        """The arguments of a resource without what only a deployed one knows."""
        kept = {key: value for key, value in self._resources[kind][name].items() if key in _NAMES}
        return {key: self._fill(value, self.declared) for key, value in kept.items()}

    def _attributes(self, kind: str, name: str) -> Arguments:
        """A resource's arguments and computed attributes, deploying it on the first call."""
        if (kind, name) not in self._done:
            arguments = {**self._resources, **self._sources}.get(kind, {}).get(name)
            if arguments is None or kind not in _APPLY:
                raise UserError(f"The stack's {kind}.{name} cannot be deployed without Terraform")
            for address in arguments.get("depends_on", []):
                self._attributes(*address.split("."))
            kept = {key: value for key, value in arguments.items() if key not in _TERRAFORM_ONLY}
            if kind == "databricks_workspace_file":
                kept["source"] = str(self._folder / kept["source"])
            filled = self._fill(kept, self._attributes)
            self._done[kind, name] = filled | _APPLY[kind](self._client, filled)
        return self._done[kind, name]

    def _fill(self, value: Any, attributes: Callable[[str, str], Arguments]) -> Any:
        """`value` with each reference replaced by the attribute it names."""
        if isinstance(value, dict):
            return {key: self._fill(item, attributes) for key, item in value.items()}
        if isinstance(value, list):
            return [self._fill(item, attributes) for item in value]
        if not isinstance(value, str):
            return value
        return _REFERENCE.sub(lambda found: str(attributes(found[1], found[2])[found[3]]), value)


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
    kind = next(kind for kind in _SECURABLES if kind in arguments)
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


def _tag(client: WorkspaceClient, arguments: Arguments) -> Arguments:
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


_APPLY: dict[str, Callable[[WorkspaceClient, Arguments], Arguments]] = {
    "databricks_catalog": _catalog,
    "databricks_schema": _schema,
    "databricks_volume": _volume,
    "databricks_grants": _grants,
    "databricks_entity_tag_assignment": _tag,
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
_DELETE: dict[str, Callable[[WorkspaceClient, Arguments], None]] = {
    "databricks_dashboard": _delete_dashboard,
    "databricks_alert_v2": _delete_alert,
    "databricks_job": _delete_job,
    "databricks_pipeline": _delete_pipeline,
    "databricks_directory": _delete_directory,
    "databricks_catalog": _delete_catalog,
}
