"""Delta tables: the engine writes Parquet files, delta-rs commits them.

Rows, the counts of expectations and how far the sources were read are one commit: its metadata holds the counts
(JSON under `METADATA`), its application transactions the numbers of the progress that counts with it (see progress).
Until the commit stands, the files belong to nobody and `vacuum` removes them.
"""

import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.transaction import AddAction, RemoveAction
from pyarrow import fs, parquet

from common.errors import NotSupplied
from local.engine.storage.log import CAUSE, TRANSACTIONS, checkpoint_files, commit_files
from local.engine.storage.opened import newest

if TYPE_CHECKING:
    # Whoever only looks at tables (the workspace, the page, `lakehouse tables`) starts without pyspark and pandas.
    from pyarrow.dataset import Dataset
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

METADATA = "lakehouse"
WHOLE = "lakehouse.whole"
_MAPPED = "delta.columnMapping.mode"
# As many commits as on Databricks. A log is read from its last checkpoint on, and delta-rs writes one every hundred.
CHECKPOINT_EVERY = 10


@dataclass(frozen=True)
class Commit:
    """What goes with the rows: `transactions` map a flow to the number of its progress, `metadata` is plain JSON.

    `cause` says what made the commit, where no update did.
    """

    transactions: Mapping[str, int] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""

    @property
    def properties(self) -> CommitProperties:
        """As delta-rs takes it."""
        # Transactions are the last lines of a commit: there is always one, by whose absence a cut is seen.
        numbers = {WHOLE: 1, **self.transactions}
        return CommitProperties(
            custom_metadata={
                METADATA: json.dumps(self.metadata),
                TRANSACTIONS: str(len(numbers)),
                **({CAUSE: self.cause} if self.cause else {}),
            },
            app_transactions=[Transaction(flow, number) for flow, number in numbers.items()],
        )


@dataclass(frozen=True)
class Layout:
    """What a table is beside its rows; column comments are the `comment` in the metadata of the schema's fields."""

    comment: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DataFile:
    """A Parquet file in a table's folder."""

    path: Path
    rows: int


def open_table(folder: Path, version: int | None = None) -> DeltaTable | None:
    """The table in a folder, now or at a version; None when there is none.

    Raises UserError for a log that cannot be read, with the file where a commit was cut short.
    """
    table = newest(folder)
    return DeltaTable(folder, version=version) if table and version is not None else table


def schema_of(table: DeltaTable) -> "StructType":
    """The table's columns, with their comments."""
    from pyspark.sql.types import StructType

    return StructType.fromJson(json.loads(table.schema().to_json()))


def read_table(session: "SparkSession", table: DeltaTable) -> "DataFrame":
    """The table's rows, from the data files that its log names: what is written later does not change them."""
    return read_files(session, schema_of(table), data_files(table))


def data_files(table: DeltaTable) -> list[Path]:
    """The Parquet files that the table's log names.

    Raises NotSupplied for a table of another writer whose rows are not the files' alone: with deletion vectors,
    partition columns or mapped columns.
    """
    _must_be_plain(table)
    # As delta-rs names them, the folder is written as in an address: %20 for a blank. Sail finds no row there.
    folder, address = folder_of(table), urlsplit(table.table_uri).path
    return [folder / uri.removeprefix(address) for uri in table.file_uris()]


def _must_be_plain(table: DeltaTable) -> None:
    if partitions := table.metadata().partition_columns:
        raise NotSupplied(
            f"{folder_of(table)}: partition columns of a Delta table ({', '.join(partitions)}) stand in no file, "
            "and are not read on one machine: write the table without them"
        )
    if (mode := table.metadata().configuration.get(_MAPPED, "none")) != "none":
        raise NotSupplied(
            f"{folder_of(table)}: its files name the columns otherwise than its log ({_MAPPED} = {mode}), and so they "
            "would be null: copy it into a table without the property (CREATE TABLE ... AS SELECT)"
        )
    features = table.protocol().reader_features or ()
    if "deletionVectors" in features and any(batch.num_rows for batch in table.deletion_vectors()):
        raise NotSupplied(
            f"{folder_of(table)}: deletion vectors of a Delta table are not read on one machine, so that rows which "
            "are deleted would show: write its files anew (REORG TABLE ... APPLY (PURGE))"
        )


def folder_of(table: DeltaTable) -> Path:
    """Where a table stands."""
    return Path(unquote(urlsplit(table.table_uri).path))


def arrow_table(table: DeltaTable, columns: list[str] | None = None) -> pa.Table:
    """The table's rows, or some columns of them, without an engine."""
    return arrow_dataset(table).to_table(columns=columns)


def arrow_dataset(table: DeltaTable) -> "Dataset":
    """The table as a dataset of Arrow, which reads no more of its files than is asked for.

    By Arrow's own reader of files: with delta-rs's one process in four aborts when it ends.
    """
    files = fs.SubTreeFileSystem(str(folder_of(table)), fs.LocalFileSystem())
    return table.to_pyarrow_dataset(filesystem=files)


