"""A wrong or missing value stops the synth and is named."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from infra.main import main
from infra.stack import environments
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.settings import Environment, FileArrival, Groups, LocalState, S3State, Schedule


def groups_with(**changed: Any) -> Groups:
    return replace(find_environment("dev").groups, **changed)


def test_there_are_four_and_each_has_its_own_place() -> None:
    found = [find_environment(name) for name in BUILDERS]
    assert {environment.stack_name for environment in found} == {
        "lakehouse-dev",
        "lakehouse-staging",
        "lakehouse-prod",
        "lakehouse-local",
    }
    for setting in ("name", "workspace_root", "state"):
        values = [getattr(environment, setting) for environment in found if environment.name != "local"]
        assert len(set(values)) == len(values) or setting == "state"


def test_the_stacks_name_finds_it_too() -> None:
    assert find_environment("lakehouse-dev") == find_environment("dev")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"'qa'.*dev, staging, prod, local"):
        find_environment("qa")


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("name", "Dev", "name 'Dev'"),
        ("catalog", "olist-lakehouse", "catalog 'olist-lakehouse'"),
        ("catalog", "", "catalog ''"),
        ("catalog", None, "catalog None"),
        ("storage_root", "bucket", "storage_root 'bucket'"),
        ("workspace_root", "/Shared/olist", "workspace_root"),
        ("workspace_root", "/Workspace/olist", "workspace_root"),
        ("workspace_root", "olist", "workspace_root"),
        ("workspace_root", "/olist/", "workspace_root"),
        ("workspace_id", "abc", "workspace_id 'abc'"),
        ("workspace_id", 12, "workspace_id 12"),
        ("groups", groups_with(readers=""), "groups.readers"),
        ("reader_schemas", ("raw",), "reader_schemas"),
        ("reader_schemas", "gold", "reader_schemas"),
        ("reader_tables", ("gold.nothing",), "reader_tables"),
        ("reader_tables", ("privacy.erasures",), "reader_tables"),
        ("reader_tables", (), "readers may read nothing"),
        ("run_as", "", "run_as"),
        ("trigger", Schedule("0 0/3 * * * ?", "UTC", paused=True), "trigger.cron '0 0/3 "),
        ("trigger", Schedule("daily", "UTC", paused=True), "trigger.cron 'daily'"),
        ("trigger", Schedule("0 0 6 * * ?", "Sao Paulo", paused=True), "trigger.timezone 'Sao Paulo'"),
        ("notifications", "ops@example.com", "notifications"),
        ("notifications", (), "notifications"),
        ("notifications", ("nobody",), "notifications"),
        ("tags", {}, "tags"),
        ("tags", {"team": ""}, "tags"),
        ("budget_policy_id", "", "budget_policy_id"),
        ("force_destroy", True, "force_destroy and protect"),
        ("generate", "false", "generate 'false' must be bool"),
        ("protect", None, "protect None must be bool"),
        ("development", None, "development None"),
        ("tag_columns", "no", "tag_columns 'no'"),
        ("state", None, "state None must be LocalState or S3State"),
        ("state", S3State("", "us-east-1"), "state.bucket '' is empty"),
        ("state", S3State("b", None), "state.region None"),  # pyright: ignore[reportArgumentType]
        ("state", LocalState(""), "state.folder '' is empty"),
        ("trigger", None, "trigger None must be Schedule or FileArrival"),
        ("trigger", Schedule("0 0 6 * * ?", "UTC", paused=None), "trigger.paused None"),  # pyright: ignore[reportArgumentType]
        ("trigger", Schedule("99 99 xx * * ?", "UTC", paused=True), "trigger.cron '99 99 xx"),
        ("trigger", FileArrival(0, 1, paused=True), "trigger: (0, 1) must be 1 minute or more"),
        ("groups", None, "groups None must be Groups"),
        ("groups", groups_with(readers=5), "groups.readers 5"),
        ("groups", groups_with(readers="a@b.c"), "groups.readers 'a@b.c'"),
        ("run_as", " ", "run_as ' ' is empty"),
        ("run_as", 5, "run_as 5"),
        ("budget_policy_id", 5, "budget_policy_id 5"),
        ("tags", {"team": 5}, "tags {'team': 5}"),
        ("max_quarantined_share", 5, "max_quarantined_share 5"),
        ("tombstone_days", 1, "tombstone_days 1 must be 2 or more"),
        ("max_quarantined_share", True, "max_quarantined_share True"),
    ],
)
def test_a_wrong_value_is_named(setting: str, value: object, named: str) -> None:
    with pytest.raises(UserError) as error:
        replace(find_environment("prod"), **{setting: value})
    assert named in str(error.value)
    assert "infra/stack/environments.py" in str(error.value)


def test_a_job_is_not_started_by_the_files_that_it_generates() -> None:
    with pytest.raises(UserError, match="cannot be started by them"):
        replace(find_environment("dev"), trigger=FileArrival(60, 5, paused=False))


def test_every_setting_is_documented() -> None:
    for field in fields(Environment):
        assert f"\n        {field.name}: " in (Environment.__doc__ or ""), field.name


def test_a_missing_value_stops_the_synth_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def dev() -> Environment:
        return Environment(name="dev")  # pyright: ignore[reportCallIssue]

    monkeypatch.setitem(environments.BUILDERS, "dev", dev)
    assert main(["dev"]) == 1
    message = capsys.readouterr().err
    assert (
        message.startswith("error: environment dev in infra/stack/environments.py") and "'catalog'" in message
    )


def test_the_local_state_lies_with_the_local_workspace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LAKEHOUSE_HOME", raising=False)
    assert find_environment("local").state.folder == ".lakehouse/workspace"  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setenv("LAKEHOUSE_HOME", str(tmp_path))
    assert find_environment("local").state.folder == str(tmp_path / "workspace")  # pyright: ignore[reportAttributeAccessIssue]
