"""Change events: the initial snapshot as INSERTs, then batches that keep, change and delete live records.

The live record is a row and its versions (see `dimensions`), so an update builds on the update before, a
deleted key is never touched again, and nothing but numbers has to be remembered between runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from generator.columns import constant, kernels, numbers, table, texts
from generator.dimensions import GROUPS, RECORDS, Versions
from generator.draws import Draws, row_numbers
from generator.orders import Stock
from generator.spec import DAY, EVENTS_PER_BATCH, ROW, WORLD_START, change_day, window_start

MICROSECONDS = 1_000_000
REGISTRATION_DAYS = 365
UPDATE_SHARE, INSERT_SHARE = 60, 30


@dataclass
class LiveTable:
    """Which records of an entity exist, in which version, and how far its sequence has come.

    `rows` counts every record there ever was, `base` those that no change event made, `next_sequence` is the
    number of the next event. `versions` has the rows that changed, one number a group of columns; `deleted`
    the run each deleted row went in; `changed_rows` those that the last run's batches inserted or changed.
    """

    entity: str
    rows: int = 0
    base: int = 0
    next_sequence: int = 1
    versions: dict[int, list[int]] = field(default_factory=dict)
    deleted: dict[int, int] = field(default_factory=dict)
    changed_rows: list[int] = field(default_factory=list)

    def stock(self, rows: int, run: int) -> Stock:
        """What orders of a run may name: its first `rows` records but those deleted before it."""
        gone = np.zeros(rows, dtype=bool)
        gone[[row for row, when in self.deleted.items() if when < run and row < rows]] = True
        return Stock(rows, gone)

    def records(self, seed: int, rows: np.ndarray) -> pa.Table:
        """The records of some rows as they are now."""
        versions = np.zeros((rows.size, len(GROUPS[self.entity])), dtype=np.int64)
        for place, row in enumerate(rows.tolist()):
            if row in self.versions:
                versions[place] = self.versions[row]
        return self.at_versions(seed, rows, versions)

    def at_versions(self, seed: int, rows: np.ndarray, versions: np.ndarray) -> pa.Table:
        """The records of some rows at given versions, one column of `versions` a group."""
        by_group: Versions = dict(zip(GROUPS[self.entity], versions.T, strict=True))
        return RECORDS[self.entity](seed, rows, by_group)

    def take_sequence(self, count: int) -> np.ndarray:
        """The next numbers of the entity's one sequence."""
        first, self.next_sequence = self.next_sequence, self.next_sequence + count
        return np.arange(first, self.next_sequence)

    def grow(self, count: int) -> np.ndarray:
        """Adds records that no change event makes; returns their rows."""
        added = row_numbers(self.rows, count)
        self.rows += count
        self.base += count
        return added


def snapshot(live: LiveTable, seed: int, run: int, rows: np.ndarray, of_all: int, first: int) -> pa.Table:
    """INSERT events for records that no change event makes, `first` the position of `rows` among `of_all`.

    The first snapshot's records registered over the year before the world began; later ones are there when
    their window begins, a microsecond apart.
    """
    if run == 0:
        start = WORLD_START - REGISTRATION_DAYS * DAY
        gap = REGISTRATION_DAYS * DAY * MICROSECONDS // of_all
    else:
        start, gap = window_start(run), 1
    moments = start * MICROSECONDS + np.arange(first, first + rows.size) * gap
    records = live.records(seed, rows)
    return _as_files_have_it(
        live.take_sequence(rows.size), pa.repeat(constant("INSERT"), rows.size), moments, records
    )


def change_batches(live: LiveTable, seed: int, run: int, batches: int) -> Iterator[pa.Table]:
    """The change events of a run, one table a batch; `live` moves along and is right once all are taken."""
    draws = Draws(seed, f"{live.entity} events")
    changed: dict[int, None] = {}
    for moments in _moments(live, draws, run, batches):
        sequence = live.take_sequence(EVENTS_PER_BATCH)
        operations, rows, versions = zip(*_events_of(live, draws, sequence, run), strict=True)
        changed.update(dict.fromkeys(rows))
        records = live.at_versions(seed, np.array(rows, dtype=np.uint64), np.array(versions))
        yield _as_files_have_it(sequence, texts(operations), moments, records)
    live.changed_rows = [row for row in changed if row not in live.deleted]


def _moments(live: LiveTable, draws: Draws, run: int, batches: int) -> np.ndarray:
    """Event times in microseconds, one line a batch: in order, all on the window's last day."""
    count = batches * EVENTS_PER_BATCH
    gap = DAY * MICROSECONDS // max(count, 1)
    jitter = draws.below("moment", row_numbers(live.next_sequence, count), gap)
    moments = change_day(run) * MICROSECONDS + np.arange(count) * gap + jitter
    return moments.reshape(batches, EVENTS_PER_BATCH)


def _events_of(
    live: LiveTable, draws: Draws, sequence: np.ndarray, run: int
) -> Iterator[tuple[str, int, list[int]]]:
    """Operation, row and versions of each event of a batch: about 60 % updates, 30 % inserts, 10 % deletes."""
    numbers = sequence.astype(np.uint64)
    rolls = draws.below("operation", numbers, 100)
    shares = GROUPS[live.entity].items()
    changes = np.stack([draws.below(f"{group} changes", numbers, 100) < share for group, share in shares], 1)
    for roll, number, change in zip(rolls, numbers, changes.tolist(), strict=True):
        operation = _operation(live, roll)
        row = live.rows if operation == "INSERT" else _pick(live, draws, number)
        yield operation, row, _apply(live, operation, row, change, run)


def _operation(live: LiveTable, roll: int) -> str:
    """What a roll of 0 to 99 means. The last record is never deleted: orders must have one to name."""
    if roll < UPDATE_SHARE:
        return "UPDATE"
    last_one = live.rows - len(live.deleted) <= 1
    return "INSERT" if roll < UPDATE_SHARE + INSERT_SHARE or last_one else "DELETE"


def _pick(live: LiveTable, draws: Draws, number: np.uint64) -> int:
    """A live row; who is gone is drawn again."""
    attempt = 0
    while (row := int(draws.below("record", np.array([number]), live.rows, attempt)[0])) in live.deleted:
        attempt += 1
    return row


def _apply(live: LiveTable, operation: str, row: int, change: list[bool], run: int) -> list[int]:
    """Carries one event out on the live table; returns the record's versions after it."""
    version = live.versions.get(row, [0] * len(change))
    if operation == "INSERT":
        live.rows += 1
    elif operation == "UPDATE":
        version = [number + changes for number, changes in zip(version, change, strict=True)]
        live.versions[row] = version
    else:
        live.deleted[row] = run
        live.versions.pop(row, None)
    return version


def _as_files_have_it(
    sequence: np.ndarray, operation: pa.Array, moments: np.ndarray, records: pa.Table
) -> pa.Table:
    """The events' columns. A DELETE names its key and nothing else."""
    deleted = kernels.equal(operation, constant("DELETE"))
    key, *others = [name for name in records.column_names if name != ROW]
    return table(
        {
            "sequence_number": sequence,
            "operation": operation,
            "change_timestamp": numbers(moments).view(pa.timestamp("us")),
            key: records[key],
            **{name: _unless(deleted, records[name]) for name in others},
            ROW: sequence.astype(np.uint64),
        }
    )


def _unless(deleted: pa.Array, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return kernels.if_else(deleted, pa.nulls(1, column.type)[0], column)
