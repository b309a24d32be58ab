"""The whole path: start, deploy, run the job, look at the tables, destroy."""

import re
from pathlib import Path

import pytest

from lakehouse.deployment.rehearsal import rehearse
from pipelines.catalog import PIPELINES


@pytest.mark.e2e
def test_a_deployment_is_rehearsed_from_nothing_to_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    rehearse(tmp_path, said.append)
    assert any(line.startswith("recorded on the catalog: ") for line in said)
    tasks = [line for line in said if line.endswith("SUCCESS")]
    assert tasks[0] == "generate: SUCCESS"
    assert sorted(tasks[1:]) == sorted(f"{pipeline.task}: SUCCESS" for pipeline in PIPELINES)
    place = {pipeline.name: tasks.index(f"{pipeline.task}: SUCCESS") for pipeline in PIPELINES}
    assert all(place[before] < place[each.name] for each in PIPELINES for before in each.after)
    found = (re.fullmatch(r"\s+\w+\.(\S+)\s+([\d,]+) rows", line) for line in said)
    rows = {match[1]: match[2] for match in found if match}
    gold = {"sales_performance", "customer_segments", "logistics_efficiency", "payment_methods_evolution"}
    assert {f"gold.{name}" for name in (*gold, "seller_quality")} <= {
        name for name, n in rows.items() if n != "0"
    }
    assert rows["silver.orders"] == rows["bronze.orders"]
    assert said[-1] == "destroyed: nothing is left"
