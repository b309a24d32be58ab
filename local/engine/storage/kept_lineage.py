"""The lineage of a pipeline's tables, as the run that evaluated each of them left it, below the home's state."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common.home import Home
from local.engine.storage.state_file import replace_file


@dataclass(frozen=True)
class TableLineage:
    """The lineage of a table: of each flow into it, as told_lineage.ToldLineage has it.

    `update` is the id of the update that evaluated them last, and `at` when that ended (UTC, ISO 8601).
    """

    name: str
    pipeline: str
    update: str
    at: str
    flows: Mapping[str, Any] = field(default_factory=dict)


def keep_lineage(home: Home, pipeline: str, found: Collection[TableLineage], tables: Collection[str]) -> None:
    """Keeps what an update found; of the pipeline's other `tables` and of flows without one (None) what was known."""
    known = {one.name: one for one in pipeline_lineage(home, pipeline)}
    kept = {name: one for name, one in known.items() if name in tables}
    for one in found:
        before = known[one.name].flows if one.name in known else {}
        flows = {flow: before.get(flow) if told is None else told for flow, told in one.flows.items()}
        told = {flow: lineage for flow, lineage in flows.items() if lineage is not None}
        kept[one.name] = TableLineage(one.name, one.pipeline, one.update, one.at, told)
    replace_file(_path(home, pipeline), json.dumps([*kept.values()], default=vars))


def read_lineage(home: Home) -> dict[str, TableLineage]:
    """What is known of each table of every pipeline, by its name; of what was never evaluated nothing."""
    files = sorted((home.state / "lineage").glob("*.json"))
    return {one.name: one for file in files for one in _read(file)}


def pipeline_lineage(home: Home, pipeline: str) -> list[TableLineage]:
    """What is known of the tables of one pipeline."""
    return _read(_path(home, pipeline))


def _read(file: Path) -> list[TableLineage]:
    """A file that cannot be read holds nothing: the next run of its tables writes it."""
    try:
        return [TableLineage(**one) for one in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def _path(home: Home, pipeline: str) -> Path:
    return home.state / "lineage" / f"{quote(pipeline, safe='')}.json"
