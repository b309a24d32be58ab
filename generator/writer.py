"""Files as the readers may see them: complete, under their final name, written once."""

import csv
import filecmp
import io
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.csv

from generator.columns import constant, joined, kernels
from generator.errors import GeneratorError

# Small batches keep the memory of Arrow's formatting flat.
CSV_BODY = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed", batch_size=8192)

Record = dict[str, Any]
"""One row, by column: texts, whole numbers or None."""


class NewFile:
    """A file under construction: what readers look for (*.csv, *.jsonl) appears only when it is complete.

    A context manager; an error inside leaves no readable file. A finished file that is there already with the
    same bytes (of a run that was killed) stays as it is; with other bytes it is a GeneratorError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._temporary = path.with_name(f"_{path.name}.tmp")

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self._temporary.open("wb")
        return self

    def write(self, content: bytes | pa.Buffer, rows: int) -> None:
        """Appends `content`, which holds that many rows."""
        self._stream.write(content)
        self.rows += rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        if kind is not None:
            self._temporary.unlink()
        elif not self.path.exists():
            self._temporary.replace(self.path)
        else:
            self._leave_alone()

    def _leave_alone(self) -> None:
        same = filecmp.cmp(self._temporary, self.path, shallow=False)
        self._temporary.unlink()
        if not same:
            raise GeneratorError(
                f"{self.path} is there already and is not what this run writes; a raw file is never "
                "rewritten: move it away, or generate into another folder"
            )


class RecordFile(NewFile):
    """A file of records with fixed columns, in one of the two formats below."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        super().__init__(path)
        self.columns = columns

    def add(self, table: pa.Table) -> None:
        """Appends the table's rows; columns that the file does not have are left out."""
        if table.num_rows:
            self.write(self._body(table.select(self.columns)), table.num_rows)

    def add_line(self, line: str) -> None:
        """Appends one line (or more, where a value holds line breaks) as it is."""
        self.write(f"{line}\n".encode(), 1)

    def line(self, record: Record) -> str:
        """A record as the format writes it, without the line end."""
        raise NotImplementedError

    def _body(self, table: pa.Table) -> pa.Buffer:
        raise NotImplementedError


class CsvFile(RecordFile):
    """CSV (RFC 4180, UTF-8) with a header, which is there even when no row is; null is an empty field."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.write((",".join(self.columns) + "\n").encode(), 0)
        return self

    def line(self, record: Record) -> str:
        """The record as a CSV line."""
        text = io.StringIO()
        csv.writer(text).writerow([record[name] for name in self.columns])
        return text.getvalue().removesuffix("\r\n")

    def _body(self, table: pa.Table) -> pa.Buffer:
        sink = pa.BufferOutputStream()
        pyarrow.csv.write_csv(table, sink, CSV_BODY)
        return sink.getvalue()


class JsonLinesFile(RecordFile):
    """JSON objects, one a line, every column in each."""

    def line(self, record: Record) -> str:
        """The record as a JSON object."""
        chosen = {name: record[name] for name in self.columns}
        return json.dumps(chosen, ensure_ascii=False, separators=(",", ":"))

    def _body(self, table: pa.Table) -> pa.Buffer:
        parts: list[pa.Array | str] = []
        for number, name in enumerate(self.columns):
            parts += [
                f"{',' if number else '{'}{json.dumps(name)}:",
                _json_values(table[name].combine_chunks()),
            ]
        return joined(*parts, "}\n").buffers()[2]


def _json_values(column: pa.Array) -> pa.Array:
    text = column.cast(pa.string())
    if not pa.types.is_integer(column.type):
        escaped = kernels.replace_substring(kernels.replace_substring(text, "\\", "\\\\"), '"', '\\"')
        text = joined('"', escaped, '"')
    return text.fill_null(constant("null"))


def write_text(path: Path, text: str) -> None:
    """Puts a small file in place at one stroke, over an older one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"_{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
