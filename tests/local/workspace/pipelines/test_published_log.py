"""The table of a pipeline's event log: filled after each update, and gone with its pipeline alone."""

import time
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.pipelines import EventLogSpec, UpdateInfoState
from deltalake import DeltaTable, write_deltalake

from common.home import Home

TERMINAL = {UpdateInfoState.COMPLETED, UpdateInfoState.FAILED, UpdateInfoState.CANCELED}


@pytest.fixture
def log(home: Home) -> Path:
    """The folder of a table that is not there yet."""
    return home.warehouse / f"logs_{uuid4().hex[:8]}.db" / "events"


def pipeline_with(client: WorkspaceClient, log: Path) -> str:
    """A pipeline without files, whose updates fail, and whose events go to the table in the folder `log`."""
    return pipeline_of(client, log.parent.stem, log.name)


def pipeline_of(client: WorkspaceClient, schema: str, name: str) -> str:
    setting = EventLogSpec(name=name, schema=schema)
    created = client.pipelines.create(name=uuid4().hex, catalog="c", schema="s", event_log=setting)
    return created.pipeline_id or ""


def update(client: WorkspaceClient, pipeline_id: str) -> UpdateInfoState:
    update_id = client.pipelines.start_update(pipeline_id).update_id or ""
    while True:
        found = client.pipelines.get_update(pipeline_id, update_id).update
        if found and found.state in TERMINAL:
            return found.state
        time.sleep(0.05)


def test_each_update_adds_its_events_once_and_the_pipeline_takes_the_table_along(
    client: WorkspaceClient, log: Path
) -> None:
    pipeline_id = pipeline_with(client, log)
    for _ in range(2):
        assert update(client, pipeline_id) is UpdateInfoState.FAILED
    ids = DeltaTable(log).to_pyarrow_table(columns=["id"]).column("id").to_pylist()
    told = [event.id for event in client.pipelines.list_pipeline_events(pipeline_id)]
    assert (len(ids), set(ids)) == (len(told), set(told))
    client.pipelines.delete(pipeline_id)
    assert not log.exists()


def test_another_table_is_neither_written_nor_dropped(client: WorkspaceClient, log: Path) -> None:
    write_deltalake(log, pa.table({"id": [1]}))
    pipeline_id = pipeline_with(client, log)
    assert update(client, pipeline_id) is UpdateInfoState.FAILED
    client.pipelines.delete(pipeline_id)
    assert DeltaTable(log).to_pyarrow_table().to_pylist() == [{"id": 1}]


def test_the_log_of_another_pipeline_is_not_dropped(client: WorkspaceClient, log: Path) -> None:
    owner = pipeline_with(client, log)
    update(client, owner)
    client.pipelines.delete(pipeline_with(client, log))
    assert log.exists()


def test_a_name_that_leaves_the_warehouse_is_refused(client: WorkspaceClient, home: Home) -> None:
    outside = home.path / f"outside_{uuid4().hex[:8]}"
    pipeline_id = pipeline_of(client, "s", f"x/../../../{outside.name}")
    assert update(client, pipeline_id) is UpdateInfoState.FAILED
    client.pipelines.delete(pipeline_id)
    assert not outside.exists()
