"""A state is never applied to another workspace than its own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from infra.deploy.guard import (
    check_plan,
    check_workspace,
    credentials_of,
    recorded_workspaces,
    workspace_client,
)
from infra.stack.environments import BUILDERS, find_environment


def state(*ids: str) -> dict[str, Any]:
    """A state as `terraform state pull` prints it: older resources hold a block, newer ones an object."""
    instances = [{"attributes": {"provider_config": [{"workspace_id": number}]}} for number in ids]
    newer = [{"attributes": {"provider_config": {"workspace_id": number}}} for number in ids]
    return {
        "resources": [
            {"instances": [*instances, {"attributes": {"provider_config": []}}]},
            {"instances": newer},
        ]
    }


def test_the_state_knows_its_workspace() -> None:
    assert recorded_workspaces(state("222")) == {"222"}
    assert recorded_workspaces({}) == set()


@pytest.mark.parametrize("name", BUILDERS)
def test_every_environment_refuses_a_state_of_another_workspace(name: str) -> None:
    environment = find_environment(name)
    check_workspace(environment, state("222"), "222")
    check_workspace(environment, {}, "222")
    with pytest.raises(UserError) as error:
        check_workspace(environment, state("222"), "333")
    for said in (environment.stack_name, "222", "333", "its state", "nothing was planned or applied"):
        assert said in str(error.value)


@pytest.mark.parametrize("name", BUILDERS)
def test_a_configured_workspace_is_checked_before_the_first_apply(name: str) -> None:
    environment = replace(find_environment(name), workspace_id="222")
    check_workspace(environment, {}, "222")
    with pytest.raises(UserError, match=r"infra/stack/environments\.py"):
        check_workspace(environment, {}, "333")


@pytest.mark.parametrize("name", BUILDERS)
def test_a_plan_is_applied_where_it_was_made(name: str) -> None:
    check_plan(find_environment(name), "222", "222")
    with pytest.raises(UserError, match=r"workspace 222 \(its plan\).*workspace 333"):
        check_plan(find_environment(name), "222", "333")


def test_the_profile_is_the_stacks_unless_the_process_names_one() -> None:
    dev = find_environment("dev")
    assert credentials_of(dev, {})["DATABRICKS_CONFIG_PROFILE"] == "lakehouse-dev"
    assert credentials_of(dev, {"DATABRICKS_HOST": "h"}) == {"DATABRICKS_HOST": "h"}
    assert credentials_of(dev, {"DATABRICKS_CONFIG_PROFILE": "p"}) == {"DATABRICKS_CONFIG_PROFILE": "p"}


def test_a_missing_profile_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for key in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
        monkeypatch.delenv(key, raising=False)
    (tmp_path / "databrickscfg").write_text("[other]\nhost = https://example.com\n")
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "databrickscfg"))
    with pytest.raises(UserError, match="log in: `databricks auth login --profile lakehouse-dev`"):
        workspace_client(credentials_of(find_environment("dev"), {}))
