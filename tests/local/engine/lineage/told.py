"""What a run has told of where columns come from, in a form that tests write down."""

from typing import Any

from local.engine.storage.kept_lineage import read_lineage
from tests.local.engine.project import Project


def told_of(project: Project, table: str, flow: str | None = None) -> dict[str, Any]:
    """Each column of a table of the schema `shop`: `table.column USE, USE` of its origins; `rows` are those of all.

    A column of which something is not told has `unknown` instead.
    """
    lineage = read_lineage(project.home)[f"shop.{table}"].flows[flow or f"shop.{table}"]
    return {name: _shown(value) for name, value in (*lineage["columns"].items(), ("rows", lineage["rows"]))}


def _shown(value: Any) -> Any:
    if value.get("unknown"):
        return "unknown"
    return {
        f"{dataset.removeprefix('shop.')}.{column} {', '.join(uses)}"
        for dataset, columns in value["uses"].items()
        for column, uses in columns.items()
    }
