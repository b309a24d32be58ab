"""One CSV file as rows of text: by column name, nothing guessed, nothing lost."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow.compute import call_function

from common.errors import UserError
from local.engine.sources.rows import CORRUPT, UTF8_MARK, Wanted, batch, corrupt, rescued_members, with_texts
from local.engine.sources.texts.csv_format import CsvFormat, safe_names
from local.engine.sources.texts.csv_scan import BLOCK, is_plain

# An open quote is looked for an end so far. 16 MiB
LONGEST_RECORD = 16 << 20
# Rows that the careful parser gives at once.
ROWS = 50_000
LONGEST_HEADER = 1 << 20
LOST_CHARACTER = "\ufffd"


@dataclass(frozen=True)
class CsvFile:
    """A plain CSV file in UTF-8; `path` is what errors call it."""

    file: Path
    path: str
    layout: CsvFormat

    def names(self) -> list[str]:
        """The names of the file's columns, by its header or, without one, by their places; none for a blank file."""
        return self._header()[0]

    def batches(self, wanted: Wanted, by_position: bool) -> Iterator[pa.RecordBatch]:
        """The rows: an array of strings for each wanted column, null where the file lacks it.

        The columns are found by name, or by place. With `wanted.rescues` a record with too few or too many fields,
        an open quote or bytes that are not UTF-8 is a row of nulls with its text kept, and so is what is wrong with a
        file that holds no table; without, it is read as Spark does. With a column for the text of broken records such
        a row has the values that could be read, as on Databricks.
        """
        names, start, first = self._header()
        if by_position and names:
            names = wanted.names
        wrong = self._wrong(names, first, wanted)
        if wrong and not wanted.rescues:
            raise UserError(
                f"{self.path}: {wrong}; correct or remove the file, or ask for a rescued data column"
            )
        if wrong:
            yield corrupt([wrong], wanted, _texts(wanted))
            return
        bad: list[str] = []
        # The quick parser takes a blank line for a value where there is one column.
        if len(names) > 1 and is_plain(self.file, start, self.layout):
            for rows in self._quick(names, start, bad):
                yield _matched(names, list(rows.columns), wanted)
            yield from self._careful(names, bad, wanted)
        else:
            with self.file.open("rb") as content:
                content.seek(start)
                lines = io.TextIOWrapper(content, "utf-8", "replace", newline="")
                yield from self._careful(names, lines, wanted)

    def _header(self) -> tuple[list[str], int, str]:
        """The names, the byte at which the rows begin, and the beginning of the text."""
        with self.file.open("rb") as content:
            first = content.read(LONGEST_HEADER)
        mark = len(UTF8_MARK) if first.startswith(UTF8_MARK) else 0
        text = first[mark:].decode("utf-8", "surrogateescape")
        lines = io.StringIO(text, newline="")
        skipped = "".join(islice(lines, self.layout.skip_rows))
        length = len(skipped)
        record, taken = next(_records(lines, self.layout), ("", 0))
        length += taken
        if not record:
            return [], mark, text
        values, _ = self.layout.fields(record)
        start = mark + len(text[:length].encode("utf-8", "surrogateescape"))
        if self.layout.header:
            return safe_names(values), start, text
        return [f"_c{place}" for place in range(len(values))], mark + len(skipped.encode()), text

    def _wrong(self, names: list[str], first: str, wanted: Wanted) -> str | None:
        if not names:
            return "the file is empty"
        if "\x00" in first[:4096]:
            return "the file is no text"
        if self.layout.header and wanted.fields and all(wanted.position(name) is None for name in names):
            return f"the header has none of the expected columns: {','.join(names)[:1000]}"
        return None

    def _quick(self, names: list[str], start: int, bad: list[str]) -> Iterator[pa.RecordBatch]:
        def skip(row: arrow_csv.InvalidRow) -> str:
            bad.append(f"{row.text or ''}\n")
            return "skip"

        plain = self.layout.null_value == self.layout.empty_value == ""
        places = [str(place) for place in range(len(names))]
        with self.file.open("rb") as content:
            content.seek(start)
            if not content.read(1):
                return
            content.seek(start)
            reader = arrow_csv.open_csv(
                content,
                arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=places),
                arrow_csv.ParseOptions(
                    delimiter=self.layout.delimiter,
                    quote_char=self.layout.quote,
                    newlines_in_values=self.layout.multiline,
                    invalid_row_handler=skip,
                ),
                arrow_csv.ConvertOptions(
                    check_utf8=False,
                    column_types=dict.fromkeys(places, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=plain,
                ),
            )
            try:
                for rows in reader:
                    yield rows if plain else _with_nulls(rows, self.layout)
            except pa.ArrowInvalid as error:
                raise UserError(f"{self.path}: {error}; correct or remove the file") from error

    def _careful(self, names: list[str], lines: Iterable[str], wanted: Wanted) -> Iterator[pa.RecordBatch]:
        good: list[list[str | None]] = []
        bad: list[str] = []
        for record, _ in _records(lines, self.layout):
            values, opened = self.layout.fields(record)
            broken = opened or len(values) != len(names) or LOST_CHARACTER in record
            if broken and wanted.rescues:
                bad.append(record)
            else:
                good.append((values + [None] * len(names))[: len(names)])
            if len(good) + len(bad) >= ROWS:
                yield from self._careful_rows(names, good, bad, wanted)
                good, bad = [], []
        yield from self._careful_rows(names, good, bad, wanted)

    def _careful_rows(
        self, names: list[str], good: list[list[str | None]], bad: list[str], wanted: Wanted
    ) -> Iterator[pa.RecordBatch]:
        if good:
            yield _matched(names, _columns(good), wanted)
        if bad and wanted.position(CORRUPT) is None:
            yield corrupt(bad, wanted, _texts(wanted))
        elif bad:
            values = [(self.layout.fields(record)[0] + [None] * len(names))[: len(names)] for record in bad]
            yield with_texts(_matched(names, _columns(values), wanted), bad, wanted)


