"""The hidden table of an AUTO CDC target: what its next events must be compared with.

The target's own commit decides: its application transaction SHOWN is the version of the hidden table that belongs to
it. The hidden table is committed first. Where a crash came between the two, the target still names the version
before, and the next write goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from common.errors import UserError
from local.engine.cdc.change_events import DELETED, SEQUENCE, TRUNCATES, Events, each_once
from local.engine.cdc.columns import stacked
from local.engine.language.schemas import nullable
from local.engine.storage import delta

Write = Callable[[Path, Sequence[delta.DataFile], StructType, delta.Commit], None]

SHOWN = "auto-cdc-hidden-version"
# As many deliveries are kept side by side before they become one file.
MOST_FILES = 16


@dataclass(frozen=True)
class Hidden:
    """The hidden table in `folder` as the target shows it; `table` is None as long as it shows none."""

    folder: Path
    table: DeltaTable | None

    @classmethod
    def opened(cls, folder: Path, target: DeltaTable | None) -> "Hidden":
        """The hidden table of a target; UserError when it is gone."""
        shown = None if target is None else target.transaction_version(SHOWN)
        if shown is None:
            return cls(folder, None)
        table = delta.open_table(folder, shown)
        if table is None:
            raise UserError(f"{folder} is gone, which AUTO CDC needs: run with --full-refresh for its target")
        return cls(folder, table)

    @property
    def schema(self) -> StructType:
        """Its columns; none as long as there is no table."""
        return StructType() if self.table is None else delta.schema_of(self.table)

    def check(self, events: Events, names: Sequence[str]) -> None:
        """UserError when events with these columns do not go with what it holds: the flow was changed since."""
        if self.table is None:
            return
        there = {field.name: field.dataType.simpleString() for field in self.schema.fields}
        marks = {SEQUENCE, DELETED, TRUNCATES}
        wanted = {*events.keys, SEQUENCE}
        other_kind = (set(there) - marks == set(events.keys)) != (set(names) == set(events.keys))
        types = {name: events.schema[name].dataType.simpleString() for name in {*names, SEQUENCE}}
        changed = [
            f"{name} is {one}, was {there[name]}"
            for name, one in types.items()
            if there.get(name, one) != one
        ]
        if wanted - set(there) or other_kind or changed:
            what = ", ".join(changed) or "its keys, its type or ignore_null_updates were changed"
            raise UserError(
                f"AUTO CDC into {events.flow.target}: {what}: run with --full-refresh for the target"
            )

    @property
    def names(self) -> list[str]:
        """The names of its columns; none as long as there is no table."""
        return [] if self.table is None else [field.name for field in self.table.schema().fields]

    def rows(self, session: SparkSession) -> DataFrame | None:
        """What it holds; None as long as there is no table."""
        return None if self.table is None else delta.read_table(session, self.table)

    def add(self, session: SparkSession, events: Events, by_sequence: bool) -> int:
        """Commits more events and gives the version that holds them.

        Of each key only the last counts, or with `by_sequence` each with a sequence of its own.
        """
        known = self.rows(session)
        if self.table is not None and known is not None and len(self.table.file_uris()) < MOST_FILES:
            files = delta.stage(events.rows, self.folder)
            if not files:
                return self.table.version()
            restore(self.folder, self.table.version())
            return _committed(delta.append, self.folder, files, events.schema)
        if known is not None:
            rows, schema = stacked(known, self.schema, events.rows, events.schema)
            events = each_once(replace(events, rows=rows, schema=schema), by_sequence)
        return self.set(events.rows, events.schema)

    def set(self, rows: DataFrame, schema: StructType) -> int:
        """Commits rows, of this schema, in place of all that it holds and gives the version that holds them."""
        files = delta.stage(rows, self.folder)
        if not DeltaTable.is_deltatable(str(self.folder)):
            delta.create_table(self.folder, nullable(schema), delta.Layout())
        return _committed(delta.overwrite, self.folder, files, schema)


def _committed(write: Write, folder: Path, files: Sequence[delta.DataFile], schema: StructType) -> int:
    write(folder, files, nullable(schema), delta.Commit())
    return DeltaTable(folder).version()


def restore(folder: Path, version: int) -> None:
    """Takes back what was committed to a hidden table after the version that its target shows."""
    table = DeltaTable(folder)
    if table.version() != version:
        table.restore(version)


def repair(target: Path, state: Path) -> None:
    """Brings a hidden table back to what its target shows; to be called before its files are vacuumed.

    Reading and applying need no repair: they go by the target's own version.
    """
    shown = Hidden.opened(state, delta.open_table(target))
    if shown.table is not None:
        restore(state, shown.table.version())
