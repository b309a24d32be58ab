"""Each row of the table, on the resources that this repository's stack and a real plan declare."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from common.checkout import REPOSITORY
from infra.review.danger_table import CHANGES, GONE, Severity, hits, severity_of
from infra.review.plan import read_plan
from infra.review.summary import summarize
from infra.stack.settings import PROTECTED
from infra.stack.synthesis import StackConfiguration

PLANS = Path(__file__).parents[1] / "plans"
# Plain maps; every other object of the configuration is a block, which a plan shows in a list.
MAPS = {"configuration", "tags", "properties"}
# Resources of the provider's newer half, whose blocks stay objects.
OBJECTS = {"alert_v2", "dashboard", "entity_tag_assignment"}
Values = dict[str, Any]
Edit = Callable[[Values], object]
ADDRESSES = ["on-call@example.com", "data@example.com"]


class Case(NamedTuple):
    """A change of one resource of the stack of prod, and the reason that its review must give."""

    name: str
    kind: str
    resource: str
    edit: Edit
    reason: str
    before: Edit = lambda values: None
    back: bool = False
    """Whether the way back is as dangerous."""


def task(values: Values, key: str) -> Values:
    return next(one["pipeline_task"][0] for one in values["task"] if one["task_key"] == key)


def configured(key: str, value: str) -> Edit:
    return lambda values: values["configuration"].update({key: value})


def scheduled(status: str) -> Edit:
    return lambda values: values.update(schedule=[{**values["schedule"][0], "pause_status": status}])


def of_alert(**schedule: str) -> Edit:
    return lambda values: values["schedule"].update(schedule)


def told(*addresses: str) -> Edit:
    def edit(values: Values) -> None:
        subscriptions = [{"user_email": who} for who in addresses]
        values["evaluation"]["notification"]["subscriptions"] = subscriptions

    return edit


def mailed(*addresses: str) -> Edit:
    return lambda values: values["email_notifications"][0].update(on_failure=list(addresses))


def notified(*addresses: str) -> Edit:
    return lambda values: values["notification"][0].update(email_recipients=list(addresses))


def setting(**fields: Any) -> Edit:
    return lambda values: values.update(fields)


GOLD, JOB, ALERT = "pipeline_gold", "job", "alert_freshness"
CASES = (
    Case("catalog renamed", "catalog", "catalog", setting(name="b"), "renamed from olist_lakehouse: what", back=True),
    Case("schema renamed", "schema", "schema_gold", setting(name="other"), "renamed from gold: what", back=True),
    Case("storage moved", "catalog", "catalog", setting(storage_root="s3://b"), "storage_root changes", back=True),
    Case("external", "volume", "volume_olist", setting(volume_type="EXTERNAL"), "volume_type changes", back=True),
    Case("catalog of a pipeline", "pipeline", GOLD, setting(catalog="other"), "catalog moves from", back=True),
    Case("schema of a pipeline", "pipeline", GOLD, setting(schema="other"), "schema moves from", back=True),
    Case(
        "target of a pipeline", "pipeline", GOLD, setting(target="b"), "target moves from a to b",
        setting(target="a"), back=True,
    ),
    Case(
        "sources of a pipeline", "pipeline", GOLD, lambda values: values.update(library=[]),
        "no longer reads ${databricks_directory.dir_pipelines_gold.workspace_path}/**: no pipeline",
    ),
    Case(
        "quarantine limit raised", "pipeline", "pipeline_quality", configured("olist.max_quarantined_share", "0.5"),
        "olist.max_quarantined_share is raised from 0.05 to 0.5",
    ),
    Case(
        "quarantine limit removed", "pipeline", "pipeline_quality",
        lambda values: values["configuration"].pop("olist.max_quarantined_share"),
        "olist.max_quarantined_share is raised from 0.05 to 1.0",
    ),
    Case(
        "quarantine limit no number", "pipeline", "pipeline_quality", configured("olist.max_quarantined_share", "all"),
        "olist.max_quarantined_share is raised from 0.05 to all", back=True,
    ),
    Case(
        "deleted rows forgotten sooner", "pipeline", "pipeline_cdc", configured("olist.tombstone_days", "2"),
        "olist.tombstone_days is lowered from 3650 to 2",
    ),
    Case(
        "reset allowed", "pipeline", "pipeline_medallion", configured("olist.reset_allowed", "true"),
        "olist.reset_allowed is switched on: a full",
    ),
    Case(
        "full refresh", "job", JOB, lambda values: task(values, "gold").update(full_refresh=True),
        "task gold has full_refresh: each",
    ),
    Case("full catalog", "catalog", "catalog", setting(force_destroy=True), "force_destroy is switched on: it"),
    Case("full folder", "directory", "root", setting(delete_recursive=True), "delete_recursive is switched on: it"),
    Case(
        "protection removed", "output", PROTECTED, lambda values: values["value"].remove("databricks_catalog.catalog"),
        "no longer protected from being destroyed: databricks_catalog.catalog",
    ),
    Case(
        "privilege granted", "grants", "grants_gold",
        lambda values: values["grant"].append({"principal": "others", "privileges": ["SELECT"]}),
        "grants SELECT to others", setting(schema="olist_lakehouse.gold"),
    ),
    Case(
        "level given", "permissions", "permissions_job",
        lambda values: values["access_control"].append({"user_name": "x", "permission_level": "CAN_RUN"}),
        "gives x CAN_RUN",
    ),
    Case(
        "run_as of a job", "job", JOB, setting(run_as=[{"user_name": "somebody@example.com"}]),
        "run_as changes from ${data.databricks_service_principal.runner.application_id} to somebody@example.com",
        back=True,
    ),
    Case("run_as of a pipeline", "pipeline", GOLD, setting(run_as=[]), "run_as changes from", back=True),
    Case("run_as of an alert", "alert_v2", ALERT, setting(run_as=None), "run_as changes from", back=True),
    Case("owner", "catalog", "catalog", setting(owner="x"), "owner changes from olist-prod-owners to x", back=True),
    Case(
        "catalog opened", "catalog", "catalog", setting(isolation_mode="OPEN"),
        "isolation_mode changes from ISOLATED to OPEN",
    ),
    Case(
        "tag switched", "entity_tag_assignment", "pii_schema_gold", setting(tag_value="false"),
        "the tag changes from true to false", back=True,
    ),
    Case(
        "rights of the publisher", "dashboard", "dashboard", setting(embed_credentials=True),
        "embed_credentials is switched on: its viewers",
    ),
    Case("schedule active", "job", JOB, scheduled("UNPAUSED"), "schedule is active from"),
    Case(
        "schedule paused", "job", JOB, scheduled("PAUSED"), "schedule is paused or gone: nothing", scheduled("UNPAUSED")
    ),
    Case(
        "schedule removed", "job", JOB, setting(schedule=[]), "schedule is paused or gone: nothing",
        scheduled("UNPAUSED"),
    ),
    Case("continuous", "pipeline", GOLD, setting(continuous=True), "continuous is active from"),
    Case(
        "alert paused", "alert_v2", ALERT, of_alert(pause_status="PAUSED"), "paused: nobody is told",
        of_alert(pause_status="UNPAUSED"),
    ),
    Case(
        "address of an alert", "alert_v2", ALERT, told(ADDRESSES[0]), f"no longer tells {ADDRESSES[1]}",
        told(*ADDRESSES),
    ),
    Case(
        "address of the job", "job", JOB, mailed(ADDRESSES[0]),
        f"email_notifications.on_failure no longer tells {ADDRESSES[1]}", mailed(*ADDRESSES),
    ),
    Case(
        "webhook of the job", "job", JOB, setting(webhook_notifications=[]),
        "webhook_notifications.on_failure no longer tells 0481",
        setting(webhook_notifications=[{"on_failure": [{"id": "0481"}]}]),
    ),
    Case(
        "address of a pipeline", "pipeline", GOLD, notified(ADDRESSES[0]),
        f"no longer tells {ADDRESSES[1]} of on-flow-failure, {ADDRESSES[1]} of on-update-failure", notified(*ADDRESSES),
    ),
    Case(
        "event of a pipeline", "pipeline", GOLD,
        lambda values: values["notification"][0]["alerts"].remove("on-flow-failure"),
        "no longer tells olist-on-call@example.com of on-flow-failure",
    ),
)  # fmt: skip


def in_lists(values: Any, name: str = "") -> Any:
    """Arguments as a plan shows them: each block in a list."""
    if isinstance(values, list):
        return [in_lists(one, MAPS_OF_LISTS) if isinstance(one, dict) else one for one in values]
    if not isinstance(values, dict):
        return values
    inner = values if name in MAPS else {key: in_lists(value, key) for key, value in values.items()}
    return inner if name in {"", MAPS_OF_LISTS, *MAPS} else [inner]


MAPS_OF_LISTS = "[]"


def planned(stack: StackConfiguration, kind: str, resource: str) -> Values:
    """The resource as a plan of the stack shows it."""
    if kind == "output":
        return {"name": resource, **deepcopy(stack["output"][resource])}
    values = {
        key: value for key, value in stack["resource"][f"databricks_{kind}"][resource].items() if key != "//"
    }
    return deepcopy(values if kind in OBJECTS else in_lists(values))


def entry(kind: str, actions: list[str], before: Any, after: Any) -> Values:
    change = {"actions": actions, "before": before, "after": after}
    return {
        "address": f"databricks_{kind}.x",
        "mode": "managed",
        "type": f"databricks_{kind}",
        "change": change,
    }


def reasons(kind: str, actions: list[str], before: Any, after: Any) -> list[str]:
    plan: Values = {"format_version": "1.2", "planned_values": {}}
    if kind == "output":
        values = {"before": before and before["value"], "after": after and after["value"]}
        plan["output_changes"] = {PROTECTED: {"actions": actions, **values}, "other": {"actions": ["update"]}}
    else:
        plan["resource_changes"] = [entry(kind, actions, before, after)]
    return [danger.reason for danger in summarize(plan, REPOSITORY).dangers]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_review_sees_each_step_and_not_its_way_back(
    stacks: dict[str, StackConfiguration], case: Case
) -> None:
    before = planned(stacks["prod"], case.kind, case.resource)
    case.before(before)
    after = deepcopy(before)
    case.edit(after)
    (reason,) = reasons(case.kind, ["update"], before, after)
    assert reason.startswith(case.reason)
    back = [found.partition(" ")[0] for found in reasons(case.kind, ["update"], after, before)]
    assert (case.reason.partition(" ")[0] in back) == case.back or case.name in MEANS_THE_OTHER_WAY


# Whose way back is a danger of another row.
MEANS_THE_OTHER_WAY = {"schedule active", "schedule paused", "schedule removed", "continuous"}


def test_each_row_has_a_case() -> None:
    seen = {row.says for row in CHANGES for case in CASES if _is_of(row.says, case.reason)}
    assert [row.says for row in CHANGES if row.says not in seen] == []


def _is_of(says: str, reason: str) -> bool:
    """Whether `reason` is how a row's words begin: each word is the row's own or stands for one of its values."""
    return all(word == own or "{" in own for own, word in zip(says.split(), reason.split(), strict=False))


@pytest.mark.parametrize("kind", GONE)
@pytest.mark.parametrize(("action", "actions"), [("destroy", ["delete"]), ("replace", ["delete", "create"])])
def test_the_review_says_what_goes_with_an_object(kind: str, action: str, actions: list[str]) -> None:
    before = {"name": "a", "value": ["databricks_catalog.catalog"]}
    after = None if action == "destroy" else before
    assert reasons(kind, actions, before, after) == [f"{action}: {GONE[kind][1]}"]


def test_in_a_real_plan_whatever_is_destroyed_takes_along_what_the_table_says() -> None:
    summary = summarize(read_plan(PLANS / "destroy.json"), REPOSITORY)
    kinds = [change["type"].removeprefix("databricks_") for change in _changes("destroy")]
    assert len(summary.dangers) == sum(kind in GONE for kind in kinds)
    assert {danger.label.partition(" ")[0] for danger in summary.dangers} == {
        "catalog", "schema", "volume", "pipeline", "job", "workspace", "notebook",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "edit", "path"),
    [
        (
            "databricks_job.job",
            lambda job: task(job, "medallion").update(full_refresh=True),
            "tasks[medallion]",
        ),
        ("databricks_job.job", lambda job: task(job, "cdc").update(full_refresh=True), "tasks[cdc]"),
        ("databricks_job.job", mailed(), "email_notifications.on_failure"),
        ("databricks_pipeline.pipeline_cdc", lambda line: line["library"].pop(), "libraries"),
        ("databricks_pipeline.pipeline_cdc", setting(schema="other"), "schema"),
        ("databricks_pipeline.pipeline_cdc", notified(), "notifications"),
    ],
)
def test_the_values_of_a_real_plan_are_read_as_those_of_the_stack(
    address: str, edit: Edit, path: str
) -> None:
    before = next(one["change"]["after"] for one in _changes("create") if one["address"] == address)
    after = deepcopy(before)
    edit(after)
    (hit,) = hits(address.split(".", maxsplit=1)[0].removeprefix("databricks_"), before, after)
    assert hit.path.startswith(path)
    assert hits(address.split(".", maxsplit=1)[0].removeprefix("databricks_"), before, before) == []


def _changes(plan: str) -> list[Values]:
    return json.loads((PLANS / f"{plan}.json").read_text())["resource_changes"]


def test_a_difference_endangers_what_it_holds_and_what_holds_it() -> None:
    after = {"schedule": {"pause_status": "PAUSED"}, "email_notifications": {"on_failure": []}}
    before = {"schedule": {"pause_status": "UNPAUSED"}, "email_notifications": {"on_failure": ["a@x.com"]}}
    found = hits("job", before, after)
    for path in (
        "schedule",
        "schedule.pause_status",
        "email_notifications",
        "email_notifications.on_failure",
    ):
        assert severity_of(path, found, Severity.NOTE) is Severity.WORK
    assert severity_of("tags.schedule", found, Severity.NOTE) is Severity.NOTE
