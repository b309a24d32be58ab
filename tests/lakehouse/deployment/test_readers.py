"""What a group of readers may select where data is real, asked of a deployed workspace."""

from pathlib import Path

import pytest
from databricks.sdk.service.sql import StatementState

from common.home import Home
from infra.drift.detect import SynthesizedStack
from infra.stack.environments import WITHOUT_PERSONS, find_environment
from infra.stack.synthesis import load_stack, synthesize
from lakehouse.deployment.principals import DEPLOYER, READER
from lakehouse.deployment.rehearsal import on_this_machine
from local.workspace.http.serving import Served, serving
from pipelines.schemas import gold
from tests.infra.drift.world import UNITY, World


@pytest.mark.e2e
def test_readers_select_counts_and_no_persons(tmp_path: Path) -> None:
    name = "staging"
    home = Home(tmp_path / "home")
    with serving(home, "--env", name) as served:
        environment = on_this_machine(find_environment(name), served)
        folder = synthesize(environment, tmp_path / "cdktf.out")
        world = World(
            home, served, served.client(DEPLOYER), SynthesizedStack(name, load_stack(folder), folder)
        )
        # As the account sees it: no table is there before the first deployment is done.
        world.deploy()
        assert all(told(served, f"{environment.catalog}.{table.name}") for table in gold.TABLES)
        world.deploy()
        refused = {table.name for table in gold.TABLES if told(served, f"{environment.catalog}.{table.name}")}
        assert (
            refused
            == {"gold.customer_segments"}
            == {table.name for table in gold.TABLES} - set(WITHOUT_PERSONS)
        )
        assert "SELECT" in told(served, f"{environment.catalog}.gold.customer_segments")
        assert told(served, f"{environment.catalog}.silver.customers")
        assert not world.drift()
        counts = f"{environment.catalog}.gold.customer_segment_counts"
        taken = {"changes": [{"principal": environment.groups.readers, "remove": ["SELECT"]}]}
        world.do("PATCH", f"{UNITY}/permissions/table/{counts}", taken)
        assert [one.name for one in world.drift()] == [
            ("grants", f"table {counts}", environment.groups.readers)
        ]


def told(served: Served, table: str) -> str:
    """Why a reader may not select from the table, empty where it may."""
    client = served.client(READER)
    warehouse = next(iter(client.warehouses.list())).id or ""
    answer = client.statement_execution.execute_statement(f"SELECT * FROM {table}", warehouse).status
    assert answer
    return "" if answer.state == StatementState.SUCCEEDED else str(answer.error)
