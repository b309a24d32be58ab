"""Drift weighs a change by hand as the review weighs the code's: by the same table."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from infra.drift.declared import Declared, read_stack
from infra.drift.detect import compare
from infra.drift.findings import Severity
from infra.drift.reading.calls import Calls, drift_client
from infra.drift.reading.lookups import read_lookups
from infra.drift.reading.snapshot import Snapshot
from infra.drift.reading.workspace import read_snapshot
from pipelines.schemas import TABLES
from tests.infra.drift.world import CATALOG, JOB, PIPELINES, ROOT, World

Values = dict[str, Any]
Sides = tuple[Declared, Snapshot]
Edit = Callable[[Declared, Snapshot], Snapshot | None]
MAIN_JOB, FILE = "databricks_job.job", f"{ROOT}/pipelines/gold/publication.py"


@pytest.fixture(scope="module")
def sides(world: World) -> Sides:
    calls = Calls(drift_client(host=world.served.host, token=world.served.token, auth_type="pat"))
    declared = read_stack(world.stack.configuration, read_lookups(calls, world.stack.configuration))
    return declared, read_snapshot(calls, declared)


def job(edit: Callable[[Values], object]) -> Edit:
    """Change what the workspace answers of the job."""
    return _document_edit(MAIN_JOB, "settings", edit)


def pipeline(key: str, edit: Callable[[Values], object]) -> Edit:
    return _document_edit(f"databricks_pipeline.pipeline_{key}", "spec", edit)


def _document_edit(address: str, part: str, edit: Callable[[Values], object]) -> Edit:
    def change(_: Declared, snapshot: Snapshot) -> None:
        edit(_document(snapshot, address)[part])

    return change


def _document(snapshot: Snapshot, address: str) -> Any:
    return snapshot.work.found[address]


def declared_job(edit: Callable[[Values], object]) -> Edit:
    """Change what the code says, so that what the workspace has is another state than declared."""

    def change(declared: Declared, _: Snapshot) -> None:
        values: Any = next(one.values for one in declared.of("job") if one.address == MAIN_JOB)
        edit(values)

    return change


def without(mapping: Mapping[Any, Any], key: object) -> dict[Any, Any]:
    return {name: value for name, value in mapping.items() if name != key}


def without_work(address: str) -> Edit:
    def change(_: Declared, snapshot: Snapshot) -> Snapshot:
        return replace(snapshot, work=replace(snapshot.work, found=without(snapshot.work.found, address)))

    return change


def without_file(_: Declared, snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, code=replace(snapshot.code, objects=without(snapshot.code.objects, FILE)))


def unity(**changes: Callable[[Any], Any]) -> Edit:
    """Change what the workspace answers of Unity Catalog."""

    def change(_: Declared, snapshot: Snapshot) -> Snapshot:
        fields = {name: edit(getattr(snapshot.unity, name)) for name, edit in changes.items()}
        return replace(snapshot, unity=replace(snapshot.unity, **fields))

    return change


def tag_switched(tags: Mapping[tuple[str, str], Mapping[str, Any]]) -> Any:
    own = ("schemas", f"{CATALOG}.silver")
    return {**tags, own: {"pii": {**tags[own]["pii"], "tag_value": "false"}}}


def granted(grants: Any) -> Any:
    own = ("schema", f"{CATALOG}.gold")
    return {**grants, own: {**grants[own], "others": frozenset({"SELECT"})}}


def given(_: Declared, snapshot: Snapshot) -> Snapshot:
    own = snapshot.work.permissions[MAIN_JOB]
    permissions = {**snapshot.work.permissions, MAIN_JOB: {**own, "others": "CAN_MANAGE"}}
    return replace(snapshot, work=replace(snapshot.work, permissions=permissions))


def alerts(edit: Callable[[Values], object]) -> Edit:
    def change(_: Declared, snapshot: Snapshot) -> None:
        found: Any = next(one for one in snapshot.alerts if "late" in one["display_name"])
        edit(found)

    return change


def task(settings: Values, key: str) -> Values:
    return next(one["pipeline_task"] for one in settings["tasks"] if one["task_key"] == key)


class Case(NamedTuple):
    name: str
    change: Edit
    severity: Severity
    kind: str
    object: str
    field: str


D, A, W = Severity.DATA, Severity.ACCESS, Severity.WORK
GOLD, QUALITY, CDC = PIPELINES["gold"], PIPELINES["quality"], PIPELINES["cdc"]
LIMIT, KEPT, RESET = (
    f"olist.{name}" for name in ("max_quarantined_share", "tombstone_days", "reset_allowed")
)
NOBODY: Values = {"evaluation": {}}
CASES = (
    Case(
        "full refresh", job(lambda one: task(one, "gold").update(full_refresh=True)),
        D, "job", JOB, "tasks[gold].pipeline_task.full_refresh",
    ),
    Case("job run_as", lambda d, s: _document(s, MAIN_JOB).update(run_as_user_name="x"), A, "job", JOB, "run_as"),
    Case("recipients", job(lambda one: one.pop("email_notifications")), W, "job", JOB, "email_notifications"),
    Case(
        "schedule paused", declared_job(lambda one: one["schedule"].update(pause_status="UNPAUSED")),
        W, "job", JOB, "schedule.pause_status",
    ),
    Case(
        "schedule active", job(lambda one: one["schedule"].update(pause_status="UNPAUSED")),
        W, "job", JOB, "schedule.pause_status",
    ),
    Case("job gone", without_work(MAIN_JOB), W, "job", JOB, ""),
    Case("pipeline gone", without_work("databricks_pipeline.pipeline_gold"), D, "pipeline", GOLD, ""),
    Case("catalog moved", pipeline("gold", lambda one: one.update(catalog="x")), D, "pipeline", GOLD, "catalog"),
    Case("schema moved", pipeline("gold", lambda one: one.update(schema="x")), D, "pipeline", GOLD, "schema"),
    Case("sources", pipeline("gold", lambda one: one.update(libraries=[])), D, "pipeline", GOLD, "libraries"),
    Case(
        "reset allowed", pipeline("cdc", lambda one: one["configuration"].update({RESET: "true"})),
        D, "pipeline", CDC, f"configuration.{RESET}",
    ),
    Case(
        "tombstones", pipeline("cdc", lambda one: one["configuration"].update({KEPT: "2"})),
        D, "pipeline", CDC, f"configuration.{KEPT}",
    ),
    Case(
        "limit lowered", pipeline("quality", lambda one: one["configuration"].update({LIMIT: "0.5"})),
        W, "pipeline", QUALITY, f"configuration.{LIMIT}",
    ),
    Case(
        "limit raised", pipeline("quality", lambda one: one["configuration"].update({LIMIT: "2"})),
        D, "pipeline", QUALITY, f"configuration.{LIMIT}",
    ),
    Case("events", pipeline("gold", lambda one: one.pop("notifications")), W, "pipeline", GOLD, "notifications"),
    Case("continuous", pipeline("gold", lambda one: one.update(continuous=True)), W, "pipeline", GOLD, "continuous"),
    Case("a tag", pipeline("gold", lambda one: one["tags"].update(a="b")), Severity.NOTE, "pipeline", GOLD, "tags.a"),
    Case("file gone", without_file, D, "file", FILE, ""),
    Case("tag switched", unity(tags=tag_switched), A, "tag", f"schemas {CATALOG}.silver", "pii"),
    Case("owner", unity(catalog=lambda one: {**one, "owner": "x"}), A, "catalog", CATALOG, "owner"),
    Case("comment", unity(catalog=lambda one: {**one, "comment": "x"}), Severity.NOTE, "catalog", CATALOG, "comment"),
    Case(
        "volume gone", unity(volumes=lambda all_: without(all_, f"{CATALOG}.raw.olist")),
        D, "volume", f"{CATALOG}.raw.olist", "",
    ),
    Case("granted", unity(grants=granted), A, "grants", f"schema {CATALOG}.gold", "others"),
    Case("level given", given, A, "permissions", f"job {JOB}", "others"),
    Case(
        "alert tells nobody", alerts(lambda one: one["evaluation"]["notification"].update(subscriptions=[])),
        W, "alert", "[local] Tables are late", "evaluation.notification.subscriptions",
    ),
    Case(
        "alert run_as", alerts(lambda one: one.update(run_as={"user_name": "x"})),
        A, "alert", "[local] Tables are late", "run_as",
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_by_hand_endangers_what_the_table_says(world: World, sides: Sides, case: Case) -> None:
    declared, snapshot = deepcopy(sides)
    changed = case.change(declared, snapshot) or snapshot
    (finding,) = compare(declared, changed, world.stack.folder, TABLES)
    assert (finding.severity, *finding.name) == (case.severity, case.kind, case.object, case.field)