def read_files(session: "SparkSession", schema: "StructType", files: Sequence[str | Path]) -> "DataFrame":
    """The rows of Parquet files in these columns; a column that a file lacks is null."""
    from pyspark.sql.connect.readwriter import DataFrameReader
    from pyspark.sql.types import StructType

    columns = StructType.fromJson(_without_numbers(schema.jsonValue()))
    if not files:
        return session.createDataFrame([], columns)
    # The session of a pipeline reads otherwise.
    reader: Any = DataFrameReader(session)  # pyright: ignore[reportArgumentType]
    return reader.schema(columns).parquet(*map(str, files))


def _without_numbers(schema: Any) -> Any:
    """A schema in JSON with texts only in its metadata: Sail reads no struct beside others, as Spark's windows have."""
    if isinstance(schema, list):
        return [_without_numbers(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: text for name, text in value.items() if isinstance(text, str)}
        if key == "metadata"
        else _without_numbers(value)
        for key, value in schema.items()
    }


def stage(rows: "DataFrame", folder: Path) -> list[DataFile]:
    """Writes the rows as files in a table's folder, which the table does not hold yet."""
    scratch = folder / f"_stage-{uuid4().hex}"
    try:
        rows.write.option("compression", "snappy").parquet(str(scratch))
        written = [_taken(file, folder) for file in sorted(scratch.glob("*.parquet"))]
    finally:
        # Sail makes no folder for a frame that it knows to be empty.
        shutil.rmtree(scratch, ignore_errors=True)
    return [file for file in written if file.rows]


def _taken(file: Path, folder: Path) -> DataFile:
    target = folder / f"part-{uuid4().hex}.parquet"
    rows = parquet.read_metadata(file).num_rows
    file.rename(target)
    return DataFile(target, rows)


def create_table(folder: Path, schema: "StructType", layout: Layout) -> DeltaTable:
    """An empty table in a folder that holds none."""
    return DeltaTable.create(
        folder,
        Schema.from_json(schema.json()),
        description=layout.comment,
        configuration=dict(layout.properties),
        raise_if_key_not_exists=False,
    )


def append(folder: Path, files: Sequence[DataFile], schema: "StructType", commit: Commit) -> None:
    """Adds the rows of staged files; columns that the table lacks are added, too."""
    _write(folder, files, schema, commit, "append")


def overwrite(folder: Path, files: Sequence[DataFile], schema: "StructType", commit: Commit) -> None:
    """Replaces the table's rows and columns by those of staged files."""
    _write(folder, files, schema, commit, "overwrite")


def replace(
    folder: Path, removed: Sequence[Path], files: Sequence[DataFile], schema: "StructType", commit: Commit
) -> None:
    """Puts the rows of staged files in the place of some of the table's files, as `DeltaTable.file_uris` names them."""
    now = time.time_ns() // 1_000_000
    gone = [
        RemoveAction(str(file.relative_to(folder)), True, now, file.stat().st_size, {}) for file in removed
    ]
    _write(folder, files, schema, commit, "append", gone)


def _write(
    folder: Path,
    files: Sequence[DataFile],
    schema: "StructType",
    commit: Commit,
    mode: str,
    removed: Sequence[RemoveAction] = (),
) -> None:
    table = newest(folder) or DeltaTable(folder)
    if mode == "append":
        _add_columns(table, schema)
    table.create_write_transaction(
        [*removed, *[_action(file, folder) for file in files]],
        mode,
        Schema.from_json(schema.json()),
        commit_properties=commit.properties,
        post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
    )
    make_lasting(folder)
    write_checkpoint(table)


def write_checkpoint(table: DeltaTable) -> None:
    """Writes a checkpoint of the version that the table is open at, if it is time for one."""
    if table.version() and table.version() % CHECKPOINT_EVERY == 0:
        table.create_checkpoint()
        # The newest and the one that names it; those before are on the disk.
        make_lasting(folder_of(table), checkpoint_files(folder_of(table))[-2:])


def make_lasting(folder: Path, files: Sequence[Path] = ()) -> None:
    """Has files of a table's log, by default its newest commit, on the disk: delta-rs leaves to the system when."""
    for path in (*(files or commit_files(folder)[:1]), folder / "_delta_log", folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _add_columns(table: DeltaTable, schema: "StructType") -> None:
    """In a commit of its own: delta-rs takes a wider append and leaves the table's columns as they were."""
    from pyspark.sql.types import StructField, StructType

    there = {field.name for field in table.schema().fields}
    wider = StructType([StructField(f.name, f.dataType, True, f.metadata) for f in schema.fields])
    missing = [field for field in Schema.from_json(wider.json()).fields if field.name not in there]
    if missing:
        table.alter.add_columns(missing)


def _action(file: DataFile, folder: Path) -> AddAction:
    """What a commit says of a file, which is on the disk before it: of those that are staged many are in no commit."""
    with file.path.open("rb") as content:
        os.fsync(content.fileno())
    facts = file.path.stat()
    return AddAction(
        path=str(file.path.relative_to(folder)),
        size=facts.st_size,
        partition_values={},
        modification_time=facts.st_mtime_ns // 1_000_000,
        data_change=True,
        stats=json.dumps({"numRecords": file.rows}),
    )
