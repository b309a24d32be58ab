"""Parquet and ORC files that are wrong, and what stands in a folder of files and is none."""

import io
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from pyarrow import orc, parquet

from tests.torture.corpus.csv_kinds import GOOD, TOKENS
from tests.torture.corpus.kind import Kind, of_bytes

ROWS = {"id": ["r-1", "r-2"], "name": ["one", "two"], "amount": pa.array([1, 2], pa.int32())}


def kinds() -> Iterator[Kind]:
    """All of them."""
    yield from _columnar()
    yield from _in_the_folder()


def _columnar() -> Iterator[Kind]:
    good, stripes = _parquet(pa.table(ROWS)), io.BytesIO()
    orc.write_table(pa.table(ROWS), stripes)
    wrong = {
        "cut short": good[: len(good) // 2],
        "nothing": b"",
        "only its marks": b"PAR1PAR1",
        "without its end": good[:-6],
        "a wrong footer": good[:-40] + bytes(32) + good[-8:],
        "wrong pages": good[:4] + b"\xff" * 60 + good[64:],
        "text": GOOD.encode(),
    }
    for name, content in {"good": good, **wrong}.items():
        yield of_bytes(f"Parquet: {name}", "parquet", content, ("r-1", "r-2"))
    for name, table in _tables():
        yield of_bytes(f"Parquet: {name}", "parquet", _parquet(table), _marks(table))
    packed = stripes.getvalue()
    for name, content in {"good": packed, "cut short": packed[: len(packed) // 2], "nothing": b""}.items():
        yield of_bytes(f"ORC: {name}", "orc", content, ("r-1", "r-2"))


def _tables() -> Iterator[tuple[str, pa.Table]]:
    table = pa.table(ROWS)
    twice = pa.Table.from_arrays([*table.columns, pa.array(["x", "y"])], [*table.column_names, "name"])
    yield "a text for a number", table.set_column(2, "amount", pa.array(["r-1", "r-2"]))
    yield "a number that does not fit", table.set_column(2, "amount", pa.array([1, 1 << 40]))
    yield "a column too many", table.append_column("more", pa.array(["r-5", "r-6"]))
    yield "a column is missing", table.drop_columns(["name"])
    yield "names in other case", table.rename_columns(["ID", "NAME", "AMOUNT"])
    yield "a name twice", twice
    yield "no rows", table.slice(0, 0)
    yield "nested", table.set_column(1, "name", pa.array([{"a": [1]}, {"a": [2]}]))
    yield "a moment to the nanosecond", table.append_column("at", pa.array([1, 2], pa.timestamp("ns")))
    yield "a moment beyond all", table.append_column("at", pa.array([datetime.max.replace(tzinfo=UTC)] * 2))
    yield "bytes for a text", table.set_column(1, "name", pa.array([b"\xff", b"\x00"]))


def _marks(table: pa.Table) -> tuple[str, ...]:
    return tuple(table.column(0).to_pylist())


def _parquet(table: pa.Table) -> bytes:
    content = io.BytesIO()
    parquet.write_table(table, content)
    return content.getvalue()


def _in_the_folder() -> Iterator[Kind]:
    names = (
        "a b.csv",
        "a%20b.csv",
        "a\nb.csv",
        "a'b\"c.csv",
        "\u00e9\U0001f600.csv",
        "a#b?c.csv",
        "x" * 250 + ".csv",
    )
    for name in names:
        yield of_bytes(f"a file called {name[:20]!r}", "csv", GOOD.encode(), TOKENS, name)
    undecodable = os.fsdecode(b"\xff\xfe.csv")
    yield of_bytes("a file whose name is no text", "csv", GOOD.encode(), TOKENS, undecodable)
    for name, lay in _ODD.items():
        marks = TOKENS if "with a file" in name else ("r-1",) if "empty" not in name else ()
        yield Kind(name, "csv", "bad.csv", lay, marks)
    if os.geteuid():
        yield Kind("a file that may not be read", "csv", "bad.csv", _unreadable, TOKENS)


def _unreadable(folder: Path) -> None:
    (folder / "bad.csv").write_text(GOOD)
    (folder / "bad.csv").chmod(0)


def _folder_with_a_file(folder: Path) -> None:
    (folder / "bad.csv").mkdir()
    (folder / "bad.csv" / "a.csv").write_text(GOOD)


def _socket(folder: Path) -> None:
    # The path of a socket may have a hundred characters only.
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(folder)
        listening.bind("bad.csv")
        os.chdir(here)


_ODD: dict[str, Callable[[Path], object]] = {
    "an empty folder called like a file": lambda folder: (folder / "bad.csv").mkdir(),
    "a folder called like a file, with a file": _folder_with_a_file,
    "a link to nothing": lambda folder: (folder / "bad.csv").symlink_to("nothing"),
    "a link to itself": lambda folder: (folder / "bad.csv").symlink_to("bad.csv"),
    "a link to zeros without end": lambda folder: (folder / "bad.csv").symlink_to("/dev/zero"),
    "a pipe": lambda folder: os.mkfifo(folder / "bad.csv"),
    "a socket": _socket,
}
