"""The Pipelines API, and updates that run uploaded files on Spark."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, ResourceConflict
from databricks.sdk.service.catalog import VolumeType
from databricks.sdk.service.jobs import PipelineTask, Task
from databricks.sdk.service.pipelines import PathPattern, PipelineLibrary, UpdateInfoState
from databricks.sdk.service.workspace import ImportFormat

from common.home import Home
from local.workspace.http.serving import Served, serving
from local.workspace.unity import delta_tables
from tests.waiting import until

ROOT = "/Workspace/lake"
SHARED = 'COMMENT = "Orders as they came"\n'
BRONZE = """
from pyspark import pipelines as dp
from shared.words import COMMENT

@dp.table(name="bronze.orders", comment=COMMENT, schema="order_id STRING COMMENT 'Id of the order', price STRING")
def orders():
    return (
        spark.readStream.format("cloudFiles")
        .option("cloudFiles.format", "csv")
        .option("header", "true")
        .schema("order_id STRING, price STRING")
        .load(spark.conf.get("lake.raw"))
        .select("order_id", "price")
    )
"""
# While there is a folder `lake.hold`, an update stays in its middle: bronze is written, `ids` waits.
GOLD = """
from pathlib import Path
from time import sleep
from pyspark import pipelines as dp

@dp.materialized_view(name="gold.totals", comment="One row")
@dp.expect_or_fail("price_not_negative", "total >= 0")
def totals():
    return spark.read.table("bronze.orders").selectExpr("sum(cast(price as int)) as total", "count(*) as orders")

@dp.materialized_view(name="gold.ids", comment="Nobody selects it")
def ids():
    orders = spark.read.table("bronze.orders")
    hold = Path(spark.conf.get("lake.hold"))
    while hold.exists():
        (hold / "reached").touch()
        sleep(0.05)
    return orders.select("order_id")
"""
TERMINAL = {UpdateInfoState.COMPLETED, UpdateInfoState.FAILED, UpdateInfoState.CANCELED}


def upload(client: WorkspaceClient, path: str, text: str) -> None:
    client.workspace.mkdirs(f"{ROOT}/{path}".rpartition("/")[0])
    content = io.BytesIO(text.encode())
    client.workspace.upload(f"{ROOT}/{path}", content, format=ImportFormat.RAW, overwrite=True)


def deploy(client: WorkspaceClient, hold: Path) -> str:
    """A catalog with a volume of two orders, a tiny pipeline over it; the pipeline's id."""
    client.catalogs.create("lake")
    for schema in ("raw", "bronze", "gold"):
        client.schemas.create(schema, "lake")
    client.volumes.create("lake", "raw", "files", VolumeType.MANAGED)
    orders = io.BytesIO(b"order_id,price\n1,10\n2,20\n")
    client.files.upload("/Volumes/lake/raw/files/a.csv", orders, overwrite=True)
    upload(client, "shared/words.py", SHARED)
    upload(client, "flows/bronze.py", BRONZE)
    upload(client, "flows/gold.py", GOLD)
    created = client.pipelines.create(
        name="tiny",
        catalog="lake",
        schema="bronze",
        root_path=ROOT,
        libraries=[PipelineLibrary(glob=PathPattern(include=f"{ROOT}/flows/**"))],
        configuration={"lake.raw": "/Volumes/lake/raw/files", "lake.hold": str(hold)},
    )
    return created.pipeline_id or ""


def ended(client: WorkspaceClient, pipeline_id: str, update_id: str) -> UpdateInfoState | None:
    def state() -> UpdateInfoState | None:
        update = client.pipelines.get_update(pipeline_id, update_id).update
        return update.state if update else None

    until(lambda: state() in TERMINAL)
    return state()


def start(client: WorkspaceClient, pipeline_id: str, **options: Any) -> str:
    return client.pipelines.start_update(pipeline_id, **options).update_id or ""


def details(client: WorkspaceClient, pipeline_id: str, update_id: str) -> list[dict[str, Any]]:
    """All events of an update, the oldest first, with the details that the SDK leaves out."""
    query = {"max_results": 250, "order_by": "timestamp asc"}
    answer: Any = client.api_client.do("GET", f"/api/2.0/pipelines/{pipeline_id}/events", query=query)
    return [event for event in answer["events"] if event["origin"]["update_id"] == update_id]


def hold_of(home: Home) -> Path:
    return home.path / "hold"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Served, str]]:
    """A home with a tiny pipeline that a job has updated once."""
    home = Home(tmp_path_factory.mktemp("lake"))
    with serving(home) as served:
        client = served.client()
        pipeline_id = deploy(client, hold_of(home))
        task = Task(task_key="update", pipeline_task=PipelineTask(pipeline_id=pipeline_id))
        run_id = client.jobs.run_now(client.jobs.create(tasks=[task]).job_id or 0).run_id
        until(lambda: client.jobs.get_run(run_id).end_time)
        state = client.jobs.get_run(run_id).state
        assert state and state.result_state and state.result_state.value == "SUCCESS", state
        yield home, served, pipeline_id


