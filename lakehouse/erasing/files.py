"""Delivered files without the records of a person: all else in them stays as it is, byte for byte."""

import csv
import hashlib
import os
import re
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from pipelines.schemas import bronze
from pipelines.schemas.privacy import ID_COLUMNS, ID_IN_TEXT

_KNOWN = {name for table in bronze.TABLES for name in table.source_columns} - set(ID_COLUMNS)


@dataclass(frozen=True)
class FileWithoutPerson:
    """A file that was rewritten, and how many records it lost."""

    path: Path
    records: int


def rewrite_files(folder: Path, digests: Collection[str]) -> Iterator[FileWithoutPerson]:
    """Takes the records of a person out of every CSV and JSON lines file below a folder, of hidden ones too.

    A file keeps its name and its time, so that it is not read again and still comes where it came among the others.
    """
    named = [path for path in folder.rglob("*") if path.suffix in (".csv", ".jsonl")]
    for path in sorted(path for path in named if path.is_file()):
        records = _rewritten(path, frozenset(digests))
        if records:
            yield FileWithoutPerson(path, records)


def _rewritten(path: Path, digests: frozenset[str]) -> int:
    split = csv_records if path.suffix == ".csv" else json_lines
    scratch = path.with_name(f"_{path.name}.erasing")
    gone = 0
    facts = path.stat()
    with _opened(path, "r") as old, _opened(scratch, "w") as new:
        for record, looked_at in split(old):
            if _has_one(looked_at, digests):
                gone += 1
            else:
                new.write(record)
        new.flush()
        os.fsync(new.fileno())
    if gone:
        os.utime(scratch, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        scratch.replace(path)
    else:
        scratch.unlink()
    return gone


def _opened(path: Path, mode: Literal["r", "w"]) -> TextIO:
    """Any byte is kept: what is no UTF-8 goes through as it is, and so do the ends of lines."""
    return path.open(mode, encoding="utf-8", errors="surrogateescape", newline="")


def csv_records(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Each record as it stands, with what of it may name a person by an id: a whole row's ids, else all of it.

    A record may have several lines; the header is one without ids.
    """
    # A quote that is never closed makes one field of all that follows.
    csv.field_size_limit(sys.maxsize)
    read_lines: list[str] = []

    def remembering() -> Iterator[str]:
        for line in lines:
            read_lines.append(line)
            yield line

    looked_at: list[int] = []
    width = 0
    for fields in csv.reader(remembering()):
        record = "".join(read_lines)
        read_lines.clear()
        if not width:
            width = len(fields)
            looked_at = [place for place, name in enumerate(fields) if name.strip() not in _KNOWN]
            yield record, ""
        elif len(fields) == width:
            yield record, "\n".join(fields[place] for place in looked_at)
        else:
            yield record, record
    yield "".join(read_lines), ""


def json_lines(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Each line, of which all may name a person by an id."""
    for line in lines:
        yield line, line


def _has_one(text: str, digests: frozenset[str]) -> bool:
    found = re.findall(ID_IN_TEXT, text.lower())
    return any(hashlib.sha256(one.encode()).hexdigest() in digests for one in found)
