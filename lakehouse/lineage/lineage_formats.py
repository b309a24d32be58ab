"""Lineage by column as JSON of our own, as OpenLineage events and as a Mermaid graph."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid5

from lakehouse.lineage.column_lineage import ColumnLineage, ColumnUse, TableColumns
from local.engine.lineage.traced_values import DIRECT, ColumnOrigin
from pipelines.catalog import CATALOG

PRODUCER = "urn:olist-lakehouse"
EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACET = (
    "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
)
PARENT = "https://openlineage.io/spec/facets/1-1-0/ParentRunFacet.json#/$defs/ParentRunFacet"
FILES = "file"
"""OpenLineage's namespace of files; that of tables is the catalog."""


def as_json(lineage: ColumnLineage, asked: Sequence[ColumnOrigin]) -> list[dict[str, Any]]:
    """An object a column, and one with an empty column for the rows of a table as a whole."""
    return [
        {
            "dataset": one.dataset,
            "column": one.column,
            "from": [_end(use.source, use) for use in lineage.feeding(one)],
            "feeds": [_end(use.target, use) for use in lineage.fed_by(one)],
            "unknown": list(lineage.tables[one.dataset].untold.get(one.column, ())),
        }
        for one in asked
    ]


def _end(end: ColumnOrigin, use: ColumnUse) -> dict[str, Any]:
    return {"dataset": end.dataset, "column": end.column, "transformations": _transformations(use)}


def _transformations(use: ColumnUse) -> list[dict[str, str]]:
    return [
        {"type": "DIRECT" if one in DIRECT else "INDIRECT", "subtype": one}
        for one in (*use.values, *use.decisions)
    ]


def as_openlineage(lineage: ColumnLineage, asked: Sequence[ColumnOrigin]) -> list[dict[str, Any]]:
    """An event for each table of what is asked for: the run that evaluated its flows last, with these columns."""
    by_table: dict[str, list[str]] = {}
    for one in asked:
        by_table.setdefault(one.dataset, []).append(one.column)
    return [_event(lineage.tables[name], columns) for name, columns in by_table.items()]


def _event(told: TableColumns, columns: Iterable[str]) -> dict[str, Any]:
    table = told.table
    update = UUID(table.update)
    parent = {"run": {"runId": str(update)}, "job": {"namespace": CATALOG, "name": table.pipeline}}
    inputs = sorted({*told.sources, *(use.source.dataset for use in told.uses)} - {table.name})
    return {
        "eventType": "COMPLETE",
        "eventTime": table.at,
        "producer": PRODUCER,
        "schemaURL": EVENT,
        "run": {
            "runId": str(uuid5(update, table.name)),
            "facets": {"parent": {"_producer": PRODUCER, "_schemaURL": PARENT, **parent}},
        },
        "job": {"namespace": CATALOG, "name": f"{table.pipeline}.{table.name}"},
        "inputs": [_dataset(name) for name in inputs],
        "outputs": [
            {**_dataset(table.name), "facets": {"columnLineage": _facet(told, columns)}},
        ],
    }


def _facet(told: TableColumns, columns: Iterable[str]) -> dict[str, Any]:
    def fields(column: str) -> list[dict[str, Any]]:
        return [_input_field(use) for use in told.uses if use.target.column == column]

    # A column whose origin is not told, or not all of it, is left out: whoever reads events takes a field as whole.
    names = [name for name in columns if name and name not in told.untold]
    return {
        "_producer": PRODUCER,
        "_schemaURL": FACET,
        "fields": {name: {"inputFields": fields(name)} for name in names},
        "dataset": fields(""),
    }


def _input_field(use: ColumnUse) -> dict[str, Any]:
    transformations = [{**one, "description": "", "masking": False} for one in _transformations(use)]
    return {
        **_dataset(use.source.dataset),
        "field": use.source.column,
        "transformations": transformations,
    }


def _dataset(name: str) -> dict[str, str]:
    return {"namespace": FILES if "/" in name else CATALOG, "name": name}


def as_mermaid(lineage: ColumnLineage, asked: Sequence[ColumnOrigin]) -> str:
    """A graph of the columns that are asked for and of what feeds them and what they feed; decisions are dotted."""
    uses = {use for one in asked for use in (*lineage.feeding(one), *lineage.fed_by(one))}
    ends = sorted({*asked, *(end for use in uses for end in (use.source, use.target))})
    numbers = {end: f"c{place}" for place, end in enumerate(ends)}
    lines = ["flowchart LR"]
    for dataset in sorted({end.dataset for end in ends}):
        own = [end for end in ends if end.dataset == dataset]
        lines += [f'  subgraph s{numbers[own[0]]}["{_text(dataset)}"]']
        lines += [f'    {numbers[end]}["{_label(lineage, end)}"]' for end in own]
        lines += ["  end"]
    for use in sorted(uses):
        arrow = "-->" if use.values else "-.->"
        words = ", ".join(use.subtypes).lower()
        lines.append(f"  {numbers[use.source]} {arrow}|{words}| {numbers[use.target]}")
    return "\n".join(lines)


def _label(lineage: ColumnLineage, end: ColumnOrigin) -> str:
    table = lineage.tables.get(end.dataset)
    unknown = " (not all told)" if table and end.column in table.untold else ""
    return _text(end.column or "all rows") + unknown


def _text(name: str) -> str:
    return name.replace('"', "#quot;")
