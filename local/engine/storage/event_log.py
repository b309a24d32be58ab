"""The event log of the pipelines of a home: a Delta table in the form of Lakeflow's own.

https://docs.databricks.com/aws/en/ldp/monitor-event-logs: `id`, `timestamp`, `event_type`, `level`, `message`, `origin`
and `details` as JSON; `details.flow_progress` has `status`, `metrics` and `data_quality`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
from deltalake import write_deltalake

from common.home import Home
from local.engine.storage.delta import Commit, arrow_table, open_table, write_checkpoint

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("timestamp", pa.timestamp("us", "UTC")),
        ("event_type", pa.string()),
        ("level", pa.string()),
        ("message", pa.string()),
        (
            "origin",
            pa.struct(
                [("pipeline_name", pa.string()), ("update_id", pa.string()), ("flow_name", pa.string())]
            ),
        ),
        ("details", pa.string()),
    ]
)


def path_of(home: Home) -> Path:
    """The folder of the event log."""
    return home.state / "event_log"


@dataclass(frozen=True)
class DatasetEvent:
    """One line of the log: what became of a dataset. `details` is the value of `flow_progress`."""

    dataset: str
    timestamp: datetime
    failed: bool
    message: str
    details: Mapping[str, Any]


def append_flow_progress(
    home: Home, pipeline: str, update_id: str, lines: Sequence[DatasetEvent]
) -> list[dict[str, Any]]:
    """Adds the lines of an update, in one commit; gives them as they are in the log."""
    rows = [
        {
            "id": uuid4().hex,
            "timestamp": line.timestamp,
            "event_type": "flow_progress",
            "level": "ERROR" if line.failed else "INFO",
            "message": line.message,
            "origin": {"pipeline_name": pipeline, "update_id": update_id, "flow_name": line.dataset},
            "details": json.dumps({"flow_progress": line.details}),
        }
        for line in lines
    ]
    if rows:
        # Raises UserError for a log that cannot be read.
        table = open_table(path_of(home))
        write_deltalake(
            path_of(home),
            pa.Table.from_pylist(rows, SCHEMA),
            mode="append",
            commit_properties=Commit().properties,
        )
        if table:
            write_checkpoint(table)
    return rows


def read_event_log(home: Home) -> list[dict[str, Any]]:
    """Every event, oldest first; `details` as an object. Empty where no update has run."""
    table = open_table(path_of(home))
    if table is None:
        return []
    rows = arrow_table(table).sort_by("timestamp").to_pylist()
    return [{**row, "details": json.loads(row["details"])} for row in rows]
