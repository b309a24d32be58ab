"""UNDROP and SHOW TABLES DROPPED: what comes back, by whom, and what is gone for good."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest
from databricks.sdk.service.catalog import EntityTagAssignment, PermissionsChange, Privilege, VolumeType
from databricks.sdk.service.pipelines import PathPattern, PipelineLibrary
from databricks.sdk.service.workspace import ImportFormat
from deltalake import write_deltalake

from common.home import Home
from lakehouse.deployment.principals import READER
from local.workspace.http.app import open_workspace
from local.workspace.http.serving import Served, serving
from local.workspace.storage.minilake import STARTER_ID
from local.workspace.unity.recovery import DROPPED_TABLES, RECOVERY_PERIOD_MS

TESTER = "reader@example.com"
ORDERS, TOTALS = "lake.bronze.orders", "lake.bronze.totals"
FLOW = """
from pyspark import pipelines as dp

@dp.table(name="bronze.orders", comment="Orders as they came", schema="order_id STRING COMMENT 'Id'")
def orders():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").option("header", "true")
    return files.schema("order_id STRING").load("/Volumes/lake/bronze/files")

@dp.materialized_view(name="bronze.totals")
def totals():
    return spark.read.table("bronze.orders").selectExpr("count(*) AS orders")
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workspace with the principals of prod and a catalog in which a reader has no right."""
    home = Home(Path(tmp_path_factory.mktemp("undrop")) / "home")
    with serving(home, "--env", "prod") as served:
        client = served.client()
        client.catalogs.create("lake")
        client.schemas.create("bronze", "lake")
        client.volumes.create("lake", "bronze", "files", VolumeType.MANAGED)
        yield served


def run(client: WorkspaceClient, *orders: str) -> str:
    """The pipeline, made at its first update, with these orders in a further file; its id."""
    content = io.BytesIO("\n".join(("order_id", *orders, "")).encode())
    client.files.upload(f"/Volumes/lake/bronze/files/{orders[0]}.csv", content, overwrite=True)
    found = next(iter(client.pipelines.list_pipelines()), None)
    pipeline_id = (found and found.pipeline_id) or _make(client)
    client.pipelines.start_update(pipeline_id)
    updates = client.pipelines.wait_get_pipeline_idle(pipeline_id).latest_updates or []
    told = [event.message for event in client.pipelines.list_pipeline_events(pipeline_id)]
    assert updates[0].state and updates[0].state.value == "COMPLETED", told
    return pipeline_id


def _make(client: WorkspaceClient) -> str:
    client.workspace.mkdirs("/Workspace/flows")
    content = io.BytesIO(FLOW.encode())
    client.workspace.upload("/Workspace/flows/flow.py", content, format=ImportFormat.RAW, overwrite=True)
    libraries = [PipelineLibrary(glob=PathPattern(include="/Workspace/flows/**"))]
    made = client.pipelines.create(
        name="lake", catalog="lake", schema="bronze", root_path="/Workspace/flows", libraries=libraries
    )
    return made.pipeline_id or ""


def say(client: WorkspaceClient, statement: str) -> tuple[str, list[list[str]]]:
    """Why a statement failed, empty for one that did not, and its rows."""
    told = client.statement_execution.execute_statement(statement, STARTER_ID)
    assert told.status
    assert told.status.state
    assert (told.status.state.value == "FAILED") == bool(told.status.error)
    rows = (told.result and told.result.data_array) or []
    return (told.status.error and told.status.error.message) or "", rows


def written(home: Home, schema: str, value: int) -> str:
    """A table that no pipeline wrote, with one value in the column `n`; its full name."""
    write_deltalake(home.warehouse / f"{schema}.db" / "plain", pa.table({"n": [value]}))
    return f"lake.{schema}.plain"


def grant(client: WorkspaceClient, kind: str, name: str, *privileges: Privilege) -> None:
    client.grants.update(kind, name, changes=[PermissionsChange(principal=TESTER, add=list(privileges))])


def revoke(client: WorkspaceClient, kind: str, name: str, *privileges: Privilege) -> None:
    client.grants.update(kind, name, changes=[PermissionsChange(principal=TESTER, remove=list(privileges))])


def test_a_streaming_table_comes_back_by_its_name_and_goes_on_where_it_stood(lake: Served) -> None:
    client = lake.client()
    run(client, "1", "2")
    before = client.tables.get(ORDERS)
    grant(client, "table", ORDERS, Privilege.SELECT)
    tag = EntityTagAssignment(
        entity_type="columns", entity_name=f"{ORDERS}.order_id", tag_key="pii", tag_value="no"
    )
    client.entity_tag_assignments.create(tag)
    client.tables.update(ORDERS, owner=TESTER)
    client.tables.delete(ORDERS)
    assert not client.tables.exists(ORDERS).table_exists
    problem, [row] = say(client, "SHOW TABLES DROPPED IN lake.bronze")
    assert (problem, row[2:5]) == ("", ["orders", before.table_id, "STREAMING_TABLE"])

    assert say(client, f"UNDROP TABLE {ORDERS}") == ("", [])
    after = client.tables.get(ORDERS)
    assert (after.table_id, after.table_type, after.comment, after.columns, after.pipeline_id) == (
        before.table_id,
        before.table_type,
        "Orders as they came",
        before.columns,
        before.pipeline_id,
    )
    assert after.owner == TESTER
    [entry] = client.grants.get("table", ORDERS).privilege_assignments or []
    assert (entry.principal, entry.privileges) == (TESTER, [Privilege.SELECT])
    assert [one.tag_value for one in client.entity_tag_assignments.list("columns", f"{ORDERS}.order_id")] == [
        "no"
    ]
    assert say(client, "SHOW TABLES DROPPED IN lake.bronze") == ("", [])
    assert say(client, f"UNDROP TABLE {ORDERS}")[0].startswith(
        "[TABLE_OR_VIEW_NOT_FOUND] Nothing of the name"
    )
    run(client, "3")
    assert say(client, f"SELECT order_id FROM {ORDERS} ORDER BY order_id") == ("", [["1"], ["2"], ["3"]])


def test_a_materialized_view_comes_back_by_its_id_only_and_nothing_without_its_pipeline(lake: Served) -> None:
    client = lake.client()
    pipeline_id = run(client, "4")
    [[rows]] = say(client, f"SELECT orders FROM {TOTALS}")[1]
    client.tables.delete(TOTALS)
    problem, [shown] = say(client, "SHOW TABLES DROPPED FROM lake.bronze LIMIT 5")
    assert (problem, shown[4]) == ("", "MATERIALIZED_VIEW")
    right = f"UNDROP MATERIALIZED VIEW WITH ID '{shown[3]}'"
    for wrong in (
        f"UNDROP TABLE {TOTALS}",
        f"UNDROP MATERIALIZED VIEW {TOTALS}",
        f"UNDROP TABLE WITH ID '{shown[3]}'",
    ):
        assert say(client, wrong)[0] == f"[WRONG_COMMAND_FOR_OBJECT_TYPE] {TOTALS} comes back by {right}"
    assert say(client, right) == ("", [])
    assert say(client, f"SELECT orders FROM {TOTALS}") == ("", [[rows]])

    before = client.tables.get(ORDERS).table_id or ""
    client.tables.delete(ORDERS)
    assert (lake.home.workspace / "dropped" / before).is_dir()
    client.pipelines.delete(pipeline_id)
    assert say(client, f"UNDROP TABLE {ORDERS}")[0].startswith("[TABLE_OR_VIEW_NOT_FOUND]")
    assert not (lake.home.workspace / "dropped" / before).exists()


def test_a_name_that_is_taken_is_said_and_an_older_table_comes_back_by_its_id(lake: Served) -> None:
    client = lake.client()
    client.schemas.create("taken", "lake")
    name = written(lake.home, "taken", 1)
    first = client.tables.get(name).table_id
    client.tables.delete(name)
    written(lake.home, "taken", 2)
    taken = f"[TABLE_OR_VIEW_ALREADY_EXISTS] There is another table {name} now: rename or drop it"
    for statement in (f"UNDROP TABLE {name}", f"undrop table with id '{first}';"):
        assert say(client, statement)[0].startswith(taken)
    client.tables.delete(name)
    assert [row[3] == first for row in say(client, "SHOW TABLES DROPPED IN lake.taken")[1]] == [False, True]
    assert say(client, f"UNDROP TABLE WITH ID '{first}'") == ("", [])
    assert say(client, f"SELECT n FROM {name}") == ("", [["1"]])
    client.tables.delete(name)
    assert say(client, f"UNDROP TABLE {name}") == ("", [])
    assert say(client, f"SELECT n FROM {name}") == ("", [["1"]])


def test_it_takes_owner_or_manage_with_create_table_or_the_owner_of_what_holds_it(lake: Served) -> None:
    client, reader = lake.client(), lake.client(READER)
    client.schemas.create("own", "lake")
    name = written(lake.home, "own", 1)

    def refused(lacking: str) -> None:
        client.tables.delete(name)
        assert say(reader, "SHOW TABLES DROPPED IN lake.own") == ("", [])
        told = say(reader, f"UNDROP TABLE {name}")[0]
        assert (
            told
            == f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have {lacking}. SQLSTATE: 42501"
        )
        assert say(client, f"UNDROP TABLE {name}") == ("", [])

    def allowed() -> None:
        client.tables.delete(name)
        assert [row[2] for row in say(reader, "SHOW TABLES DROPPED IN lake.own")[1]] == ["plain"]
        assert say(reader, f"UNDROP TABLE {name}") == ("", [])

    refused("USE CATALOG on Catalog 'lake'")
    grant(client, "catalog", "lake", Privilege.USE_CATALOG)
    refused("USE SCHEMA on Schema 'lake.own'")
    grant(client, "schema", "lake.own", Privilege.USE_SCHEMA)
    grant(client, "table", name, Privilege.SELECT, Privilege.ALL_PRIVILEGES)
    refused(f"MANAGE on Table '{name}'")
    grant(client, "table", name, Privilege.MANAGE)
    refused("CREATE TABLE on Schema 'lake.own'")
    grant(client, "schema", "lake.own", Privilege.CREATE_TABLE)
    allowed()
    revoke(client, "table", name, Privilege.SELECT, Privilege.ALL_PRIVILEGES, Privilege.MANAGE)
    refused(f"MANAGE on Table '{name}'")
    client.tables.update(name, owner=TESTER)
    allowed()
    client.tables.update(name, owner="minilake-user")
    revoke(client, "schema", "lake.own", Privilege.USE_SCHEMA, Privilege.CREATE_TABLE)
    client.schemas.update("lake.own", owner=TESTER)
    allowed()
    revoke(client, "catalog", "lake", Privilege.USE_CATALOG)
    refused("USE CATALOG on Catalog 'lake'")
    client.schemas.update("lake.own", owner="minilake-user")
    client.catalogs.update("lake", owner=TESTER)
    allowed()
    client.catalogs.update("lake", owner="minilake-user")


@pytest.mark.parametrize(
    "statement", ["UNDROP", "UNDROP SCHEMA lake.bronze", "SHOW TABLES DROPPED", "UNDROP TABLE a b"]
)
def test_what_is_no_such_statement_is_said(lake: Served, statement: str) -> None:
    with pytest.raises(BadRequest, match="Expected UNDROP TABLE name, UNDROP TABLE WITH ID 'id'"):
        say(lake.client(), statement)
    assert lake.problems() == ""


def test_dropped_tables_outlive_the_workspace_for_seven_days_and_no_schema(fresh_home: Home) -> None:
    with serving(fresh_home) as served:
        client = served.client()
        client.catalogs.create("lake")
        client.schemas.create("bronze", "lake")
        name = written(fresh_home, "bronze", 1)
        client.tables.delete(name)
        served.kill()
    with serving(fresh_home) as served:
        assert say(served.client(), f"UNDROP TABLE {name}") == ("", [])
        served.client().tables.delete(name)
    days_before(fresh_home, RECOVERY_PERIOD_MS - 60 * 60 * 1000)
    with serving(fresh_home) as served:
        assert len(say(served.client(), "SHOW TABLES DROPPED IN lake.bronze")[1]) == 1
    days_before(fresh_home, 60 * 60 * 1000)
    with serving(fresh_home) as served:
        client = served.client()
        assert say(client, f"UNDROP TABLE {name}")[0].startswith("[TABLE_OR_VIEW_NOT_FOUND]")
        assert list((fresh_home.workspace / "dropped").iterdir()) == []
        written(fresh_home, "bronze", 2)
        client.tables.delete(name)
        client.schemas.delete("lake.bronze")
        assert say(client, f"UNDROP TABLE {name}")[0].startswith("[TABLE_OR_VIEW_NOT_FOUND]")
        assert say(client, "SHOW TABLES DROPPED IN lake.bronze")[0] == "Schema 'lake.bronze' does not exist."
        assert served.problems() == ""


def days_before(home: Home, milliseconds: int) -> None:
    """Drop what was dropped so much earlier."""
    workspace = open_workspace(home)
    for one in DROPPED_TABLES.all(workspace.store):
        DROPPED_TABLES.put(
            workspace.store, one.table.table_id, one.changed(deleted_at=one.deleted_at - milliseconds)
        )
    workspace.store.close()
