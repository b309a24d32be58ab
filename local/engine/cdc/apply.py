"""AUTO CDC: a flow's new change events go into its target, by the keys that they have."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from local.engine.cdc.comparing import OTHER, all_equal, column, matching, not_before, prefixed
from local.engine.cdc.events import DELETED, SEQUENCE, START_AT, Events, each_once, read_events
from local.engine.cdc.hidden import Hidden
from local.engine.cdc.history import versions
from local.engine.cdc.target import Applied, Change, Target
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
    batch = read_events(flow, events, schema)
    if flow.stored_as_scd_type == 2:
        return _apply_all(place, hidden, batch, commit)
    return _apply_latest(place, hidden, batch, commit)


def _apply_latest(place: Target, hidden: Hidden, batch: Events, commit: Commit) -> Applied:
    """SCD type 1: of each key the last event counts, and the hidden table knows no more than its sequence."""
    batch = each_once(batch, by_sequence=False)
    known = hidden.rows(place.session)
    if known is None:
        return _apply_winners(place, hidden, batch, commit)
    with _at_hand(place, hidden, _later(batch, known)) as winners:
        return _apply_winners(place, hidden, batch.with_rows(winners), commit)


def _apply_winners(place: Target, hidden: Hidden, winners: Events, commit: Commit) -> Applied:
    names = [*winners.keys, SEQUENCE, DELETED]
    files = delta.stage(winners.rows.select(*map(column, names)), hidden.folder)
    shown = hidden.add(files, StructType([winners.schema[name] for name in names]))
    if not files and place.table is not None:
        return place.keep(commit, shown)
    rows = winners.rows.where(~column(DELETED)).select(*map(column, winners.names))
    return place.apply(Change(winners.keys, winners.keys, winners.rows, rows), commit, shown)


def _later(batch: Events, known: DataFrame) -> DataFrame:
    """The events after which nothing of their key is known."""
    there = prefixed(known, [*batch.keys, SEQUENCE])
    same_key = all_equal([column(key) for key in batch.keys], [column(key, OTHER) for key in batch.keys])
    not_later = not_before(batch.order(column(SEQUENCE, OTHER)), batch.order())
    return batch.rows.join(there, same_key & not_later, "left_anti")


def _apply_all(place: Target, hidden: Hidden, batch: Events, commit: Commit) -> Applied:
    """SCD type 2: the hidden table holds every event, of which the keys of new ones are worked out anew."""
    batch = each_once(batch, by_sequence=True)
    known = hidden.rows(place.session)
    files = delta.stage(batch.rows if known is None else _unknown(batch, known), hidden.folder)
    shown = hidden.add(files, batch.schema)
    if not files and place.table is not None:
        return place.keep(commit, shown)
    fresh = batch.with_rows(delta.read_files(place.session, batch.schema, [file.path for file in files]))
    if known is None:
        return place.load(versions(fresh), commit, shown)
    every = matching(known, fresh.rows, batch.keys).unionByName(fresh.rows, allowMissingColumns=True)
    with _at_hand(place, hidden, versions(batch.with_rows(every))) as rows:
        return place.apply(Change(batch.keys, [*batch.keys, START_AT], fresh.rows, rows), commit, shown)


def _unknown(batch: Events, known: DataFrame) -> DataFrame:
    """The events of which none has the same key and sequence."""
    there = prefixed(known, [*batch.keys, SEQUENCE])
    left = [column(key) for key in batch.keys] + batch.order()
    right = [column(key, OTHER) for key in batch.keys] + batch.order(column(SEQUENCE, OTHER))
    return batch.rows.join(there, all_equal(left, right), "left_anti")


@contextmanager
def _at_hand(place: Target, hidden: Hidden, rows: DataFrame) -> Iterator[DataFrame]:
    """The rows, worked out once and read from files that are gone at the end."""
    files = delta.stage(rows, hidden.folder)
    try:
        yield delta.read_files(place.session, rows.schema, [file.path for file in files])
    finally:
        for file in files:
            file.path.unlink()
