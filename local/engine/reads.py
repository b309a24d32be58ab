"""What a query function reads, noted while it is called."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.connect.session import SparkSession as ConnectSession
from pyspark.sql.connect.streaming.readwriter import DataStreamReader

_open: list["Reads"] = []


@dataclass
class Reads:
    """The tables and the pipeline's own views, the files and folders, and what cannot be followed."""

    tables: set[str] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def add(self, other: "Reads") -> None:
        """Notes what another query reads, too."""
        self.tables |= other.tables
        self.views |= other.views
        self.paths |= other.paths
        self.unknown |= other.unknown


@contextmanager
def noted() -> Iterator[Reads]:
    """What is read by the query functions that are called in this context (see `methods`)."""
    reads = Reads()
    _open.append(reads)
    try:
        yield reads
    finally:
        _open.remove(reads)


@contextmanager
def unnoted() -> Iterator[None]:
    """In this context nothing is noted."""
    kept = _open.copy()
    _open.clear()
    try:
        yield
    finally:
        _open.extend(kept)


def note_path(path: Any, source: str) -> None:
    """Notes a read from files; without a path it is one of something that only the source knows."""
    paths = path if isinstance(path, list) else [path]
    for reads in _open:
        for one in paths:
            if isinstance(one, str) and Path(one).is_absolute():
                reads.paths.add(one)
            else:
                reads.unknown.add(f"{source} {one or ''}".strip())


def note_view(name: str) -> None:
    """Notes that the query is built on a view of the pipeline's."""
    for reads in _open:
        reads.views.add(name)


def methods() -> list[tuple[type, str, Callable[..., Any]]]:
    """The methods of Spark that read by name, each as one that notes the name and goes on."""
    table = [(reader, "table", _noting_table(reader.table)) for reader in (DataFrameReader, DataStreamReader)]
    return [
        *table,
        (ConnectSession, "table", _noting_table(ConnectSession.table)),
        (ConnectSession, "sql", _noting_sql(ConnectSession.sql)),
    ]


def _noting_table(native: Callable[..., Any]) -> Callable[..., Any]:
    def table(self: Any, name: str, *arguments: Any, **options: Any) -> Any:
        for reads in _open:
            reads.tables.add(name)
        return native(self, name, *arguments, **options)

    return table


def _noting_sql(native: Callable[..., Any]) -> Callable[..., Any]:
    def sql(self: Any, *arguments: Any, **options: Any) -> Any:
        for reads in _open:
            reads.unknown.add("spark.sql")
        return native(self, *arguments, **options)

    return sql
