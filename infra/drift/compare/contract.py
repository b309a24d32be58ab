"""Tables against the data contract: missing, undeclared, and columns that differ."""

import re
from collections.abc import Iterable, Iterator

from infra.drift import commands
from infra.drift.compare.principals import is_same
from infra.drift.compare.securables import undeclared
from infra.drift.declared import Declared, Resource
from infra.drift.findings import DECLARED, Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Document, Snapshot
from pipelines.catalog import writer_of
from pipelines.schemas.model import Table

COMPLETED = "COMPLETED"
# What `ALTER` calls the tables of pipelines.
ALTERED_AS = ("MATERIALIZED VIEW", "STREAMING TABLE")


def compare_contract(declared: Declared, snapshot: Snapshot, contract: Iterable[Table]) -> Iterator[Finding]:
    """Every table of the schemas that are there; one that its pipeline never made yet is not missing."""
    catalog = declared.only("catalog").full_name
    tables = {f"{catalog}.{table.name}": table for table in contract}
    actual = snapshot.unity.tables
    for full_name, table in tables.items():
        pipeline = _pipeline_of(declared, table)
        if full_name in actual:
            found = actual[full_name]
            yield from _columns(full_name, table, found, _rebuild(pipeline, snapshot, declared, table))
            yield from _policies(full_name, found)
            yield from _owner(full_name, found, pipeline, snapshot)
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


def _policies(full_name: str, found: Document) -> Iterator[Finding]:
    """A row filter and masks: the code declares none, and who reads past one computes with less than there is."""
    kind = found.get("table_type", "").replace("_", " ")
    alter = f"ALTER {kind if kind in ALTERED_AS else 'TABLE'} {full_name}"
    set_by_hand = {"row_filter": (found.get("row_filter"), f"{alter} DROP ROW FILTER")} | {
        f"columns[{name}].mask": (column.get("mask"), f"{alter} ALTER COLUMN {name} DROP MASK")
        for column in found.get("columns") or []
        for name in [column["name"]]
    }
    for field, (function, statement) in set_by_hand.items():
        if function:
            yield Finding(
                Severity.DATA,
                "table",
                full_name,
                field,
                None,
                function.get("function_name"),
                likely_effect(seen=False),
                by_hand=f"in SQL: {statement}",
                changed_by=found.get("updated_by"),
                changed_at=found.get("updated_at"),
            )


def _owner(
    full_name: str, found: Document, pipeline: Resource | None, snapshot: Snapshot
) -> Iterator[Finding]:
    """What a pipeline made belongs to who it runs as, or ran as before somebody else deployed it."""
    writer = snapshot.work.found.get(pipeline.address) if pipeline else None
    if pipeline is None or writer is None or "pipeline_id" not in found:
        return
    run_as = writer.get("run_as_user_name") or writer.get("creator_user_name")
    known = {run_as} | (snapshot.deployers if "run_as" not in pipeline.values else set())
    if run_as is None or any(is_same(found.get("owner"), one) for one in known):
        return
    yield Finding(
        Severity.ACCESS,
        "table",
        full_name,
        "owner",
        run_as,
        found.get("owner"),
        likely_effect(seen=False),
        by_hand=commands.cli("tables", "update", full_name, body={"owner": run_as}),
        changed_by=found.get("updated_by"),
        changed_at=found.get("updated_at"),
    )


def _type(text: str) -> str:
    """One spelling: lower case, no spaces, `bigint` rather than `long`."""
    names = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}
    plain = re.sub(r"\s", "", text).lower()
    return names.get(plain, plain)
