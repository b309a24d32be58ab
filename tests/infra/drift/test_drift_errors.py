"""What cannot be compared is an error that says why, never `no drift`; what passes is tried again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.errors import UserError
from infra.drift.declared import read_stack
from infra.drift.detect import SynthesizedStack, find_drift
from infra.drift.findings import Finding
from infra.drift.reading.calls import ATTEMPTS, Calls, drift_client
from infra.stack.synthesis import load_stack
from tests.infra.drift.proxy import Gateway, gateway
from tests.infra.drift.world import CATALOG, World

GRANTS = "/permissions/schema/"


@pytest.fixture
def gate(world: World) -> Iterator[Gateway]:
    with gateway(world.served.host) as state:
        yield state


def drift_through(host: str, world: World, pauses: list[float]) -> list[Finding]:
    calls = Calls(drift_client(host=host, token=world.served.token, auth_type="pat"), pauses.append)
    return find_drift(calls, world.stack)


def test_it_only_reads(gate: Gateway, world: World) -> None:
    """The gateway answers any other method with 501, which would be an error."""
    assert drift_through(gate.host, world, []) == []
    assert any("/workspace/export" in path for path in gate.asked)


def test_a_busy_workspace_is_asked_again_after_growing_pauses(gate: Gateway, world: World) -> None:
    gate.failures = {GRANTS: [500, 429], "/workspace/list": [502, 503, 504]}
    pauses: list[float] = []

    assert drift_through(gate.host, world, pauses) == []
    assert len(pauses) == 5 and max(pauses) > min(pauses)
    assert gate.failures == {GRANTS: [], "/workspace/list": []}


def test_a_workspace_that_stays_busy_is_an_error(gate: Gateway, world: World) -> None:
    gate.failures = {"/Me": [500] * ATTEMPTS}
    with pytest.raises(UserError, match=f"stayed busy over {ATTEMPTS} attempts at .*Me"):
        drift_through(gate.host, world, [])


def test_the_pause_that_a_busy_workspace_asks_for_is_kept(gate: Gateway, world: World) -> None:
    gate.failures, gate.retry_after = {GRANTS: [429], "/workspace/list": [503]}, 40
    pauses: list[float] = []

    assert drift_through(gate.host, world, pauses) == []
    assert len(pauses) == 2 and min(pauses) > 40


def test_a_pause_that_is_too_long_is_an_error(gate: Gateway, world: World) -> None:
    gate.failures, gate.retry_after = {"/Me": [429]}, 3600
    with pytest.raises(UserError, match=r"asks to wait 3600 s before .*Me"):
        drift_through(gate.host, world, [])


def test_a_missing_right_is_an_error_that_names_the_object(gate: Gateway, world: World) -> None:
    gate.failures = {f"{GRANTS}{CATALOG}.gold": [403]}
    with pytest.raises(UserError, match=r"missing right .*permissions/schema/olist_lakehouse\.gold"):
        drift_through(gate.host, world, [])


def test_grants_that_are_all_hidden_are_a_missing_right(gate: Gateway, world: World) -> None:
    gate.failures = {"/unity-catalog/permissions/": [200] * 100}
    with pytest.raises(UserError, match=r"missing right .* to see the catalog's grants"):
        drift_through(gate.host, world, [])


def test_a_wrong_token_is_an_error(world: World) -> None:
    client = drift_client(host=world.served.host, token="wrong", auth_type="pat")
    with pytest.raises(UserError, match="refuses the credentials"):
        find_drift(Calls(client), world.stack)


def test_an_unreachable_workspace_is_an_error(world: World) -> None:
    with pytest.raises(UserError, match="cannot be reached"):
        drift_through("http://127.0.0.1:9", world, [])


def test_no_workspace_named_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError, match="no workspace to go to") as told:
        drift_client(profile="lakehouse-nowhere")
    assert "set DATABRICKS_HOST" in str(told.value)
    assert "--profile lakehouse-nowhere" in str(told.value)


def test_a_stack_that_was_never_deployed_is_an_error(world: World, stack_folders: dict[str, Path]) -> None:
    dev = SynthesizedStack("dev", load_stack(stack_folders["dev"]), stack_folders["dev"])
    calls = Calls(drift_client(host=world.served.host, token=world.served.token, auth_type="pat"))
    with pytest.raises(UserError, match="lakehouse-dev is not deployed"):
        find_drift(calls, dev)


def test_a_half_deployed_stack_is_an_error_that_lists_what_is_missing(world: World) -> None:
    world.client.jobs.delete(world.job_id)
    world.client.pipelines.delete(world.pipeline_id("quality"))
    try:
        with pytest.raises(UserError, match="half deployed") as error:
            world.drift()
    finally:
        world.deploy()

    assert "pipeline [local] Olist quality" in str(error.value)
    assert "job [local] Olist lakehouse" in str(error.value)


def test_a_principal_that_the_workspace_hides_is_an_error(
    world: World, stack_folders: dict[str, Path]
) -> None:
    prod = SynthesizedStack("prod", load_stack(stack_folders["prod"]), stack_folders["prod"])
    calls = Calls(drift_client(host=world.served.host, token=world.served.token, auth_type="pat"))
    with pytest.raises(UserError, match="0 service principals called olist-prod-deployer"):
        find_drift(calls, prod)


def test_a_resource_that_is_not_compared_is_an_error(world: World) -> None:
    configuration = {"resource": {**world.stack.configuration["resource"], "databricks_sql_endpoint": {}}}
    with pytest.raises(UserError, match="does not compare sql_endpoint"):
        read_stack(configuration, {})