@pytest.fixture
def hold(lake: tuple[Home, Served, str]) -> Iterator[Path]:
    """Updates of the lake stay in their middle for as long as the test; one that is left is stopped."""
    home, served, pipeline_id = lake
    hold_of(home).mkdir()
    yield hold_of(home)
    served.client().pipelines.stop(pipeline_id)
    shutil.rmtree(hold_of(home))


def total(home: Home) -> list[dict[str, Any]]:
    table = delta_tables.find_delta_table(home, "gold", "totals")
    return delta_tables.all_rows(table) if table else []


def test_settings_come_back_and_change(client: WorkspaceClient) -> None:
    name = uuid4().hex
    settings = {"catalog": "any", "schema": "s", "configuration": {"a": "b"}, "tags": {"t": "u"}}
    pipeline_id = client.pipelines.create(name=name, **settings).pipeline_id or ""
    with pytest.raises(ResourceConflict):
        client.pipelines.create(name=name)
    found = client.pipelines.get(pipeline_id)
    assert found.spec and found.spec.as_dict() == {"id": pipeline_id, "name": name, **settings}
    client.pipelines.update(pipeline_id, name=name, configuration={"c": "d"})
    spec = client.pipelines.get(pipeline_id).spec
    assert spec and (spec.configuration, spec.catalog) == ({"c": "d"}, None)
    with pytest.raises(ResourceConflict):
        client.pipelines.update(pipeline_id, name=name, expected_last_modified=1)
    assert [p.pipeline_id for p in client.pipelines.list_pipelines(filter=f"name LIKE '{name}'")] == [
        pipeline_id
    ]
    with pytest.raises(BadRequest):
        list(client.pipelines.list_pipelines(filter="notebook = 'x'"))
    client.pipelines.delete(pipeline_id)
    with pytest.raises(NotFound):
        client.pipelines.get(pipeline_id)


def test_a_pipeline_that_cannot_run_fails_with_the_reason(client: WorkspaceClient) -> None:
    outside = [PipelineLibrary(glob=PathPattern(include="/Workspace/elsewhere/**"))]
    for libraries, reason in ((None, "has no libraries"), (outside, "outside of the pipeline's root_path")):
        created = client.pipelines.create(name=uuid4().hex, root_path="/Workspace/here", libraries=libraries)
        pipeline_id = created.pipeline_id or ""
        update_id = start(client, pipeline_id)
        assert ended(client, pipeline_id, update_id) is UpdateInfoState.FAILED
        event = details(client, pipeline_id, update_id)[-1]
        assert event["level"] == "ERROR"
        assert reason in event["error"]["exceptions"][0]["message"]


def test_an_update_writes_tables_that_unity_catalog_describes(lake: tuple[Home, Served, str]) -> None:
    home, served, pipeline_id = lake
    client = served.client()
    assert total(home) == [{"total": 30, "orders": 2}]
    assert [table.full_name for table in client.tables.list("lake", "bronze")] == ["lake.bronze.orders"]
    table = client.tables.get("lake.bronze.orders")
    assert (table.comment, table.pipeline_id) == ("Orders as they came", pipeline_id)
    assert table.table_type and table.table_type.value == "STREAMING_TABLE"
    columns = {column.name: (column.type_text, column.comment) for column in table.columns or []}
    assert columns["order_id"] == ("string", "Id of the order")
    view = client.tables.get("lake.gold.totals")
    assert view.table_type and view.table_type.value == "MATERIALIZED_VIEW"
    with pytest.raises(BadRequest, match="not empty"):
        client.schemas.delete("lake.gold")


def test_events_tell_states_and_rows(lake: tuple[Home, Served, str]) -> None:
    _, served, pipeline_id = lake
    client = served.client()
    update_id = (list(client.pipelines.list_updates(pipeline_id).updates or [])[-1]).update_id
    events = details(client, pipeline_id, update_id or "")
    states = [
        event["details"]["update_progress"]["state"]
        for event in events
        if event["event_type"] == "update_progress"
    ]
    assert states == ["QUEUED", "INITIALIZING", "RUNNING", "COMPLETED"]
    flows = {
        event["origin"]["dataset_name"]: event["details"]["flow_progress"]["metrics"]["num_output_rows"]
        for event in events
        if "metrics" in event["details"].get("flow_progress", {})
    }
    assert flows == {"bronze.orders": 2, "gold.totals": 1, "gold.ids": 2}
    through_sdk = list(client.pipelines.list_pipeline_events(pipeline_id, filter="level = 'ERROR'"))
    assert through_sdk == []
    assert client.pipelines.get(pipeline_id).latest_updates


