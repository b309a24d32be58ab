"""What is behind rows of a table, table by table, down to the files."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from common.counting import counted
from common.home import Home
from lakehouse.specs import all_specs, spec_of
from lakehouse.tracing.figure_columns import FigureColumns
from lakehouse.tracing.file_lines import lines_of, raw_file
from local.engine.language.spec import PipelineSpec
from local.engine.lineage.traced_values import DIRECT
from local.engine.tracing.row_tracing import SOURCE_FILE, RowTracing
from local.engine.tracing.source_rows import Judged, SourceRow, TraceStep, changed_by_cleaning
from pipelines.catalog import writer_of
from pipelines.schemas import TABLES
from pipelines.schemas.utils import QUARANTINE

MOST_FOLLOWED = 10_000
_KEYS = {table.name: table.keys for table in TABLES}
Figures = frozenset[int]
"""The rows that were asked for and that a row is behind, numbered from 1."""


@dataclass(frozen=True)
class CleanedValue:
    """What became of a value of a source: `column` is that of the table that was made of it."""

    column: str
    source: str
    raw: Any
    value: Any


@dataclass(frozen=True)
class ShownRow:
    """A row, the figures that it is behind, what cleaning made of it, and its file and lines where these are known."""

    row: SourceRow
    figures: Figures
    cleaned: tuple[CleanedValue, ...] = ()
    file: str = ""
    lines: tuple[int, ...] = ()


@dataclass
class TableTrace:
    """A table of a trace: `count` rows of it are behind those of the table that stands above, the first are `rows`.

    Of the table that was asked for, `count` rows meet the condition, and the first, `rows`, are traced.

    `columns` are those that come into what is above or decide about it; where one column was asked for, first those
    whose values come into it, `made_of`. `left_out` says by figure how many of the rows behind it are not among `rows`.
    `rules` are the table's own, `on_the_way` those that judge its rows before the table above takes them. `notes` say
    what is not traced, and why.
    """

    name: str
    columns: list[str]
    count: int
    rows: list[ShownRow]
    made_of: list[str] = field(default_factory=list)
    left_out: Mapping[int, int] = field(default_factory=dict)
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
    """Traces with the first `limit` rows of each table shown; `on_table` hears which table is asked about."""

    home: Home
    steps: RowTracing
    limit: int
    on_table: Callable[[str], None] = lambda _: None

    def trace(self, table: str, rows: Sequence[SourceRow], count: int, column: str = "") -> TableTrace:
        """The whole trace of rows of a table, of which there are `count`; of one column of theirs where it is given."""
        columns = FigureColumns({column, *keys_of(table)}, {column}) if column else FigureColumns()
        figures = [frozenset({number}) for number in range(1, len(rows) + 1)]
        top = self._table(table, rows, figures, TraceStep([]), columns)
        top.count = count
        if count > len(rows):
            top.notes.append(
                f"the first {len(rows):,} of {counted(count, 'row')} are traced: "
                "a narrower condition or a greater limit takes others in"
            )
        return top

    def _table(
        self,
        table: str,
        rows: Sequence[SourceRow],
        figures: Sequence[Figures],
        above: TraceStep,
        columns: FigureColumns,
    ) -> TableTrace:
        values = [row.values for row in rows]
        names, made_of = columns.in_order(values[0] if values else ())
        found = TableTrace(table, names, len(rows), [], made_of, on_the_way=above.judged)
        if not rows:
            return found
        chosen = dealt_out(figures, self.limit)
        of_figures = Counter(sorted(chain(*figures)))
        found.left_out = of_figures - Counter(chain(*(figures[one] for one in chosen)))
        shown = [(rows[one], figures[one]) for one in chosen]
        if len(rows) > MOST_FOLLOWED:
            found.rows = self._shown(table, shown, above, from_files=False)
            found.notes.append(f"more than {counted(MOST_FOLLOWED, 'row')} are not followed further")
            return found
        self.on_table(table)
        step = self.steps.behind(table, values)
        found.rows = self._shown(table, shown, above, from_files=step.from_files)
        found.rules = self.steps.judged(table, values)
        followed = columns.followed(step)
        found.notes += [*step.notes, *_told(step, columns, followed)]
        for source, behind in step.behind.items():
            if source in followed:
                own = [frozenset().union(*(figures[one] for one in places)) for places in step.places(source)]
                beyond = columns.behind(step.origins, source, keys_of(source))
                found.behind.append(self._table(source, behind, own, step, beyond))
        return found

    def _shown(
        self, table: str, shown: Sequence[tuple[SourceRow, Figures]], above: TraceStep, *, from_files: bool
    ) -> list[ShownRow]:
        rows = [row for row, _ in shown]
        places: dict[int, tuple[str, tuple[int, ...]]] = {}
        if from_files and SOURCE_FILE in rows[0].values:
            places = self._places(table, rows)
        return [
            ShownRow(row, figures, tuple(_cleanings(row, table, above)), *places.get(number, ("", ())))
            for number, (row, figures) in enumerate(shown)
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


def _told(step: TraceStep, columns: FigureColumns, followed: set[str]) -> Iterable[str]:
    names = [name for name in step.windowed if name in step.rows[0]]
    asked = [name for name in names if columns.values is None or name in columns.values]
    if step.windowed and (asked or not names):
        what = ", ".join(asked) or "which rows there are"
        yield f"{what}: by a window, so by rows of other keys, too, which are not shown"
    if step.whole:
        yield f"all rows of {', '.join(sorted(step.whole))} come into each row, by a figure over the whole table"
    decides = sorted(step.deciding | ({*step.behind} - followed))
    if decides:
        yield f"not followed, since none of their values comes into this figure: {', '.join(decides)}"


def dealt_out(figures: Sequence[Figures], most: int) -> list[int]:
    """Which rows are shown: the next one of each figure in turn, so that no figure's rows take all the places."""
    by_figure: dict[int, list[int]] = defaultdict(list)
    for number, own in enumerate(figures):
        for figure in sorted(own):
            by_figure[figure].append(number)
    turns = chain.from_iterable(zip_longest(*by_figure.values()))
    return sorted(islice(dict.fromkeys(one for one in turns if one is not None), most))
