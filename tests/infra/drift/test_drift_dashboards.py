"""The content of a dashboard: what was edited, added and taken out in the workspace."""

import json
from typing import Any

import pytest

from infra.drift.compare.dashboards import compare_dashboards
from infra.drift.declared import Declared, Resource
from infra.drift.findings import Finding
from infra.drift.reading.snapshot import Snapshot, Unity, Workloads, WorkspaceCode

ADDRESS = "databricks_dashboard.dashboard"
SALES = {"name": "p1", "displayName": "Sales", "layout": [{"widget": {"name": "w1"}}]}
SELLERS = {"name": "p2", "displayName": "Sellers", "layout": []}
DATASET = {"name": "d1", "displayName": "Sales", "queryLines": ["SELECT 1"]}


def dashboard(datasets: list[dict[str, Any]], pages: list[dict[str, Any]]) -> dict[str, Any]:
    content = {"datasets": datasets, "pages": pages, "uiSettings": {"theme": {}}}
    return {
        "display_name": "Olist",
        "parent_path": "/team",
        "warehouse_id": "w",
        "serialized_dashboard": json.dumps(content),
    }


def drift_of(found: dict[str, Any]) -> list[Finding]:
    declared = Resource(ADDRESS, "dashboard", dashboard([DATASET], [SALES, SELLERS]))
    work = Workloads({ADDRESS: found})
    snapshot = Snapshot("1", Unity(), WorkspaceCode(), work, (), None)
    return list(compare_dashboards(Declared((declared,), ()), snapshot))


@pytest.mark.parametrize(
    ("datasets", "pages", "expected", "actual"),
    [
        ([DATASET], [SALES | {"layout": []}, SELLERS], "Sales", "Sales (edited)"),
        ([DATASET | {"queryLines": ["SELECT 2"]}], [SALES, SELLERS], "Sales", "Sales (edited)"),
        ([DATASET], [SALES], "Sellers", None),
        ([DATASET], [SALES, SELLERS, SELLERS | {"name": "p3"}], None, "Sellers"),
    ],
)
def test_each_change_of_the_content_is_told(
    datasets: list[dict[str, Any]], pages: list[dict[str, Any]], expected: str | None, actual: str | None
) -> None:
    [finding] = drift_of(dashboard(datasets, pages))
    assert (finding.field, finding.expected, finding.actual) == ("serialized_dashboard", expected, actual)


def test_the_order_of_the_parts_is_silent() -> None:
    assert drift_of(dashboard([DATASET], [SELLERS, SALES])) == []
