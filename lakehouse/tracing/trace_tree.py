"""What is behind rows of a table, table by table, down to the files."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.counting import counted
from common.home import Home
from lakehouse.specs import all_specs, spec_of
from lakehouse.tracing.file_lines import lines_of, raw_file
from local.engine.language.spec import PipelineSpec
from local.engine.lineage.traced_rows import TracedRows
from local.engine.lineage.traced_values import DIRECT, TracedValue
from local.engine.tracing.row_tracing import SOURCE_FILE, RowTracing
from local.engine.tracing.source_rows import Judged, SourceRow, TraceStep, changed_by_cleaning
from pipelines.catalog import writer_of
from pipelines.schemas import TABLES
from pipelines.schemas.utils import QUARANTINE

MOST_FOLLOWED = 10_000
_COMES_IN = {*DIRECT, "CONDITIONAL", "WINDOW"}
_KEYS = {table.name: table.keys for table in TABLES}


@dataclass(frozen=True)
class CleanedValue:
    """What became of a value of a source: `column` is that of the table that was made of it."""

    column: str
    source: str
    raw: Any
    value: Any


@dataclass(frozen=True)
class ShownRow:
    """A row with what cleaning made of it, and the file and lines that it stood in, where these are known."""

    row: SourceRow
    cleaned: tuple[CleanedValue, ...] = ()
    file: str = ""
    lines: tuple[int, ...] = ()


@dataclass
class TableTrace:
    """A table of a trace: `count` rows of it are behind those of the table that stands above, the first are `rows`.

    `columns` are those that come into what is above or decide about it. `rules` are the table's own, `on_the_way` those
    that judge its rows before the table above takes them. `notes` say what is not traced, and why.
    """

    name: str
    columns: list[str]
    count: int
    rows: list[ShownRow]
    rules: list[Judged] = field(default_factory=list)
    on_the_way: list[Judged] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    behind: list["TableTrace"] = field(default_factory=list)


def keys_of(table: str) -> Sequence[str]:
    """The key that pipelines/schemas declares; none for tables of other projects."""
    return _KEYS.get(table, ())


def specs_for(spec: Path | None, table: str) -> list[PipelineSpec]:
    """The pipelines that may make a table: another project's, or the one of this repository's that does."""
    if spec:
        return all_specs(spec)
    writer = writer_of(table)
    return [spec_of(writer.name)] if writer else []


@dataclass(frozen=True)
class Tracing:
    """Traces with the first `limit` rows of each table shown."""

    home: Home
    steps: RowTracing
    limit: int

    def trace(self, table: str, rows: Sequence[SourceRow], count: int) -> TableTrace:
        """The whole trace of rows of a table, of which there are `count`."""
        top = self._table(table, rows, TraceStep([]), None)
        if count > len(rows):
            top.notes.append(f"{len(rows):,} of {counted(count, 'row')} are traced: --limit, or --where")
        return top

    def _table(
        self, table: str, rows: Sequence[SourceRow], above: TraceStep, columns: set[str] | None
    ) -> TableTrace:
        """`columns` are those of the table that matter above; None for all."""
        values = [row.values for row in rows]
        names = [name for name in (values[0] if values else ()) if columns is None or name in columns]
        found = TableTrace(table, names, len(rows), [], on_the_way=above.judged)
        if not rows:
            return found
        if len(rows) > MOST_FOLLOWED:
            found.rows = self._shown(table, rows, above, from_files=False)
            found.notes.append(f"more than {counted(MOST_FOLLOWED, 'row')} are not followed further")
            return found
        step = self.steps.behind(table, values)
        found.rows = self._shown(table, rows, above, from_files=step.from_files)
        found.rules = self.steps.judged(table, values)
        found.notes += [*step.notes, *_told(step, columns)]
        followed = _followed(step, columns)
        for source, behind in step.behind.items():
            if source in followed:
                found.behind.append(self._table(source, behind, step, _used(step.origins, source, columns)))
        return found

    def _shown(
        self, table: str, rows: Sequence[SourceRow], above: TraceStep, *, from_files: bool
    ) -> list[ShownRow]:
        shown = list(rows[: self.limit])
        places: dict[int, tuple[str, tuple[int, ...]]] = {}
        if from_files and SOURCE_FILE in shown[0].values:
            places = self._places(table, shown)
        return [
            ShownRow(row, tuple(_cleanings(row, table, above)), *places.get(number, ("", ())))
            for number, row in enumerate(shown)
        ]

    def _places(self, table: str, rows: Sequence[SourceRow]) -> dict[int, tuple[str, tuple[int, ...]]]:
        by_file: dict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            by_file[str(row.values[SOURCE_FILE])].append(number)
        found = {}
        for name, numbers in by_file.items():
            file = raw_file(self.home, name)
            records = [_as_delivered(rows[number], table) for number in numbers]
            lines = lines_of(file, records, keys_of(table))
            for number, own in zip(numbers, lines, strict=True):
                found[number] = self.home.kept(str(file)), tuple(own)
        return found


def _as_delivered(row: SourceRow, table: str) -> dict[str, Any]:
    """The columns of the file; a row in quarantine holds them as JSON."""
    values = json.loads(row.values["record"]) if table == QUARANTINE.name else row.values
    return {name: value for name, value in values.items() if not name.startswith("_")}


def _cleanings(row: SourceRow, table: str, above: TraceStep) -> Iterable[CleanedValue]:
    """The values that the table above holds otherwise than this one, where each is made of one of this table's."""
    targets = above.rows[0] if above.rows else ()
    for column in above.origins.columns:
        name = column.name or ""
        if name not in row.cleaned or name not in targets:
            continue
        made_of = [origin for origin, uses in column.value.uses.items() if uses & {*DIRECT}]
        if len(made_of) == 1 and made_of[0].dataset == table:
            source = made_of[0].column
            if changed_by_cleaning(row.values[source], row.cleaned[name]):
                yield CleanedValue(name, source, row.values[source], row.cleaned[name])


def _mattering(origins: TracedRows, columns: set[str] | None) -> list[TracedValue]:
    return [one.value for one in origins.columns if columns is None or one.name in columns]


def _used(origins: TracedRows, source: str, columns: set[str] | None) -> set[str]:
    """The columns of a source that come into the columns that matter, or decide which rows there are."""
    values = [*_mattering(origins, columns), origins.conditions]
    return {origin.column for value in values for origin in value.uses if origin.dataset == source} | {
        *keys_of(source)
    }


def _followed(step: TraceStep, columns: set[str] | None) -> set[str]:
    """The sources that are worth to be followed: of those columns that matter, where these tell what they are made of.

    A column without an origin counts rows: then all sources matter.
    """
    values = _mattering(step.origins, columns)
    is_untold = step.origins.rest is not None or not values
    if columns is None or is_untold or any(one.unknown or not one.uses for one in values):
        return {*step.behind}
    return {origin.dataset for value in values for origin, uses in value.uses.items() if uses & _COMES_IN}


def _told(step: TraceStep, columns: set[str] | None) -> Iterable[str]:
    if step.windowed:
        names = [name for name in step.windowed if name in step.rows[0]]
        what = ", ".join(names) or "which rows there are"
        yield f"{what}: by a window, so by rows of other keys, too, which are not shown"
    if step.whole:
        yield f"all rows of {', '.join(sorted(step.whole))} come into each row, by a figure over the whole table"
    decides = sorted(step.deciding | ({*step.behind} - _followed(step, columns)))
    if decides:
        yield f"not followed, since none of their values comes into this figure: {', '.join(decides)}"
