"""The target of an AUTO CDC flow: all rows of some keys give way to others, in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from local.engine.cdc.columns import cast_to, target_schema
from local.engine.cdc.comparing import all_equal, column, differs, matching, order_fields, prefixed
from local.engine.cdc.hidden import SHOWN
from local.engine.storage import delta

NEW = "__new_"
# More files than these are not looked through for keys but all written anew.
MOST_FILES = 32
# Nor are files of no more bytes than these, all together: a query that finds the few takes longer than writing all.
SMALL_BYTES = 1_000_000


@dataclass(frozen=True)
class Applied:
    """How the target's rows changed; not `changed` when its commit only says how far the events were read."""

    rows_inserted: int = 0
    rows_updated: int = 0
    rows_deleted: int = 0

    @property
    def changed(self) -> bool:
        """Whether any row did."""
        return bool(self.rows_inserted or self.rows_updated or self.rows_deleted)


@dataclass(frozen=True)
class Replacement:
    """All rows of the keys in `gone` give way to `rows`, whose columns are `schema`.

    `identity` are the columns that tell rows apart.
    """

    keys: Sequence[str]
    identity: Sequence[str]
    gone: DataFrame
    rows: DataFrame
    schema: StructType


@dataclass(frozen=True)
class Target:
    """The table in `folder`; `table` is None where there is none yet, or all of it is to be replaced."""

    session: SparkSession
    name: str
    folder: Path
    layout: delta.Layout
    declared: StructType | None
    table: DeltaTable | None

    def load(self, rows: DataFrame, own: StructType, commit: delta.Commit, shown: int) -> Applied:
        """Writes all rows, whose columns are `own`, of a new table, or in place of an old one's."""
        schema = target_schema(self.name, own, self.declared, None)
        files = delta.stage(cast_to(rows, own, schema), self.folder)
        write = delta.overwrite
        if not DeltaTable.is_deltatable(str(self.folder)):
            delta.create_table(self.folder, schema, self.layout)
            write = delta.append
        write(self.folder, files, schema, _showing(commit, shown))
        return Applied(sum(file.rows for file in files))

    def keep(self, commit: delta.Commit, shown: int) -> Applied:
        """Commits how far the events were read, and no row."""
        schema = delta.schema_of(DeltaTable(self.folder))
        delta.append(self.folder, [], schema, _showing(commit, shown))
        return Applied()

    def apply(self, change: Replacement, commit: delta.Commit, shown: int) -> Applied:
        """Makes the change in one commit, of which large files without any of the keys are no part."""
        if self.table is None:
            return self.load(change.rows, change.schema, commit, shown)
        schema = target_schema(self.name, change.schema, self.declared, delta.schema_of(self.table))
        rows = cast_to(change.rows, change.schema, schema)
        affected = self._files_with_keys_of(self.table, change)
        if not affected:
            return self._add(rows, schema, commit, shown)
        there = delta.read_files(self.session, schema, affected)
        before = matching(there, change.gone, change.keys)
        applied = _compared(before, rows, schema, change)
        if not applied.changed:
            return self.keep(commit, shown)
        if not applied.rows_updated and not applied.rows_deleted:
            affected, written = [], matching(rows, before, change.identity, "left_anti")
        else:
            written = matching(there, change.gone, change.keys, "left_anti").unionByName(rows)
        files = delta.stage(written, self.folder)
        delta.replace(self.folder, affected, files, schema, _showing(commit, shown))
        return applied

    def _add(self, rows: DataFrame, schema: StructType, commit: delta.Commit, shown: int) -> Applied:
        """Adds rows, in the target's columns, of keys that it does not have; they are counted as they are written."""
        files = delta.stage(rows, self.folder)
        if not files:
            return self.keep(commit, shown)
        delta.append(self.folder, files, schema, _showing(commit, shown))
        return Applied(sum(file.rows for file in files))

    def _files_with_keys_of(self, table: DeltaTable, change: Replacement) -> list[Path]:
        files = delta.data_files(table)
        if len(files) > MOST_FILES or sum(file.stat().st_size for file in files) <= SMALL_BYTES:
            return files
        schema = delta.schema_of(table)
        keys = [column(key) for key in change.keys]
        each = [
            delta.read_files(self.session, schema, [file]).select(*keys, F.lit(number).alias("__file"))
            for number, file in enumerate(files)
        ]
        every = each[0]
        for one in each[1:]:
            every = every.unionAll(one)
        found = matching(every, change.gone, change.keys).select("__file").distinct().collect()
        return [files[row[0]] for row in found]


def _compared(before: DataFrame, rows: DataFrame, schema: StructType, change: Replacement) -> Applied:
    fields = {field.name: field for field in schema.fields}
    others = prefixed(rows, list(fields), NEW).withColumn("__is_new", F.lit(True))
    same = [
        all_equal(
            order_fields(column(name), fields[name].dataType),
            order_fields(column(name, NEW), fields[name].dataType),
        )
        for name in change.identity
    ]
    on = same[0]
    for one in same[1:]:
        on = on & one
    both = before.withColumn("__is_old", F.lit(True)).join(others, on, "full_outer")
    old, new = F.col("__is_old").isNotNull(), F.col("__is_new").isNotNull()
    counted = [~old & new, old & new & differs(schema.fields, NEW), old & ~new]
    [row] = both.agg(*[F.count(F.when(one, 1)).alias(f"_{n}") for n, one in enumerate(counted)]).collect()
    return Applied(*row)


def _showing(commit: delta.Commit, version: int) -> delta.Commit:
    return delta.Commit({**commit.transactions, SHOWN: version}, commit.metadata)
