"""Import blocks for everything a stack declares: how a lost state is made anew from the workspace."""

from collections.abc import Iterator, Mapping
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.platform import NotFound

from common.errors import UserError
from infra.drift.declared import Declared, Resource, looked_up, read_stack
from infra.review.plan import SECURABLE_KEYS
from infra.stack.constructs.tags import TAG_KEY
from infra.stack.synthesis import StackConfiguration

ADOPTION_FILE = "adopt.tf.json"
ACL_PATHS = {
    "job_id": "jobs", "pipeline_id": "pipelines", "directory_id": "directories", "dashboard_id": "dashboards"
}  # fmt: skip
COLUMN_TAG = 'databricks_entity_tag_assignment.pii_column["{column}"]'


def import_blocks(stack: StackConfiguration, client: WorkspaceClient) -> list[dict[str, str]]:
    """An address and an id for each declared resource, for Terraform's `import`.

    Jobs, pipelines, alerts and dashboards are looked up by name; one that is not there is left out, and so are grants
    on a table that is not there and a column without its tag. Raises UserError when a name fits more than one.
    """
    # Who runs, and the warehouse, are part of no id, so their names will do.
    declared = read_stack(stack, looked_up(stack))
    assigned = _assigned_ids(declared, client)
    ids = {
        one.address: _import_id(one, assigned)
        for one in declared.resources
        if "table" not in one.values or client.tables.exists(one.values["table"]).table_exists
    }
    tags = {
        COLUMN_TAG.format(column=column): _tag_id("columns", column) for column in _tagged(declared, client)
    }
    return [{"to": address, "id": name} for address, name in (ids | tags).items() if name]


def _assigned_ids(declared: Declared, client: WorkspaceClient) -> dict[str, str | None]:
    """The ids that the workspace made up, by address: of jobs, pipelines, alerts, dashboards and the top folder."""
    jobs = {
        one.address: [str(job.job_id) for job in client.jobs.list(name=one.full_name)]
        for one in declared.of("job")
    }
    pipelines = list(client.pipelines.list_pipelines())
    lines = {
        one.address: [str(line.pipeline_id) for line in pipelines if line.name == one.full_name]
        for one in declared.of("pipeline")
    }
    listed = list(client.alerts_v2.list_alerts()) if declared.of("alert_v2") else []
    alerts = {
        one.address: [str(alert.id) for alert in listed if alert.display_name == one.full_name]
        for one in declared.of("alert_v2")
    }
    boards = list(client.lakeview.list()) if declared.of("dashboard") else []
    dashboards = {
        one.address: [str(board.dashboard_id) for board in boards if board.display_name == one.full_name]
        for one in declared.of("dashboard")
    }
    root = client.workspace.get_status(declared.root.full_name).object_id
    return {address: _only(address, ids) for address, ids in (jobs | lines | alerts | dashboards).items()} | {
        declared.root.address: str(root)
    }


def _only(address: str, ids: list[str]) -> str | None:
    if len(ids) > 1:
        raise UserError(
            f"{address} cannot be told apart: {', '.join(ids)} have its name; delete or rename all but one"
        )
    return ids[0] if ids else None


def _import_id(resource: Resource, assigned: Mapping[str, str | None]) -> str | None:
    values: Mapping[str, Any] = resource.values
    match resource.kind:
        case "job" | "pipeline" | "alert_v2" | "dashboard":
            return assigned[resource.address]
        case "grants":
            kind = next(kind for kind in SECURABLE_KEYS if kind in values)
            return f"{kind}/{values[kind]}"
        case "entity_tag_assignment":
            return _tag_id(values["entity_type"], values["entity_name"])
        case "permissions":
            key = next(key for key in ACL_PATHS if key in values)
            return f"/{ACL_PATHS[key]}/{assigned[values[key]]}" if assigned[values[key]] else None
        case _:
            return resource.full_name


def _tag_id(kind: str, entity: str) -> str:
    return f"{kind},{entity},{TAG_KEY}"


def _tagged(declared: Declared, client: WorkspaceClient) -> Iterator[str]:
    for column in declared.tagged_columns:
        try:
            tags = client.entity_tag_assignments.list("columns", column)
            if any(tag.tag_key == TAG_KEY for tag in tags):
                yield column
        except NotFound:
            continue
