"""The summary of real plans: `plans/` holds what Terraform and the provider wrote, without what says nothing."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.checkout import REPOSITORY
from common.errors import UserError
from infra.review.fields import field_changes
from infra.review.plan import read_plan, resource_changes
from infra.review.render import MOST_CHARACTERS, as_markdown, as_text
from infra.review.summary import Summary, summarize

PLANS = Path(__file__).parents[1] / "plans"
SCHEMAS = ("bronze", "cdc", "gold", "raw", "silver", "utils")


def summary_of(name: str) -> Summary:
    return summarize(read_plan(PLANS / f"{name}.json"), REPOSITORY)


def dangers_of(name: str) -> list[str]:
    return [f"{danger.label}: {danger.reason}" for danger in summary_of(name).dangers]


def test_create_is_52_lines_and_no_danger() -> None:
    summary = summary_of("create")
    assert summary.headline == "52 to create"
    assert summary.dangers == ()
    assert len(summary.lines) == 52
    assert "  + schema olist_lakehouse.gold" in summary.lines
    assert "  + grants olist_lakehouse.gold: account users SELECT, USE_SCHEMA" in summary.lines


def test_create_says_who_gains_access_although_the_schemas_are_not_there_yet() -> None:
    access = summary_of("create").access
    (gain,) = access.changes
    assert (gain.principal, gain.verb, gain.level) == ("account users", "gains", "READ")
    assert gain.securables == tuple(f"olist_lakehouse.{schema}" for schema in SCHEMAS)
    assert access.not_evaluated == ("databricks_grant.grant_olist", "databricks_grants.grants_cdc_volume")


def test_change_shows_old_and_new() -> None:
    summary = summary_of("change")
    assert summary.headline == "14 to change"
    assert "  ~ schema olist_lakehouse.gold: comment gold layer → the gold layer" in summary.lines
    assert "  ~ job olist_daily: schedule.pause_status PAUSED → UNPAUSED" in summary.lines
    assert "  ~ grants olist_lakehouse.gold: grant[account users].privileges +MODIFY" in summary.lines
    file = "  ~ workspace file /Shared/olist_lakehouse/jobs/generate.py: md5 783dbda7 → 0d490f2a"
    assert file in summary.lines


def test_change_is_dangerous_for_its_grants_and_its_schedule() -> None:
    grants = [f"grants olist_lakehouse.{schema}: grants MODIFY to account users" for schema in SCHEMAS]
    assert dangers_of("change") == [*grants, "job olist_daily: schedule is active from this apply on"]
    (gain,) = summary_of("change").access.changes
    assert str(gain).startswith("account users gains WRITE on olist_lakehouse.bronze, ")


def test_rename_names_the_volumes_first() -> None:
    renamed = dangers_of("rename")[:2]
    assert [danger.split(" (")[0].split(":")[0] for danger in renamed] == [
        "volume olist_lakehouse.cdc.cdc_volume_new",
        "volume olist_lakehouse.raw.olist_new",
    ]
    assert "renamed from cdc_volume" in renamed[0]
    assert len(dangers_of("rename")) == len(dangers_of("change")) + 2


def test_destroy_puts_what_holds_data_first() -> None:
    summary = summary_of("destroy")
    assert summary.headline == "52 to destroy"
    losers = [danger.label.split()[0] for danger in summary.dangers]
    files = ["notebook", "workspace"]
    holders = [kind for kind in losers if kind not in files]
    assert holders == ["catalog", "pipeline", "pipeline", *["schema"] * 6, "volume", "volume", "job"]
    assert losers[-1] == "job" and set(losers) - set(holders) == set(files)
    losses = [str(change) for change in summary.access.changes if change.principal == "account users"]
    assert len(losses) == 1 and losses[0].startswith("account users loses READ on ")


@pytest.mark.parametrize("name", ["create", "change", "rename", "destroy"])
def test_both_formats_say_the_same(name: str) -> None:
    summary = summary_of(name)
    text, markdown = as_text(name, summary), as_markdown(name, summary)
    for said in (*(danger.reason for danger in summary.dangers), *summary.lines, summary.headline):
        assert said in text and said in markdown
    assert text.index("Dangerous") < text.index("Access") < text.index("Resources")
    assert markdown.count("<details>") == markdown.count("</details>")


def test_a_comment_never_outgrows_githubs_limit() -> None:
    summary = summary_of("create")
    huge = replace(summary, lines=summary.lines * 100, files=())
    markdown = as_markdown("huge", huge)
    assert len(markdown) <= MOST_CHARACTERS + 200
    assert "too long" in markdown


def plan_of(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"format_version": "1.2", "planned_values": {}, "resource_changes": list(entries)}


def entry(kind: str, actions: list[str], before: Any, after: Any, **more: Any) -> dict[str, Any]:
    change = {"actions": actions, "before": before, "after": after, **more}
    return {
        "address": f"databricks_{kind}.x",
        "mode": "managed",
        "type": f"databricks_{kind}",
        "change": change,
    }


def reasons(*entries: dict[str, Any]) -> list[str]:
    return [danger.reason for danger in summarize(plan_of(*entries), REPOSITORY).dangers]


GRANT = {"schema": "c.gold", "grant": [{"principal": "readers", "privileges": ["SELECT"]}]}


def acl(**levels: str) -> dict[str, Any]:
    entries = [{"group_name": group, "permission_level": level} for group, level in levels.items()]
    return {"access_control": entries}


def alert(*told: str, pause: str = "UNPAUSED") -> dict[str, Any]:
    notification = {"subscriptions": [{"user_email": who, "destination_id": None} for who in told]}
    return {
        "display_name": "[prod] Tables are late",
        "schedule": {"pause_status": pause},
        "evaluation": {"notification": notification},
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            entry("schema", ["delete", "create"], {"name": "a"}, {"name": "b"}, replace_paths=[["name"]]),
            "replace (forced by name): its tables and files are lost",
        ),
        (
            entry("volume", ["create", "delete"], {"name": "a"}, {"name": "a"}),
            "replace: its files are lost",
        ),
        (
            entry("catalog", ["forget"], {"name": "c"}, None),
            "Terraform forgets it: it stays in the workspace, unmanaged",
        ),
        (entry("grants", ["create"], None, GRANT), "grants SELECT to readers"),
        (
            entry("grants", ["update"], {**GRANT, "schema": "c.silver"}, GRANT),
            "grants SELECT to readers",
        ),
        (
            entry("permissions", ["update"], acl(team="CAN_VIEW"), acl(team="CAN_MANAGE")),
            "gives team CAN_MANAGE instead of CAN_VIEW",
        ),
        (
            entry("permissions", ["update"], acl(team="CAN_VIEW"), acl(users="CAN_VIEW")),
            "gives users CAN_VIEW",
        ),
        (
            entry("permissions", ["create"], None, {**acl(users="CAN_VIEW"), "job_id": "7"}),
            "gives users CAN_VIEW",
        ),
        (
            entry("job", ["update"], {"schedule": []}, {"schedule": [{"pause_status": "UNPAUSED"}]}),
            "schedule is active from this apply on",
        ),
        (entry("pipeline", ["update"], {"continuous": False}, {"continuous": True}), "continuous is active"),
        (
            entry(
                "job",
                ["update"],
                {"run_as": []},
                {"run_as": [{"service_principal_name": "sp", "user_name": ""}]},
            ),
            "run_as changes from (none) to sp",
        ),
        (entry("schema", ["update"], {"owner": "a"}, {"owner": "b"}), "owner changes from a to b"),
        (
            entry("schema", ["update"], {"force_destroy": False}, {"force_destroy": True}),
            "force_destroy is switched on",
        ),
        (
            entry("entity_tag_assignment", ["delete"], {"tag_key": "pii", "entity_name": "c.s"}, None),
            "destroy: who masks and audits by its tag",
        ),
        (entry("alert_v2", ["delete"], alert("a@x.com"), None), "destroy: nobody is told any more"),
        (
            entry("alert_v2", ["update"], alert("a@x.com"), alert("a@x.com", pause="PAUSED")),
            "paused: nobody is told any more",
        ),
        (
            entry("alert_v2", ["update"], alert("a@x.com", "b@x.com"), alert("b@x.com")),
            "no longer tells a@x.com",
        ),
    ],
)
def test_each_danger_is_seen(change: dict[str, Any], reason: str) -> None:
    assert [found[: len(reason)] for found in reasons(change)] == [reason]


@pytest.mark.parametrize(
    "change",
    [
        entry("schema", ["update"], {"comment": "a"}, {"comment": "b"}),
        entry("grants", ["update"], GRANT, {**GRANT, "grant": []}),
        entry("permissions", ["update"], acl(team="CAN_MANAGE"), acl(team="CAN_VIEW")),
        entry("job", ["update"], {"schedule": [{"pause_status": "PAUSED"}]}, {"schedule": []}),
        entry("directory", ["delete"], {"path": "/a"}, None),
        entry("alert_v2", ["create"], None, alert("a@x.com")),
        entry("alert_v2", ["update"], alert("a@x.com", pause="PAUSED"), alert("a@x.com", "b@x.com")),
        entry("schema", ["no-op"], {"name": "a"}, {"name": "a"}),
        entry("job", ["update"], {"run_as": None}, {"run_as": []}),
    ],
)
def test_harmless_changes_are_no_danger(change: dict[str, Any]) -> None:
    assert reasons(change) == []


def test_grants_on_what_the_plan_creates_open_nothing_that_was_closed() -> None:
    schema = entry("schema", ["create"], None, {"catalog_name": "c", "name": "gold"})
    assert reasons(schema, entry("grants", ["create"], None, GRANT)) == []


def test_a_grant_on_what_is_there_is_wider_whatever_else_of_its_name_is_created() -> None:
    before = {"catalog": "main", "grant": [{"principal": "readers", "privileges": ["USE_CATALOG"]}]}
    after = {"catalog": "main", "grant": [{"principal": "readers", "privileges": ["SELECT", "USE_CATALOG"]}]}
    job = entry("job", ["create"], None, {"name": "main"})
    assert reasons(job, entry("grants", ["update"], before, after)) == ["grants SELECT to readers"]


def test_what_is_known_only_after_apply_is_neither_removed_nor_an_error() -> None:
    acl_of = {"access_control": [{"group_name": "g", "permission_level": "CAN_RUN"}]}
    moved = entry(
        "permissions",
        ["update"],
        {"pipeline_id": "abc", **acl_of},
        acl_of,
        after_unknown={"pipeline_id": True},
    )
    hidden = entry(
        "grants",
        ["update"],
        GRANT,
        {"schema": "c.gold", "grant": [{"privileges": ["SELECT"]}]},
        after_unknown={"grant": [{"principal": True}]},
    )
    found = resource_changes(plan_of(moved, hidden))
    assert [str(field) for field in field_changes(found[1])] == ["pipeline_id abc → (known after apply)"]
    assert reasons(hidden) == ["grants SELECT to (known after apply)"]


def test_fields_are_named_by_what_tells_their_blocks_apart() -> None:
    before = {
        "task": [{"task_key": "cdc", "max_retries": 1, "depends_on": [{"task_key": "a", "outcome": ""}]}]
    }
    after = {
        "task": [{"task_key": "cdc", "max_retries": 2, "depends_on": [{"task_key": "b"}, {"task_key": "c"}]}],
        "run_as": [{"service_principal_name": "sp", "user_name": ""}],
        "tags": {},
        "description": "x" * 80,
    }
    (line,) = summarize(plan_of(entry("job", ["update"], before, after)), REPOSITORY).lines
    assert line.split(": ", 1)[1].split("; ") == [
        f"description (none) → {'x' * 57}...",
        "run_as.service_principal_name +sp",
        "task[cdc].depends_on.task_key +b +c -a",
        "task[cdc].max_retries 1 → 2",
    ]


def test_permissions_on_what_the_plan_creates_are_no_danger() -> None:
    job = entry("job", ["create"], None, {"name": "daily"})
    assert (
        reasons(job, entry("permissions", ["create"], None, {**acl(users="CAN_VIEW"), "job_id": "daily"}))
        == []
    )


def test_permissions_on_a_dashboard_that_the_plan_creates_are_no_danger() -> None:
    shown = entry("dashboard", ["create"], None, {"display_name": "Sales", "parent_path": "/a"})
    given = entry(
        "permissions", ["create"], None, acl(readers="CAN_READ"), after_unknown={"dashboard_id": True}
    )
    reference = {"dashboard_id": {"references": ["databricks_dashboard.x.id", "databricks_dashboard.x"]}}
    plan = plan_of(shown, given) | {
        "configuration": {
            "root_module": {"resources": [{"address": given["address"], "expressions": reference}]}
        }
    }
    assert summarize(plan, REPOSITORY).dangers == ()
    assert reasons(given) == ["gives readers CAN_READ"]


def owned(level: str, **groups: str) -> dict[str, Any]:
    owner = {"service_principal_name": "deployer", "permission_level": level}
    return {"job_id": "7", "access_control": [*acl(**groups)["access_control"], owner]}


GROUPS = {"job_id": "7", **acl(team="CAN_RUN")}
JOB_OF_ANOTHER = entry("permissions", ["update"], owned("IS_OWNER", team="CAN_RUN"), GROUPS)
FOLDER_OF_ANOTHER = entry("permissions", ["update"], owned("CAN_MANAGE", team="CAN_RUN"), GROUPS)


def test_an_owner_that_the_plans_identity_is_not_is_told_and_needs_no_apply() -> None:
    summary = summarize(plan_of(JOB_OF_ANOTHER, FOLDER_OF_ANOTHER), REPOSITORY)
    assert summary.headline == "2 to change" and not summary.needs_apply
    assert "deployer is the owner so far" in as_text("Plan", summary)
    assert "deployer is the owner so far" in as_markdown("Plan", summary)


@pytest.mark.parametrize(
    "changes",
    [
        [FOLDER_OF_ANOTHER],
        [JOB_OF_ANOTHER, entry("schema", ["update"], {"comment": "a"}, {"comment": "b"})],
        [JOB_OF_ANOTHER, entry("permissions", ["update"], acl(team="CAN_RUN", b="CAN_RUN"), GROUPS)],
        [entry("permissions", ["update"], owned("IS_OWNER", team="CAN_VIEW"), GROUPS)],
        [entry("permissions", ["update"], owned("IS_OWNER", team="CAN_RUN"), {**GROUPS, "job_id": "8"})],
        [entry("permissions", ["delete"], owned("IS_OWNER"), None)],
    ],
)
def test_all_else_needs_an_apply(changes: list[dict[str, Any]]) -> None:
    assert summarize(plan_of(*changes), REPOSITORY).needs_apply


def test_sensitive_values_are_masked() -> None:
    marks = {"before_sensitive": {"comment": True}, "after_sensitive": {"comment": True}}
    plan = plan_of(entry("schema", ["update"], {"comment": "old one"}, {"comment": "new one"}, **marks))
    assert "one" not in as_text("x", summarize(plan, REPOSITORY))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"format_version": "1.2", "planned', "is not whole JSON"),
        ("", "is not whole JSON"),
        ("[]", "is no Terraform plan"),
        ('{"format_version": "1.0", "values": {}}', "is no Terraform plan"),
        ('{"format_version": "0.1", "planned_values": {}}', "has plan format '0.1'"),
        ('{"format_version": "1.2", "planned_values": {}, "errored": true}', "a run that failed"),
        ("\x00\xff", "is not whole JSON"),
    ],
)
def test_what_is_no_whole_plan_is_an_error(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(UserError, match=message):
        read_plan(file)


def test_a_missing_file_and_damaged_changes_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        read_plan(tmp_path / "plan.json")
    nameless = entry("permissions", ["update"], acl(a="CAN_VIEW"), {"access_control": [{}]})
    for damaged in ({"mode": "managed", "change": {}}, nameless, {"change": None}):
        with pytest.raises(UserError, match="resource_changes are damaged"):
            summarize(plan_of(damaged), REPOSITORY)


def test_an_empty_plan_says_so() -> None:
    assert "no changes" in as_text("x", summarize(plan_of(), REPOSITORY))


def test_a_truncated_real_plan_is_an_error(tmp_path: Path) -> None:
    whole = (PLANS / "change.json").read_text()
    (tmp_path / "plan.json").write_text(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="is not whole JSON"):
        read_plan(tmp_path / "plan.json")
    assert json.loads(whole)["planned_values"] == {}
