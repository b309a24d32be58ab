"""AUTO CDC: a flow's new change events go into its target, by the keys that they have."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from local.engine.cdc.change_events import (
    DELETED,
    SEQUENCE,
    START_AT,
    TRUNCATES,
    Events,
    each_once,
    latest_events,
    read_events,
    with_truncates,
)
from local.engine.cdc.columns import stacked
from local.engine.cdc.comparing import OTHER, all_equal, column, matching, not_before, prefixed
from local.engine.cdc.hidden import Hidden
from local.engine.cdc.history import schema_of_versions, versions
from local.engine.cdc.nulls import filled_events, ignores_nulls
from local.engine.cdc.target import Applied, Replacement, Target
from local.engine.cdc.truncates import as_deletions
from local.engine.language.model import CdcFlow
from local.engine.storage import delta
from local.engine.storage.delta import Commit, Layout


def apply_events(
    session: SparkSession,
    flow: CdcFlow,
    events: DataFrame,
    target: Path,
    state: Path,
    schema: StructType | None,
    layout: Layout,
    commit: Commit,
    *,
    refresh: bool = False,
) -> Applied:
    """Applies events that the flow has not seen; what they change, and `commit`, is one commit of the target.

    `target` and `state` are the folders of the target and of its hidden table; either may be absent. `schema` is what
    the target declares of its columns. `refresh` takes both as empty and replaces them. UserError for a column
    that is not there, a type that changed, an event without a sequence.
    """
    table = None if refresh else delta.open_table(target)
    hidden = Hidden.opened(state, table)
    place = Target(session, flow.target, target, layout, schema, table)
    batch = as_deletions(read_events(flow, events, schema), hidden, session)
    if flow.stored_as_scd_type == 2 or ignores_nulls(flow):
        return _apply_all(place, hidden, batch, commit)
    return _apply_latest(place, hidden, batch, commit)


def _apply_latest(place: Target, hidden: Hidden, batch: Events, commit: Commit) -> Applied:
    """SCD type 1: of each key the last event counts, and the hidden table knows no more than its sequence."""
    hidden.check(batch, batch.keys)
    batch = each_once(batch, by_sequence=False)
    known = hidden.rows(place.session)
    if known is None:
        return _apply_winners(place, hidden, batch, commit)
    later = _later(batch, known, hidden.schema)
    with _at_hand(place, hidden, later, batch.schema) as winners:
        return _apply_winners(place, hidden, batch.with_rows(winners), commit)


def _apply_winners(place: Target, hidden: Hidden, winners: Events, commit: Commit) -> Applied:
    shown = hidden.add(place.session, winners.narrowed_to(winners.keys), by_sequence=False)
    # A truncation is kept for keys that come later; those that it empties have deletions of their own.
    gone = winners.rows.where(~column(TRUNCATES)) if TRUNCATES in winners.identity else winners.rows
    rows = gone.where(~column(DELETED)).select(*map(column, winners.names))
    change = Replacement(winners.keys, winners.keys, gone, rows, StructType(winners.fields))
    return place.apply(change, commit, shown)


def _later(batch: Events, known: DataFrame, schema: StructType) -> DataFrame:
    """The events after which nothing of their key is known; `schema` is that of the known ones."""
    there = _named(batch, known, schema)
    same_key = all_equal(
        [column(name) for name in batch.identity], [column(name, OTHER) for name in batch.identity]
    )
    not_later = not_before(batch.order(column(SEQUENCE, OTHER)), batch.order())
    return batch.rows.join(there, same_key & not_later, "left_anti")


def _apply_all(place: Target, hidden: Hidden, batch: Events, commit: Commit) -> Applied:
    """The hidden table holds every event, of which the keys of new ones are worked out anew."""
    hidden.check(batch, batch.names)
    batch = each_once(batch, by_sequence=True)
    known = hidden.rows(place.session)
    if known is None:
        shown = hidden.add(place.session, batch, by_sequence=True)
        return place.load(*_rows(batch), commit, shown)
    unknown = _unknown(batch, known, hidden.schema)
    with _at_hand(place, hidden, unknown, batch.schema) as fresh:
        shown = hidden.add(place.session, batch.with_rows(fresh), by_sequence=True)
        of_keys = matching(known, fresh, batch.keys)
        every, schema = stacked(of_keys, hidden.schema, fresh, batch.schema)
        anew, schema = _rows(replace(batch, rows=every, schema=schema))
        with _at_hand(place, hidden, anew, schema) as rows:
            identity = batch.keys if batch.flow.stored_as_scd_type == 1 else [*batch.keys, START_AT]
            return place.apply(Replacement(batch.keys, identity, fresh, rows, schema), commit, shown)


def _rows(every: Events) -> tuple[DataFrame, StructType]:
    """What the target shows of keys of which these are all events, and its columns."""
    if every.flow.stored_as_scd_type == 2:
        return versions(filled_events(every)), schema_of_versions(every)
    last = latest_events(filled_events(every), list(map(column, every.keys)))
    return last.where(~column(DELETED)).select(*map(column, every.names)), StructType(every.fields)


def _unknown(batch: Events, known: DataFrame, schema: StructType) -> DataFrame:
    """The events of which none has the same key and sequence; `schema` is that of the known ones."""
    there = _named(batch, known, schema)
    left = [column(name) for name in batch.identity] + batch.order()
    right = [column(name, OTHER) for name in batch.identity] + batch.order(column(SEQUENCE, OTHER))
    return batch.rows.join(there, all_equal(left, right), "left_anti")


def _named(batch: Events, known: DataFrame, schema: StructType) -> DataFrame:
    """What tells the known events apart, and their sequence, with other names."""
    rows = with_truncates(known, schema) if TRUNCATES in batch.identity else known
    return prefixed(rows, [*batch.identity, SEQUENCE])


@contextmanager
def _at_hand(place: Target, hidden: Hidden, rows: DataFrame, schema: StructType) -> Iterator[DataFrame]:
    """The rows, of this schema, worked out once and read from files that are gone at the end."""
    files = delta.stage(rows, hidden.folder)
    try:
        yield delta.read_files(place.session, schema, [file.path for file in files])
    finally:
        for file in files:
            file.path.unlink()
