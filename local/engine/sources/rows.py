"""What every parser of files gives: rows as Arrow batches, and what did not fit them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
from pyspark.sql.types import StructField

CORRUPT = "_corrupt_record"
FILE_PATH = "_file_path"
# Positions instead of names: a file may name its columns as it likes, and twice but for letter case.
RESCUED_MEMBERS = "rescued"
UTF8_MARK = b"\xef\xbb\xbf"
# What Spark writes in hexadecimal in the address of a file; letters of other languages stay.
ESCAPED = re.compile(r'[\x00-\x20"#%<>?\[\\\]^`{|}\x7f]')


@dataclass(frozen=True)
class Wanted:
    """The columns that a file's rows are to have; `rescues` says whether what does not fit is kept beside them.

    `ignored` are names of columns that stand elsewhere: in the file's folders.
    """

    fields: tuple[StructField, ...]
    rescues: bool
    case_sensitive: bool = True
    ignored: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        """The columns' names, in their order."""
        return [field.name for field in self.fields]

    def position(self, name: str) -> int | None:
        """Which of the columns a file's column is; its letter case matters only where it would be rescued."""
        if name in self._exact:
            return self._exact[name]
        ignores_case = not (self.rescues and self.case_sensitive)
        return self._lower.get(name.lower()) if ignores_case else None

    @cached_property
    def _exact(self) -> dict[str, int]:
        return {field.name: position for position, field in enumerate(self.fields)}

    @cached_property
    def _lower(self) -> dict[str, int]:
        return {field.name.lower(): position for position, field in enumerate(self.fields)}


def address(path: str) -> str:
    """A local file's address as `_metadata.file_path` has it, such as file:/data/a%20b.csv."""
    return "file:" + ESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", path)


def members(values: Mapping[str, Any]) -> str | None:
    """Values as the inside of a JSON object, null when there is none: `"a":"1","b":"2"`."""
    return (
        json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)[1:-1] if values else None
    )


def rescued_members(unknown: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """The rescued members of each of so many rows, from the columns whose values are to be kept."""
    if not unknown:
        return pa.nulls(rows, pa.string())
    columns = {name: values.to_pylist() for name, values in unknown.items()}
    found = (
        {name: values[row] for name, values in columns.items() if values[row] is not None}
        for row in range(rows)
    )
    return pa.array([members(values) for values in found], pa.string())


def column_name(position: int) -> str:
    """The name of a column on its way to the engine."""
    return f"c{position}"


def batch(columns: list[pa.Array], rescued: pa.Array) -> pa.RecordBatch:
    """The columns in their order, and the rescued members of each row."""
    names = [column_name(position) for position in range(len(columns))]
    return pa.RecordBatch.from_arrays([*columns, rescued], names=[*names, RESCUED_MEMBERS])


def corrupt(texts: list[str], wanted: Wanted, types: list[pa.DataType]) -> pa.RecordBatch:
    """A row of nulls for each text, the text in the rescued members and in the column for it, if there is one."""
    empty = batch([pa.nulls(len(texts), kind) for kind in types], pa.nulls(len(texts), pa.string()))
    return with_texts(empty, texts, wanted)


def with_texts(rows: pa.RecordBatch, texts: list[str], wanted: Wanted) -> pa.RecordBatch:
    """The rows of broken records with each record's text: rescued, and in the column for it, if there is one."""
    columns = rows.columns[:-1]
    place = wanted.position(CORRUPT)
    if place is not None:
        columns[place] = pa.array(texts, pa.string())
    return batch(columns, pa.array([members({CORRUPT: text}) for text in texts], pa.string()))
