"""What a command does in a workspace: a rebuild by the job, and of a part; health; a person erased by the job."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import StatementState
from databricks.sdk.service.workspace import ImportFormat

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import HOME_VARIABLE, Home
from infra.drift.detect import find_drift, synthesized
from infra.drift.reading.calls import Calls
from infra.stack.environments import find_environment, local
from infra.stack.synthesis import load_stack, synthesize
from lakehouse.deployment.sdk_deployment import deploy_by_sdk
from lakehouse.erasing.remote import erase_on
from lakehouse.health.reading import updates_of_workspace
from lakehouse.health.report import report
from lakehouse.rebuilding import steps_of
from lakehouse.remote_rebuild import rebuild_on
from local.engine.storage.delta import arrow_table, open_table
from local.workspace.http.serving import Served, serving
from local.workspace.storage.minilake import STARTER_ID
from pipelines.catalog import EVENT_LOGS, GATE, GOLD, MEDALLION, PIPELINES, QUALITY, RESET_ALLOWED
from pipelines.erasing.databricks import REPORTS
from pipelines.erasing.person import digest
from pipelines.lineage import STREAMING_TABLES
from pipelines.schemas import TABLES
from pipelines.schemas.cdc import CHANGES as EVENTS
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.rule_changes import CHANGES, CLEANING, RULES

pytestmark = pytest.mark.e2e

# A streaming table, kept by AUTO CDC, and a materialized view.
DROPPED = ("silver.orders", "gold.seller_quality")
PARTS = ("privacy", "medallion", "cdc", "quality", "gate", "gold")
EVENT_CHANGE = (
    RULES,
    '"sequence_number_present": present("sequence_number")',
    '"even": "coalesce(sequence_number % 2 = 0, false)"',
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Lakehouse, list[str]]]:
    """A workspace with the stack, whose job `rebuild` was the first to read the files, and what it said."""
    folder = tmp_path_factory.mktemp("rebuild")
    lakehouse = Lakehouse(folder / "home")
    lakehouse.generate(orders=40)
    home = Home(folder / "home")
    with pytest.MonkeyPatch.context() as patch, serving(home) as served:
        patch.setenv(HOME_VARIABLE, str(home.path))
        stack = synthesize(local(), folder / "cdktf.out")
        deploy_by_sdk(load_stack(stack), served.client(), stack)
        said: list[str] = []
        rebuild_on(local(), None, said.append, served.client())
        yield served, lakehouse, said


def allowed(served: Served) -> set[str]:
    client = served.client()
    specs = [client.pipelines.get(one.pipeline_id or "").spec for one in client.pipelines.list_pipelines()]
    return {(spec.configuration or {}).get(RESET_ALLOWED, "") for spec in specs if spec} - {""}


def test_the_job_writes_every_table(world: tuple[Served, Lakehouse, list[str]]) -> None:
    served, lakehouse, said = world
    assert sorted(said) == [
        f"{task}: SUCCESS" for task in ("cdc", "gold", "medallion", "privacy", "quality", "quality_gate")
    ]
    assert allowed(served) == {"false"}
    logs = {f"{EVENT_LOGS}.{pipeline.event_log}" for pipeline in PIPELINES}
    assert set(lakehouse.versions()) == {table.name for table in TABLES} | logs


def test_each_pipeline_publishes_its_event_log(
    world: tuple[Served, Lakehouse, list[str]], tmp_path: Path
) -> None:
    served, lakehouse, _ = world
    client = served.client()
    for pipeline in PIPELINES:
        title = local().titled(pipeline.title)
        [found] = [one for one in client.pipelines.list_pipelines() if one.name == title]
        events = [event.id for event in client.pipelines.list_pipeline_events(found.pipeline_id or "")]
        published = lakehouse.rows(f"{EVENT_LOGS}.{pipeline.event_log}")
        published.sort(key=lambda row: row["sequence"]["control_plane_seq_no"], reverse=True)
        assert [row["id"] for row in published] == events
        assert len(events) > 5
    findings = find_drift(Calls(client), synthesized(local(), tmp_path))
    assert [finding.name for finding in findings] == []


def test_the_health_of_a_workspace_is_what_its_events_say(
    world: tuple[Served, Lakehouse, list[str]],
) -> None:
    served, lakehouse, _ = world
    client, now = served.client(), datetime.now(UTC)
    health = report(updates_of_workspace(local(), Calls(client), now), now)
    assert health.problems == []
    rows = {table.table: table.rows for table in health.tables}
    assert {name: rows[name] for name in ("bronze.orders", "gold.seller_quality")} == {
        name: lakehouse.table(name).num_rows for name in ("bronze.orders", "gold.seller_quality")
    }


def test_what_was_dropped_comes_back_and_the_pipelines_go_on(
    world: tuple[Served, Lakehouse, list[str]],
) -> None:
    """By name, and by its id where it is a materialized view (docs/disaster.md)."""
    served, lakehouse, _ = world
    client, before = served.client(), lakehouse.contents()
    for name in DROPPED:
        client.tables.delete(f"{local().catalog}.{name}")
    assert set(before) - set(lakehouse.contents()) == set(DROPPED)
    [view] = say(client, f"SHOW TABLES DROPPED IN {local().catalog}.gold")
    say(client, f"UNDROP MATERIALIZED VIEW WITH ID '{view[3]}'")
    say(client, f"UNDROP TABLE {local().catalog}.silver.orders")
    assert lakehouse.contents() == before
    ids = {one.name: one.pipeline_id or "" for one in client.pipelines.list_pipelines()}
    for pipeline in (MEDALLION, GOLD):
        pipeline_id = ids[local().titled(pipeline.title)]
        client.pipelines.start_update(pipeline_id)
        updates = client.pipelines.wait_get_pipeline_idle(pipeline_id).latest_updates or []
        assert updates[0].state and updates[0].state.value == "COMPLETED"
    after = lakehouse.contents()
    assert {name: after[name] for name in DROPPED} == {name: before[name] for name in DROPPED}


def say(client: WorkspaceClient, statement: str) -> list[list[str]]:
    """The rows of a statement that must succeed."""
    answer = client.statement_execution.execute_statement(statement, STARTER_ID)
    assert answer.status and answer.status.state == StatementState.SUCCEEDED, answer.status
    return (answer.result and answer.result.data_array) or []


def ids_of_a_person(lakehouse: Lakehouse) -> list[str]:
    """A customer_id and all else by which somebody is known who wrote a review."""
    [reviewed, *_] = lakehouse.rows("silver.order_reviews")
    orders = {row["order_id"]: row["customer_id"] for row in lakehouse.rows("bronze.orders")}
    persons = {row["customer_id"]: row["customer_unique_id"] for row in lakehouse.rows("bronze.customers")}
    person = persons[orders[reviewed["order_id"]]]
    customers = [one for one, known_as in persons.items() if known_as == person]
    own = [order for order, customer in orders.items() if customer in customers]
    reviews = [r["review_id"] for r in lakehouse.rows("bronze.order_reviews") if r["order_id"] in own]
    return [*customers, person, *own, *reviews]


def test_the_job_erases_a_person(world: tuple[Served, Lakehouse, list[str]]) -> None:
    served, lakehouse, _ = world
    home = lakehouse.home
    ids = ids_of_a_person(lakehouse)

    def is_theirs(text: str) -> bool:
        return any(one in text for one in ids)

    def of_others() -> dict[str, list[str]]:
        rows = {name: sorted(map(str, lakehouse.rows(name))) for name in STREAMING_TABLES}
        return {name: [row for row in texts if not is_theirs(row)] for name, texts in rows.items()}

    theirs = [path for path in home.volumes.rglob("*_run*.*") if is_theirs(path.read_text())]
    before, said = of_others(), list[str]()
    erase_on(local(), digest(ids[0]), "asked by letter", said.append, served.client())
    assert [line for line in said if line.startswith("erase: ")] == ["erase: SUCCESS"]
    [report] = (home.erasures / REPORTS).glob("*.json")
    told = json.loads(report.read_text())
    assert {"bronze.orders", "silver.order_reviews", "cdc.customers_history"} <= {
        one["name"] for one in told["tables"]
    }
    assert sorted(Path(name).name for name in told["files_to_do"]) == sorted(path.name for path in theirs)
    assert not is_theirs(report.read_text())
    # What of the person is delivered once more does not come back.
    for path in theirs:
        if path.name.startswith(("customers", "orders")):
            lines = path.read_text().splitlines(keepends=True)
            late = [*(lines[:1] if path.suffix == ".csv" else []), *filter(is_theirs, lines)]
            path.with_name(f"again_{path.name}").write_text("".join(late))
    lakehouse.run()
    assert of_others() == before
    for log in home.warehouse.rglob("_delta_log"):
        table = open_table(log.parent)
        assert table and not is_theirs(str(arrow_table(table).to_pylist())), log


def test_a_changed_rule_stops_the_gate_once_and_a_rebuild_of_a_part_heals_it(
    world: tuple[Served, Lakehouse, list[str]],
) -> None:
    served, lakehouse, _ = world
    client = served.client()
    texts = {file: (REPOSITORY / file).read_text() for file in (RULES, CLEANING)}
    for file, old, new in (*CHANGES.values(), EVENT_CHANGE):
        assert old in texts[file]
        texts[file] = texts[file].replace(old, new)
    for file, text in texts.items():
        path = f"{local().workspace_root}/{file}"
        client.workspace.upload(path, text.encode(), format=ImportFormat.RAW, overwrite=True)
    ids = {one.name: one.pipeline_id or "" for one in client.pipelines.list_pipelines()}
    for pipeline in (QUALITY, GATE):
        pipeline_id = ids[f"[local] {pipeline.title}"]
        client.pipelines.start_update(pipeline_id)
        ended = client.pipelines.wait_get_pipeline_idle(pipeline_id)
        assert ended.latest_updates
        state = ended.latest_updates[0].state
        assert state and state.value == ("FAILED" if pipeline is GATE else "COMPLETED")
    told = [
        event.message or "" for event in client.pipelines.list_pipeline_events(ids[f"[local] {GATE.title}"])
    ]
    for verdict in ("utils.verdict", "utils.event_verdict"):
        assert any(verdict in message and "judged_by_todays_rules" in message for message in told)
    behind = [
        row["dataset"]
        for name in ("utils.reconciliation", "utils.event_judgements")
        for row in lakehouse.rows(name)
        if row["outdated_records"]
    ]
    assert sorted(behind) == sorted([*(table.name for table in EVENTS), *CHANGES])
    versions, said = lakehouse.versions(), list[str]()
    rebuild_on(local(), steps_of(None, behind), said.append, client)
    assert said == [f"{name}: COMPLETED" for name in PARTS]
    assert allowed(served) == {"false"}
    moved = {name for name, version in lakehouse.versions().items() if version != versions[name]}
    assert moved >= CHANGES.keys()
    # Only what is made from them.
    assert not {name for name in moved if name.startswith("bronze.")}
    assert "silver.orders" not in moved
    cities = {row["seller_city"] for row in lakehouse.rows("silver.sellers")}
    assert cities == {city.upper() for city in cities}
    for table in EVENTS:
        assert {row["sequence_number"] % 2 for row in lakehouse.rows(table.name)} == {0}
    rejected = [row["failed_expectations"] for row in lakehouse.rows("utils.quarantine")]
    assert ["valid_payment_value"] in rejected


def test_a_workspace_without_the_pipelines_is_named(world: tuple[Served, Lakehouse, list[str]]) -> None:
    """This one has those of another environment."""
    with pytest.raises(
        UserError, match=r"has no pipeline \[staging\] Olist privacy: make deploy ENV=staging"
    ):
        rebuild_on(find_environment("staging"), None, print, world[0].client())
