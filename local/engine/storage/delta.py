"""Delta tables by delta-rs: their folders, versions, files and commits.

Rows, the counts of expectations and how far the sources were read are one commit: its metadata holds the counts
(JSON under `METADATA`), its application transaction the number of the progress that counts with it (see progress).
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Schema, Transaction, write_deltalake
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

METADATA = "lakehouse"


@dataclass(frozen=True)
class Commit:
    """What goes with the rows: `transactions` map a flow to the number of its progress, `metadata` is plain JSON."""

    transactions: Mapping[str, int] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def properties(self) -> CommitProperties:
        """As delta-rs takes it."""
        return CommitProperties(
            custom_metadata={METADATA: json.dumps(self.metadata)},
            app_transactions=[Transaction(flow, number) for flow, number in self.transactions.items()],
        )


@dataclass(frozen=True)
class Layout:
    """What a table is beside its rows."""

    comment: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    partition_by: tuple[str, ...] = ()


def table_path(warehouse: Path, name: str) -> Path:
    """The folder of `schema.table`, or of `catalog.schema.table` for a catalog that is not the pipeline's own."""
    *catalog, schema, table = name.split(".")
    return warehouse.joinpath(*(f"{one}.catalog" for one in catalog), f"{schema}.db", table)


def table_names(warehouse: Path) -> list[str]:
    """Every Delta table below the warehouse that readers see, sorted; names as `table_path` takes them."""
    logs = [*warehouse.glob("*.db/*/_delta_log"), *warehouse.glob("*.catalog/*.db/*/_delta_log")]
    parts = [log.parent.relative_to(warehouse).parts for log in logs]
    names = [".".join(part.removesuffix(".db").removesuffix(".catalog") for part in each) for each in parts]
    return sorted(name for name in names if not name.split(".")[-1].startswith((".", "__")))


def open_table(folder: Path, version: int | None = None) -> DeltaTable | None:
    """The table in a folder, now or at a version; None when there is none."""
    return DeltaTable(folder, version=version) if DeltaTable.is_deltatable(str(folder)) else None


def read(session: SparkSession, table: DeltaTable) -> DataFrame:
    """The table's rows, from the data files that its log names: what is written later does not change them."""
    schema = StructType.fromJson(json.loads(table.schema().to_json()))
    files = table.file_uris()
    if not files:
        return session.createDataFrame([], schema)
    return session.read.schema(schema).parquet(*files)


def create(folder: Path, rows: pa.RecordBatchReader, commit: Commit, layout: Layout) -> None:
    """A new table with these rows; it stands in its folder from one moment to the next. Field metadata `comment`
    of the rows' schema are the columns' comments."""
    scratch = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    DeltaTable.create(
        scratch,
        Schema.from_arrow(rows.schema),
        description=layout.comment,
        configuration=dict(layout.properties),
        partition_by=list(layout.partition_by) or None,
        raise_if_key_not_exists=False,
    )
    append(scratch, rows, commit)
    shutil.rmtree(folder, ignore_errors=True)
    scratch.rename(folder)


def append(folder: Path, rows: pa.RecordBatchReader, commit: Commit) -> None:
    """Adds the rows; columns that the table lacks are added, too."""
    write_deltalake(folder, rows, mode="append", schema_mode="merge", commit_properties=commit.properties)


def overwrite(folder: Path, rows: pa.RecordBatchReader, commit: Commit) -> None:
    """Replaces the table's rows and columns."""
    write_deltalake(
        folder, rows, mode="overwrite", schema_mode="overwrite", commit_properties=commit.properties
    )


def commits_between(table: DeltaTable, after: int, until: int) -> Iterator[dict[str, Any]]:
    """The commit information of each version above `after`, up to `until`, oldest first."""
    commits: Iterable[dict[str, Any]] = reversed(table.history(until - after + 1))
    yield from (commit for commit in commits if after < commit["version"] <= until)
