"""A pipeline's event log as a table, which its setting `event_log` names.

https://docs.databricks.com/aws/en/ldp/monitor-event-log-schema; `origin`, `sequence` and `error` are structs, `details`
is JSON.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from common.errors import UserError
from local.engine.storage.delta import Commit, arrow, open_table
from local.workspace.calls.context import Workspace
from local.workspace.pipelines import event_log
from local.workspace.pipelines.event_log import PipelineEvent
from local.workspace.pipelines.pipeline_records import Spec
from local.workspace.unity import delta_tables

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


def must_be_free(ws: Workspace, spec: Spec) -> None:
    """Raises UserError where the setting names a table that is no event log."""
    folder = _folder(ws, spec)
    if folder and not _is_log(folder):
        raise UserError(
            f"event_log of pipeline {spec.name} names {spec.event_log_table}, which is another table: name a new one"
        )


def publish(ws: Workspace, pipeline_id: str, spec: Spec) -> None:
    """Adds the events that the table does not have yet; a pipeline without the setting has no table."""
    folder = _folder(ws, spec)
    if folder is None or not _is_log(folder):
        return
    last = _last_of(folder, pipeline_id)
    events = event_log.of_pipeline(ws, pipeline_id)
    rows = [_row(one) for one in events if one.sequence and one.sequence.control_plane_seq_no > last]
    if rows:
        write_deltalake(
            folder,
            pa.Table.from_pylist(rows, _SCHEMA),
            mode="append",
            commit_properties=Commit().properties,
        )


def drop(ws: Workspace, spec: Spec) -> None:
    """A deleted pipeline takes its table with it."""
    schema, _, name = spec.event_log_table.partition(".")
    if name and (table := delta_tables.read(ws.home, schema, name)):
        delta_tables.drop_table(table)


def _folder(ws: Workspace, spec: Spec) -> Path | None:
    schema, _, name = spec.event_log_table.partition(".")
    return ws.home.warehouse / f"{schema}.db" / name if name else None


def _is_log(folder: Path) -> bool:
    table = open_table(folder)
    return table is None or [field.name for field in table.schema().fields] == _SCHEMA.names


def _last_of(folder: Path, pipeline_id: str) -> int:
    table = open_table(folder)
    rows = arrow(table, ["sequence", "origin"]).to_pylist() if table else []
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
