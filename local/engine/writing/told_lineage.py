"""Tells where the columns of a table come from, once its flows have been evaluated."""

from collections.abc import Callable, Iterator
from typing import Any

from pyspark.sql.types import StructType

from local.engine.cdc.change_events import END_AT, START_AT, target_columns
from local.engine.cdc.history import tracked_columns
from local.engine.evaluating.evaluating import Evaluated
from local.engine.evaluating.origins import as_plan_expression, dropping, named_views, origins
from local.engine.evaluating.work import Work
from local.engine.language.model import CdcFlow, Dataset, SnapshotCdcFlow
from local.engine.lineage.flow_lineage import Changes, as_json, changed_by, untold
from local.engine.lineage.plan_digest import lineage_digest
from local.engine.planning.fingerprint import engine_fingerprint
from local.engine.storage.delta import open_table, schema_of

ToldLineage = dict[str, Any]
"""What is kept of a flow (see flow_lineage.as_json), with the digest of what it is `made_from`."""
# What becomes of a query's columns: how AUTO CDC applies them, and the target's drop rules.
_Made = tuple[Changes | None, list[Any]]


def lineage_of_query(work: Work, dataset: Dataset, flow: str, given: Evaluated) -> ToldLineage:
    """The lineage of what a flow's query writes to a table that is there."""
    return _told(work, dataset, flow, given, lambda: (None, dropping(dataset, work.session)))


def lineage_of_changes(work: Work, dataset: Dataset, flow: CdcFlow, given: Evaluated) -> ToldLineage:
    """The lineage of a target of AUTO CDC, whose flow is given these events."""

    def made() -> _Made:
        names = target_columns(flow, given.schema.names)
        is_history = flow.stored_as_scd_type == 2
        deciding = [
            as_plan_expression(one, work.session) for one in (flow.apply_as_deletes, flow.apply_as_truncates)
        ]
        changes = Changes(
            names,
            flow.keys,
            as_plan_expression(flow.sequence_by, work.session),
            deciding,
            tracked_columns(flow, names) if is_history else (),
            START_AT if is_history else None,
            END_AT if is_history else None,
        )
        return changes, dropping(dataset, work.session)

    return _told(work, dataset, flow.name, given, made)


def lineage_of_snapshot(work: Work, dataset: Dataset, flow: SnapshotCdcFlow, given: Evaluated) -> ToldLineage:
    """The lineage of a target of snapshots. Its versions are the snapshots', which no column is made into."""

    def made() -> _Made:
        names = given.schema.names
        followed = tracked_columns(flow, names) if flow.stored_as_scd_type == 2 else ()
        return Changes(names, flow.keys, tracked=followed), []

    return _told(work, dataset, flow.name, given, made)


def _told(
    work: Work, dataset: Dataset, flow: str, given: Evaluated, made: Callable[[], _Made]
) -> ToldLineage:
    table = open_table(work.folder(dataset.name))
    schema = schema_of(table) if table else given.schema
    known = work.known_lineage.get(dataset.name, {}).get(flow)
    try:
        changes, rules = made()
        digest = lineage_digest([*_parts(given, schema), changes, rules])
        if known and known.get("made_from") == digest:
            return dict(known)
        own = origins(given.plans, given.schema, given.reading.inputs.tables)
        lineage = changed_by(own, changes, schema, rules) if changes else own.written_to(schema, rules)
        return as_json(lineage) | {"made_from": digest}
    except Exception as error:
        # A plan that cannot be read is no reason to fail a table that is written.
        return as_json(untold(schema, f"its plan was not read: {type(error).__name__}: {error}"))


def _parts(given: Evaluated, schema: StructType) -> Iterator[Any]:
    """All that `origins` goes by, and the code that goes by it."""
    yield engine_fingerprint()
    plans: Any = given.plans
    yield plans.analysed.root if plans.analysed else None
    for name, view in named_views(plans).items():
        yield from (name, view)
    for alias, (relation, rules) in plans.given.items():
        yield from (alias, relation, rules)
    yield from (plans.ran, given.schema.json(), schema.json(), sorted(given.reading.inputs.tables))
