"""A pipeline's event log as a table, which its setting `event_log` names.

https://docs.databricks.com/aws/en/ldp/monitor-event-log-schema; `origin`, `sequence` and `error` are structs, `details`
is JSON.
"""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from minilake.errors import DatabricksError
from minilake.uc_types import validate_identifier

from common.errors import UserError
from local.engine.storage.delta import Commit, arrow_table, open_table
from local.workspace.calls.context import Workspace
from local.workspace.pipelines import event_log
from local.workspace.pipelines.event_log import PipelineEvent
from local.workspace.pipelines.pipeline_records import Spec
from local.workspace.pipelines.update_records import Update
from local.workspace.rights.run_as_needs import must_make_table

_ORIGIN = ("pipeline_id", "pipeline_name", "update_id", "request_id", "dataset_name", "flow_name")
_EXCEPTION = pa.struct([("message", pa.string())])
_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("sequence", pa.struct([("control_plane_seq_no", pa.int64())])),
        ("origin", pa.struct([("org_id", pa.int64()), *((name, pa.string()) for name in _ORIGIN)])),
        ("timestamp", pa.timestamp("us", "UTC")),
        ("message", pa.string()),
        ("level", pa.string()),
        ("maturity_level", pa.string()),
        ("error", pa.struct([("fatal", pa.bool_()), ("exceptions", pa.list_(_EXCEPTION))])),
        ("details", pa.string()),
        ("event_type", pa.string()),
    ]
)


def must_be_free(ws: Workspace, update: Update) -> None:
    """Raises UserError where the update may not create the table that the setting names, or that is no event log.

    DatabricksError for what cannot be a table's name.
    """
    spec = update.config
    must_make_table(ws, update.run_as, spec.event_log_catalog, spec.event_log_table)
    folder = _folder(ws, spec)
    if folder and not _is_log(open_table(folder)):
        raise UserError(
            f"event_log of pipeline {spec.name} names {spec.event_log_table}, which is another table: name a new one"
        )


def publish(ws: Workspace, update: Update) -> None:
    """Adds the events that the table does not have yet; a pipeline without the setting has no table."""
    try:
        must_be_free(ws, update)
    except (UserError, DatabricksError):
        # The update has failed for that.
        return
    if folder := _folder(ws, update.config):
        last = _last_of(open_table(folder), update.pipeline_id)
        events = event_log.events_of_pipeline(ws, update.pipeline_id)
        rows = [_row(one) for one in events if one.sequence and one.sequence.control_plane_seq_no > last]
        _append(folder, rows)


def _append(folder: Path, rows: list[dict[str, Any]]) -> None:
    if rows:
        table = pa.Table.from_pylist(rows, _SCHEMA)
        write_deltalake(folder, table, mode="append", commit_properties=Commit().properties)


def drop_with_pipeline(ws: Workspace, pipeline_id: str, spec: Spec) -> None:
    """A deleted pipeline takes its table with it, and no other one that its setting names."""
    try:
        folder = _folder(ws, spec)
    except DatabricksError:
        return
    log = open_table(folder) if folder else None
    if folder and log and _is_log(log) and _last_of(log, pipeline_id):
        shutil.rmtree(folder)


def _folder(ws: Workspace, spec: Spec) -> Path | None:
    """None without the setting. Names reach the file system: DatabricksError for what cannot be a table's."""
    schema, _, name = spec.event_log_table.partition(".")
    if not name:
        return None
    validate_identifier(schema, "schema")
    validate_identifier(name, "table")
    return ws.home.warehouse / f"{schema}.db" / name


def _is_log(table: DeltaTable | None) -> bool:
    return table is None or [field.name for field in table.schema().fields] == _SCHEMA.names


def _last_of(table: DeltaTable | None, pipeline_id: str) -> int:
    """The number of the last event of a pipeline that the table has; 0 without one."""
    rows = arrow_table(table, ["sequence", "origin"]).to_pylist() if table else []
    own = [
        row["sequence"]["control_plane_seq_no"] for row in rows if row["origin"]["pipeline_id"] == pipeline_id
    ]
    return max(own, default=0)


def _row(event: PipelineEvent) -> dict[str, Any]:
    row = event.as_json()
    return row | {
        "timestamp": datetime.fromisoformat(event.timestamp),
        "details": json.dumps(row["details"]),
    }
