"""The files of one run."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from generator import facts
from generator.dimensions import geolocation
from generator.dirty import Injector
from generator.draws import row_numbers
from generator.events import LiveTable, change_batches, snapshot
from generator.orders import CANCELED, LONGEST_LIFE, Market, Orders, Window
from generator.spec import DATASETS, ENTITIES, EVENT_COLUMNS, Settings, change_day, clock, window_start
from generator.state import FinishedRun, World, manifest_file
from generator.writer import CsvFile, JsonLinesFile, NewFile, RecordFile

CHUNK_ORDERS = 20_000
CHUNK_RECORDS = 50_000
# A reader takes a CSV file whole, since a quoted value may hold line breaks: files that grow with the world would
# need memory that grows with it, and one processor.
ROWS_PER_FILE = 100_000

FactTable = Callable[[Orders, Window], pa.Table]
FACT_TABLES: dict[str, FactTable] = {
    "orders": facts.orders,
    "order_items": facts.order_items,
    "order_payments": facts.order_payments,
    "order_reviews": facts.order_reviews,
}


@dataclass(frozen=True)
class WrittenFile:
    """A file of a run, and its rows or events. Its folder's name is the dataset or entity."""

    path: Path
    rows: int

    @classmethod
    def of(cls, file: NewFile) -> "WrittenFile":
        """What a finished file is to a user."""
        return cls(file.path, file.rows)


@dataclass
class Run:
    """The next run of a world; `world` moves along and is the next state when all files are written.

    `fact_tables` are the tables made from orders, in the order in which their files appear.
    """

    world: World
    settings: Settings
    raw_path: Path
    cdc_path: Path
    fact_tables: dict[str, FactTable] = field(default_factory=FACT_TABLES.copy)
    number: int = field(init=False)
    window: Window = field(init=False)
    injector: Injector | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.number = len(self.world.runs)
        self.window = Window(window_start(self.number), clock(self.number))

    def write(self) -> Iterator[WrittenFile]:
        """Writes every file and yields it once it is in place."""
        with ExitStack() as until_the_end:
            if self.settings.dirty:
                manifest = manifest_file(self.raw_path, self.number)
                injector = Injector(self.world.seed, self.number, self.settings.dirty, manifest)
                self.injector = until_the_end.enter_context(injector)
            files = []
            for file in self._files():
                files.append(file)
                yield WrittenFile.of(file)
            if self.injector:
                self.injector.deliver_again(files)
        if self.injector:
            yield from map(WrittenFile.of, self.injector.extra_files)

    def _files(self) -> Iterator[RecordFile]:
        """Each file of the run, once it is in place."""
        for entity in ENTITIES:
            yield from self._begin_entity(self.world.entities[entity])
        if self.number == 0:
            yield from self._raw_files("geolocation", iter([geolocation(self.world.seed)]))
        self._place_orders()
        for dataset, make in self.fact_tables.items():
            yield from self._raw_files(dataset, (make(chunk, self.window) for chunk in self._order_chunks()))
        for entity in ENTITIES:
            yield from self._change_events(self.world.entities[entity])

    def _begin_entity(self, live: LiveTable) -> Iterator[RecordFile]:
        """The raw records that the last run's events changed and this run adds; a snapshot of the latter."""
        seed, changed = self.world.seed, np.array(live.changed_rows, dtype=np.uint64)
        added = live.grow(getattr(self.settings, live.entity) - live.base)
        rows = np.concatenate([changed, added])
        records = (live.records(seed, some) for some in _chunks(rows, CHUNK_RECORDS))
        yield from self._raw_files(live.entity, records)
        if added.size:
            events = (
                snapshot(live, seed, self.number, some, added.size, number * CHUNK_RECORDS)
                for number, some in enumerate(_chunks(added, CHUNK_RECORDS))
            )
            yield self._event_file(live.entity, 0, "snapshot", events)

    def _change_events(self, live: LiveTable) -> Iterator[RecordFile]:
        batches = change_batches(live, self.world.seed, self.number, self.settings.change_batches)
        for number, events in enumerate(batches, start=1):
            yield self._event_file(live.entity, number, "changes", iter([events]))

    def _raw_files(self, dataset: str, tables: Iterator[pa.Table]) -> Iterator[RecordFile]:
        """A file for the rows of each 100,000 orders or records; one with a header only when there are none."""
        chunk = CHUNK_RECORDS if dataset in ENTITIES else CHUNK_ORDERS
        together = max(1, ROWS_PER_FILE // chunk)
        yield self._raw_file(dataset, "", islice(tables, together))
        for number, first in enumerate(tables, start=1):
            rest = islice(tables, together - 1)
            yield self._raw_file(dataset, f"_{number:04d}", chain([first], rest))

    def _raw_file(self, dataset: str, part: str, tables: Iterator[pa.Table]) -> RecordFile:
        path = self.raw_path / dataset / f"{dataset}_run{self.number:05d}{part}.csv"
        return self._put(CsvFile(path, DATASETS[dataset]), dataset, tables)

    def _event_file(self, entity: str, batch: int, what: str, tables: Iterator[pa.Table]) -> RecordFile:
        path = self.cdc_path / entity / f"{entity}_run{self.number:05d}_{batch:04d}_{what}.jsonl"
        file = JsonLinesFile(path, (*EVENT_COLUMNS, *DATASETS[entity]))
        return self._put(file, f"{entity}_changes", tables)

    def _put(self, file: RecordFile, dataset: str, tables: Iterator[pa.Table]) -> RecordFile:
        with file:
            for table in tables:
                if self.injector:
                    self.injector.put(file, dataset, table)
                else:
                    file.add(table)
        return file

    def _place_orders(self) -> None:
        """Fixes which orders are this run's and whom they can name, before the changes of its last day."""
        rows = {entity: self.world.entities[entity].rows for entity in ENTITIES}
        self.world.runs.append(FinishedRun(self.world.next_order, self.settings.orders, **rows))
        if self.injector:
            some = next(self._order_chunks(), None)
            canceled = some.subset(some.status(self.window.end) == CANCELED).ids.to_pylist() if some else []
            self.injector.canceled_orders = canceled

    def market(self, number: int) -> Market:
        """Where the orders of a run, this one or an earlier, are placed."""
        entities, run = self.world.entities, self.world.runs[number]
        stocks = {entity: entities[entity].stock(getattr(run, entity), number) for entity in ENTITIES}
        return Market(self.world.seed, Window(window_start(number), change_day(number)), **stocks)

    def _order_chunks(self) -> Iterator[Orders]:
        """Orders of earlier runs to which something may still happen, then this run's own."""
        earliest = self.window.start - LONGEST_LIFE
        for number, run in enumerate(self.world.runs):
            if clock(number) <= earliest:
                continue
            market = self.market(number)
            for rows in _chunks(row_numbers(run.first_order, run.orders), CHUNK_ORDERS):
                orders = Orders(market, rows)
                yield orders if number == self.number else orders.subset(orders.purchase >= earliest)


def _chunks(rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, rows.size, size):
        yield rows[start : start + size]
