"""The workspace's memory: one SQLite file, every write on disk before its call is answered."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.errors import UserError

_FORMAT = 1
_TABLES = """
create table if not exists documents (
    kind text not null, key text not null, doc text not null, primary key (kind, key)
) without rowid;
create table if not exists objects (
    object_id integer primary key autoincrement, path text not null unique, parent text not null,
    object_type text not null, language text, created_at integer not null, modified_at integer not null,
    content blob
);
create index if not exists objects_by_parent on objects (parent, path);
create table if not exists events (
    seq integer primary key autoincrement, pipeline_id text not null, update_id text not null,
    doc text not null
);
create index if not exists events_by_pipeline on events (pipeline_id, seq);
create table if not exists ids (kind text primary key, last integer not null) without rowid;
"""


class Store:
    """Documents in JSON by kind and key, workspace objects and pipeline events; safe against a crash at any moment.

    All writes of one `transaction` reach the disk together or not at all.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._depth = 0

    @classmethod
    def open(cls, path: Path) -> "Store":
        """The store at `path`, created when it is not there; a damaged one is a UserError."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not path.exists()
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, is_new=is_new)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise UserError(
                f"{path} is damaged ({error}). Put a copy of it back, or run `lakehouse workspace --reset`, "
                "which empties the workspace (files, pipelines, jobs, grants) and keeps tables and volumes"
            ) from error
        path.chmod(0o600)
        return cls(connection)

    def close(self) -> None:
        """Give the file back; nothing is left to write."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection, with all that happens inside committed at the end of the outermost block."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("begin immediate")
            self._depth += 1
            try:
                yield self._connection
            except BaseException:
                self._end("rollback")
                raise
            self._end("commit")

    def _end(self, statement: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._connection.execute(statement)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a select."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def get(self, kind: str, key: str | int) -> str | None:
        """One document, as JSON, or None."""
        rows = self.query("select doc from documents where kind = ? and key = ?", kind, str(key))
        return rows[0][0] if rows else None

    def all(self, kind: str) -> list[str]:
        """Every document of a kind, by key."""
        return [row[0] for row in self.query("select doc from documents where kind = ? order by key", kind)]

    def keys(self, kind: str) -> list[str]:
        """The keys of a kind's documents."""
        return [row[0] for row in self.query("select key from documents where kind = ? order by key", kind)]

    def below(self, kind: str, prefix: str) -> list[str]:
        """The documents whose key begins with `prefix`, by key."""
        sql = "select doc from documents where kind = ? and key >= ? and key < ? order by key"
        return [row[0] for row in self.query(sql, kind, prefix, _after(prefix))]

    def delete_below(self, kind: str, prefix: str) -> None:
        """Forget the documents whose key begins with `prefix`."""
        with self.transaction() as connection:
            sql = "delete from documents where kind = ? and key >= ? and key < ?"
            connection.execute(sql, (kind, prefix, _after(prefix)))

    def put(self, kind: str, key: str | int, document: str) -> None:
        """Create or replace one document."""
        with self.transaction() as connection:
            connection.execute(
                "insert or replace into documents values (?, ?, ?)", (kind, str(key), document)
            )

    def delete(self, kind: str, key: str | int) -> None:
        """Forget one document, if it is there."""
        with self.transaction() as connection:
            connection.execute("delete from documents where kind = ? and key = ?", (kind, str(key)))

    def next_id(self, kind: str) -> int:
        """A number that no other object of the kind ever had."""
        with self.transaction() as connection:
            rows = connection.execute(
                "insert into ids values (?, 1) on conflict (kind) do update set last = last + 1"
                " returning last",
                (kind,),
            ).fetchall()
            return rows[0][0]


def _after(prefix: str) -> str:
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _prepare(connection: sqlite3.Connection, *, is_new: bool) -> None:
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    found = connection.execute("pragma quick_check").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)
    version = connection.execute("pragma user_version").fetchone()[0]
    # A truncated file reads as an empty database, which only a new one may be.
    if version != _FORMAT and not (is_new and version == 0):
        raise sqlite3.DatabaseError(f"it has format {version}, this program reads {_FORMAT}")
    connection.executescript(_TABLES)
    connection.execute(f"pragma user_version = {_FORMAT}")