def _records(lines: Iterable[str], layout: CsvFormat) -> Iterator[tuple[str, int]]:
    """The records, without the end of their last line, and how many characters were taken since the last one.

    With multiLine a record goes on over lines while a quote is open. A quote that never closes, or that another
    one follows amidst a value, belongs to its first line alone.
    """
    unread = iter(lines)
    taken, pushed = 0, list[str]()
    while (line := pushed.pop() if pushed else next(unread, None)) is not None:
        taken += len(line)
        if layout.is_passed_over(line):
            continue
        record = line.rstrip("\r\n")
        if layout.multiline and layout.fields(record)[1]:
            more = _rest(line, unread, pushed, layout)
            taken += sum(map(len, more))
            record = "".join([line, *more]).rstrip("\r\n") if more else record
        yield record, taken
        taken = 0


def _rest(line: str, unread: Iterator[str], pushed: list[str], layout: CsvFormat) -> list[str]:
    """The further lines of a record whose quote is open; none when it does not close as it should."""
    more, length = list[str](), 0
    width = len(layout.fields(line.rstrip("\r\n"))[0])
    while (next_line := pushed.pop() if pushed else next(unread, None)) is not None:
        more.append(next_line)
        length += len(next_line)
        if layout.quote not in next_line and length < LONGEST_RECORD:
            continue
        values, opened = layout.fields("".join([line, *more]).rstrip("\r\n"))
        if not opened:
            stray = (values[width - 1] or "").startswith(layout.quote)
            if not stray:
                return more
        if not opened or length >= LONGEST_RECORD:
            break
    pushed.extend(reversed(more))
    return []


def _columns(rows: list[list[str | None]]) -> list[pa.Array]:
    return [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]


def _with_nulls(rows: pa.RecordBatch, layout: CsvFormat) -> pa.RecordBatch:
    null = pa.scalar(None, pa.string())
    columns = []
    for values in rows.columns:
        is_empty = call_function("equal", [values, pa.scalar("")])
        filled = call_function("if_else", [is_empty, pa.scalar(layout.empty_value), values])
        is_null = call_function("equal", [filled, pa.scalar(layout.null_value)])
        columns.append(call_function("if_else", [is_null, null, filled]))
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


def _matched(names: list[str], arrays: list[pa.Array], wanted: Wanted) -> pa.RecordBatch:
    rows = len(arrays[0])
    found: dict[int, pa.Array] = {}
    unknown: dict[str, pa.Array] = {}
    for name, values in zip(names, arrays, strict=True):
        position = wanted.position(name)
        if name in wanted.ignored:
            continue
        if position is None or position in found:
            unknown[name] = values
        else:
            found[position] = values
    columns = [found.get(place, pa.nulls(rows, pa.string())) for place in range(len(wanted.fields))]
    return batch(columns, rescued_members(unknown if wanted.rescues else {}, rows))


def _texts(wanted: Wanted) -> list[pa.DataType]:
    return [pa.string()] * len(wanted.fields)
