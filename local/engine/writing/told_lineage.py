"""Tells where the columns of a table come from, once its flows have been evaluated."""

from collections.abc import Callable

from pyspark.sql.types import StructType

from local.engine.cdc.change_events import END_AT, START_AT, target_columns
from local.engine.cdc.history import tracked_columns
from local.engine.evaluating.evaluating import Evaluated
from local.engine.evaluating.origins import as_plan_expression, dropping, origins
from local.engine.evaluating.work import Work
from local.engine.language.model import CdcFlow, Dataset, SnapshotCdcFlow
from local.engine.lineage.flow_lineage import Changes, QueryColumns, changed_by, untold
from local.engine.lineage.traced_values import Lineage
from local.engine.storage.delta import open_table, schema_of


def lineage_of_query(work: Work, dataset: Dataset, given: Evaluated) -> Lineage:
    """The lineage of what a flow's query writes to a table that is there."""
    return _told(
        work, dataset, given, lambda own, schema: own.written_to(schema, dropping(dataset, work.session))
    )


def lineage_of_changes(work: Work, dataset: Dataset, flow: CdcFlow, given: Evaluated) -> Lineage:
    """The lineage of a target of AUTO CDC, whose flow is given these events."""

    def told(own: QueryColumns, schema: StructType) -> Lineage:
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
        return changed_by(own, changes, schema, dropping(dataset, work.session))

    return _told(work, dataset, given, told)


def lineage_of_snapshot(work: Work, dataset: Dataset, flow: SnapshotCdcFlow, given: Evaluated) -> Lineage:
    """The lineage of a target of snapshots. Its versions are the snapshots', which no column is made into."""
    names = given.schema.names
    followed = tracked_columns(flow, names) if flow.stored_as_scd_type == 2 else ()
    changes = Changes(names, flow.keys, tracked=followed)
    return _told(work, dataset, given, lambda own, schema: changed_by(own, changes, schema, ()))


def _told(
    work: Work,
    dataset: Dataset,
    given: Evaluated,
    tell: Callable[[QueryColumns, StructType], Lineage],
) -> Lineage:
    table = open_table(work.folder(dataset.name))
    schema = schema_of(table) if table else given.schema
    try:
        return tell(origins(given.plans, given.schema, given.reading.inputs.tables), schema)
    except Exception as error:
        # A plan that cannot be read is no reason to fail a table that is written.
        return untold(schema, f"its plan was not read: {type(error).__name__}: {error}")