def test_a_broken_file_is_named_with_its_line(lake: tuple[Home, Served, str]) -> None:
    _, served, pipeline_id = lake
    client = served.client()
    upload(client, "flows/broken.py", "x = 1\ny = unknown_name\n")
    update_id = start(client, pipeline_id)
    assert ended(client, pipeline_id, update_id) is UpdateInfoState.FAILED
    client.workspace.delete(f"{ROOT}/flows/broken.py")
    error = details(client, pipeline_id, update_id)[-1]["error"]["exceptions"][0]["message"]
    assert f"{ROOT}/flows/broken.py:2" in error
    assert "unknown_name" in error


def test_an_update_is_stopped(lake: tuple[Home, Served, str], hold: Path) -> None:
    home, served, pipeline_id = lake
    client = served.client()
    before = total(home)
    update_id = start(client, pipeline_id, full_refresh=True)
    with pytest.raises(ResourceConflict, match="active update"):
        client.pipelines.start_update(pipeline_id)
    until((hold / "reached").exists)
    client.pipelines.stop(pipeline_id)
    assert ended(client, pipeline_id, update_id) is UpdateInfoState.CANCELED
    assert not list((home.workspace / "runs").iterdir())
    assert total(home) == before


def test_a_crash_leaves_tables_whole_and_the_update_failed(
    lake: tuple[Home, Served, str], hold: Path, tmp_path: Path
) -> None:
    """In a copy of the home: the other tests' workspace goes on."""
    original, _, pipeline_id = lake
    home = Home(tmp_path / "home")
    shutil.copytree(original.path, home.path)
    before = total(home)
    with serving(home) as served:
        update_id = start(served.client(), pipeline_id, full_refresh=True)
        until((hold / "reached").exists)
        served.kill()
    with serving(home) as again:
        client = again.client()
        event = details(client, pipeline_id, update_id)[-1]
        assert ended(client, pipeline_id, update_id) is UpdateInfoState.FAILED
        assert "stopped in the middle of this update" in event["error"]["exceptions"][0]["message"]
        assert total(home) == before
        orders = delta_tables.find_delta_table(home, "bronze", "orders")
        assert orders and delta_tables.count_rows(orders) == 2


def test_a_failed_expectation_is_named_and_its_table_stays(lake: tuple[Home, Served, str]) -> None:
    home, served, pipeline_id = lake
    client = served.client()
    before = total(home)
    more = io.BytesIO(b"order_id,price\n3,30\n")
    client.files.upload("/Volumes/lake/raw/files/b.csv", more, overwrite=True)
    upload(client, "flows/gold.py", GOLD.replace("total >= 0", "total < 0"))
    selected = ["bronze.orders", "gold.totals"]
    update_id = start(client, pipeline_id, refresh_selection=selected)
    assert ended(client, pipeline_id, update_id) is UpdateInfoState.FAILED
    events = details(client, pipeline_id, update_id)
    assert {event["origin"].get("dataset_name") for event in events} == {None, *selected}
    error = events[-1]["error"]["exceptions"][0]["message"]
    assert f"{ROOT}/flows/gold.py:6: expectation 'price_not_negative' of gold.totals failed" in error
    qualities = [event["details"].get("flow_progress", {}).get("data_quality") for event in events]
    failed = {
        "name": "price_not_negative",
        "dataset": "gold.totals",
        "passed_records": 0,
        "failed_records": 1,
    }
    assert {"expectations": [failed]} in qualities
    orders = delta_tables.find_delta_table(home, "bronze", "orders")
    assert orders and delta_tables.count_rows(orders) == 3
    assert total(home) == before


def test_a_deleted_pipeline_and_catalog_leave_nothing(lake: tuple[Home, Served, str]) -> None:
    home, served, pipeline_id = lake
    client = served.client()
    client.pipelines.delete(pipeline_id)
    assert list(client.tables.list("lake", "gold")) == []
    client.catalogs.delete("lake", force=True)
    assert not list(home.warehouse.glob("*.db/*"))
    assert not list(home.volumes.glob("raw/files"))


def test_an_update_that_only_validates_tells_all_that_is_wrong_and_writes_nothing(
    client: WorkspaceClient, tmp_path: Path
) -> None:
    pipeline_id = deploy(client, tmp_path / "hold")
    update_id = start(client, pipeline_id, validate_only=True)
    assert ended(client, pipeline_id, update_id) is UpdateInfoState.COMPLETED
    wrong = GOLD.replace("cast(price", "cast(prise").replace('"order_id"', '"id"')
    upload(client, "flows/gold.py", wrong)
    update_id = start(client, pipeline_id, validate_only=True)
    assert ended(client, pipeline_id, update_id) is UpdateInfoState.FAILED
    error = details(client, pipeline_id, update_id)[-1]["error"]["exceptions"][0]["message"]
    lines = [
        f"{ROOT}/flows/gold.py:{n}"
        for n, line in enumerate(wrong.split("\n"), 1)
        if "selectE" in line or '"id"' in line
    ]
    assert [line.split(": ")[0] for line in error.splitlines()] == lines
    assert "there is no column prise in bronze.orders: did you mean price?" in error
    assert list(client.tables.list("lake", "bronze")) == []
