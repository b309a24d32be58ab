"""Tables against the data contract: missing, undeclared, and columns that differ."""

import re
from collections.abc import Iterable, Iterator

from infra.drift import commands
from infra.drift.compare.securables import undeclared
from infra.drift.declared import Declared, Resource
from infra.drift.findings import DECLARED, Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Document, Snapshot
from pipelines.catalog import writer_of
from pipelines.schemas.model import Table

COMPLETED = "COMPLETED"


def compare_contract(declared: Declared, snapshot: Snapshot, contract: Iterable[Table]) -> Iterator[Finding]:
    """Every table of the schemas that are there; one that its pipeline never made yet is not missing."""
    catalog = declared.only("catalog").full_name
    tables = {f"{catalog}.{table.name}": table for table in contract}
    actual = snapshot.unity.tables
    for full_name, table in tables.items():
        pipeline = _pipeline_of(declared, table)
        if full_name in actual:
            yield from _columns(
                full_name, table, actual[full_name], _rebuild(pipeline, snapshot, declared, table)
            )
        elif full_name.rpartition(".")[0] in snapshot.unity.schemas and _has_run(
            pipeline, snapshot, {name for name in tables if name in actual}
        ):
            yield _missing(full_name, _rebuild(pipeline, snapshot, declared, table))
    for full_name in sorted(actual.keys() - tables.keys() - declared.event_logs):
        yield undeclared("table", full_name, actual[full_name])


def _pipeline_of(declared: Declared, table: Table) -> Resource | None:
    return next((one for one in declared.of("pipeline") if _writes(one, table.name)), None)


def _has_run(pipeline: Resource | None, snapshot: Snapshot, there: set[str]) -> bool:
    """Whether it completed an update, or at least made another table and is at rest."""
    found = snapshot.work.found.get(pipeline.address) if pipeline else None
    if pipeline is None or found is None:
        return False
    if any(update.get("state") == COMPLETED for update in found.get("latest_updates") or []):
        return True
    made = any(_writes(pipeline, name.split(".", 1)[1]) for name in there)
    return made and found.get("state") == "IDLE"


def _writes(pipeline: Resource, table: str) -> bool:
    writer = writer_of(table)
    return writer is not None and pipeline.address.endswith(f".pipeline_{writer.name}")


def _rebuild(pipeline: Resource | None, snapshot: Snapshot, declared: Declared, table: Table) -> str:
    """A table is built anew with all that is made from it: alone it would make that wrong."""
    found = snapshot.work.found.get(pipeline.address) if pipeline else None
    return "" if found is None else commands.rebuild_command(declared.environment, table.name)


def _missing(full_name: str, by_hand: str) -> Finding:
    return Finding(
        Severity.DATA, "table", full_name, "", DECLARED, None, likely_effect(seen=False), by_hand=by_hand
    )


def _columns(full_name: str, table: Table, found: Document, by_hand: str) -> Iterator[Finding]:
    expected = {column.name: _type(column.type) for column in table.columns}
    actual = {column["name"]: _type(column["type_text"]) for column in found.get("columns") or []}
    for name in sorted({*expected, *actual}):
        before, after = expected.get(name), actual.get(name)
        if before != after:
            yield Finding(
                Severity.DATA,
                "table",
                full_name,
                f"columns[{name}]",
                before,
                after,
                likely_effect(seen=False),
                by_hand=by_hand,
                changed_by=found.get("updated_by"),
                changed_at=found.get("updated_at"),
            )


def _type(text: str) -> str:
    """One spelling: lower case, no spaces, `bigint` rather than `long`."""
    names = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
    plain = re.sub(r"\s", "", text).lower()
    return names.get(plain, plain)
