"""What one evaluation of a query reads, and what of it is new to its flow."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from deltalake import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from common.errors import UserError
from local.engine.evaluating.expectation_count import ExpectationCount
from local.engine.evaluating.observing import Named, clocks_of, metadata_of
from local.engine.evaluating.samples import sample_table
from local.engine.evaluating.seen_plan import HIDDEN, STREAM, SeenPlans
from local.engine.evaluating.session import FileRead, PipelineSession, TableRead
from local.engine.language.definitions import Definitions
from local.engine.language.model import Dataset, Kind
from local.engine.language.sql.supplied import with_supplied
from local.engine.lineage.read_aliases import READ
from local.engine.planning.inputs import Inputs
from local.engine.sessions.engines import EngineName
from local.engine.sources.files import find_files, new_files
from local.engine.sources.reader import FileSource
from local.engine.storage.delta import data_files, open_table, read_files, schema_of
from local.engine.storage.log import changes_after
from local.engine.storage.progress import Progress, TableVersion

CHANGED = (
    "{source}, which {target} reads as a stream, was changed in another way than by appending rows (version {version}):"
    " run a full refresh of {target}, or read it with the option skipChangeCommits to pass over such changes"
)
ANEW = "{source}, which {target} reads as a stream, was made anew: run a full refresh of {target}"


class NeedsTable(BaseException):
    """A query reads a table that this update has still to write."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ReadsFailed(BaseException):
    """A query reads a table that this update could not write."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class QueryContext(Protocol):
    """What an update offers to the queries that it calls."""

    session: PipelineSession
    engine: EngineName
    definitions: Definitions
    pending: set[str]
    failed: set[str]
    scratch: Path

    def folder(self, name: str) -> Path:
        """The folder of a table."""
        ...

    def local_path(self, path: str) -> str:
        """Where /Volumes/<catalog>/... stands on this machine."""
        ...

    def view(self, dataset: Dataset, reading: "Reading") -> DataFrame:
        """The rows of a view, which reads by the same reading."""
        ...


class Reading:
    """One evaluation: answers the reads of a query, and notes them.

    `after` is what the flow has read when the rows of this evaluation are committed; `streams` says whether it read a
    stream at all, `has_new` whether a stream had something new. `counts` are those of the views that it read,
    `dropped` how many rows each of them dropped. `plans` are those of the evaluation, once it has begun.
    `with_metadata` gives files the hidden column `_metadata`, `metadata` says whether SQL named it; `without_files`
    reads no file, to see a plan only.
    """

    def __init__(
        self,
        tables: QueryContext,
        target: str,
        before: Progress,
        *,
        with_metadata: bool = False,
        without_files: bool = False,
    ) -> None:
        self.inputs = Inputs()
        self.before = before
        self.after = Progress()
        self.streams = False
        self.has_new = False
        self.counts: list[ExpectationCount] = []
        self.dropped: dict[str, int] = {}
        self.plans = SeenPlans()
        self.read_files = False
        self.clocks: set[str] = set()
        self.sql_state: str | None = None
        self.metadata: Named = "unnamed"
        self.with_metadata = with_metadata
        self._tables = tables
        self.target = target
        self._without_files = without_files

    def table(self, read: TableRead) -> DataFrame:
        """The rows of a table or view; with `streaming` those that were appended since the flow read it last."""
        definitions = self._tables.definitions
        full = definitions.resolve(read.name)
        known = definitions.datasets.get(full)
        if known is not None and known.kind == Kind.TEMPORARY_VIEW:
            self.inputs.views.add(full)
            return self._view(known, read)
        if known is not None and known.kind == Kind.SINK:
            raise UserError(f"{read.name} is a sink, which is written only")
        own = None if known else self._tables.session.temporary_view(read.name)
        if own is not None:
            return own
        if full in self._tables.pending:
            raise NeedsTable(full)
        if full in self._tables.failed:
            raise ReadsFailed(full)
        self.inputs.tables.add(full)
        table = self._opened(full)
        rows = (
            self._new_rows(full, table, read.options)
            if read.streaming
            else self._rows(full, table, data_files(table))
        )
        return rows.alias(full.rpartition(".")[2])

    def _view(self, view: Dataset, read: TableRead) -> DataFrame:
        before, self.streams = self.streams, False
        rows = self._tables.view(view, self)
        if self.streams and not read.streaming:
            raise UserError(
                f"the view {view.name} is a stream: read it as one, with spark.readStream.table or STREAM({view.name})"
            )
        self.streams |= before
        return rows

    def _opened(self, full: str) -> DeltaTable:
        folder = self._tables.folder(full)
        table = open_table(folder) or sample_table(self._tables.session, full, folder)
        if table is None:
            raise UserError(f"{self.target} reads {full}, which is not there: no pipeline has written it yet")
        return table

    def _rows(self, name: str, table: DeltaTable, files: list[Path]) -> DataFrame:
        return read_files(self._tables.session, schema_of(table), files).alias(f"{READ}{name}")

    def _new_rows(self, full: str, table: DeltaTable, options: Mapping[str, str]) -> DataFrame:
        self.streams = True
        now = TableVersion(str(table.metadata().id), table.version())
        read = self.before.tables.get(full)
        skips = any(options.get(name) == "true" for name in ("skipChangeCommits", "ignoreChanges"))
        files = data_files(table) if read is None else self._appended(full, read, now, skips)
        self.after = self.after.with_table(full, now)
        self.has_new |= bool(files)
        return self.new_rows(self._rows(full, table, files))

    def _appended(self, full: str, read: TableVersion, now: TableVersion, skips: bool) -> list[Path]:
        if read.id != now.id:
            raise UserError(ANEW.format(source=full, target=self.target))
        files: list[Path] = []
        for change in changes_after(self._tables.folder(full), read.version, now.version):
            if change.removed and not skips:
                raise UserError(CHANGED.format(source=full, target=self.target, version=change.version))
            files += [] if change.removed else change.added
        return files

    def files(self, read: FileRead) -> DataFrame:
        """The rows of files; of a stream those of the files that the flow has not read."""
        local = self._tables.local_path(read.path)
        self.inputs.paths.add(local)
        if read.format.lower() == "delta":
            return self._delta_files(local, read)
        kind = format_of(read)
        source = FileSource(kind, local, read.options, read.schema)
        found = find_files(local, read.options)
        if not read.streaming:
            return self._file_rows(read.path, source, found, source.schema_for(found, None))
        self.streams = True
        key = f"{kind} {local}"
        known = self.before.files.get(key, [])
        fresh = new_files(found, known, read.options)
        columns = source.schema_for(fresh, self._remembered(key))
        again = {file.path for file in fresh}
        kept = [file for file in known if file.path not in again]
        self.after = self.after.with_files(key, [*kept, *fresh], columns.json())
        self.has_new |= bool(fresh)
        return self.new_rows(self._file_rows(read.path, source, fresh, columns))

    def new_rows(self, rows: DataFrame) -> DataFrame:
        """What a query is given of a stream, by a name that tells it from what is no stream."""
        return rows.alias(STREAM)

    def _remembered(self, key: str) -> StructType | None:
        text = self.before.schemas.get(key)
        return StructType.fromJson(json.loads(text)) if text else None

    def _file_rows(self, path: str, source: FileSource, files: list, columns: StructType) -> DataFrame:
        self.read_files = True
        wanted = [] if self._without_files else files
        scratch = self._tables.scratch / uuid4().hex
        rows = source.rows(self._tables.session, wanted, columns, scratch, with_metadata=self.with_metadata)
        return rows.alias(f"{READ}{path}")

    def _delta_files(self, folder: str, read: FileRead) -> DataFrame:
        version = read.options.get("versionAsOf")
        table = open_table(Path(folder), int(version) if version else None)
        if table is None:
            raise UserError(f"{folder} holds no Delta table")
        if read.streaming:
            raise UserError(f"{folder}: read a Delta table as a stream by its name (spark.readStream.table)")
        return self._rows(read.path, table, data_files(table))

    def without_hidden(self, rows: DataFrame, schema: StructType) -> tuple[DataFrame, StructType]:
        """Rows of files and their columns without `_metadata`, which a `*` found, unless the code selects it."""
        if HIDDEN not in schema.names or not self.read_files:
            return rows, schema
        if self.metadata == "selected" or self.plans.selects_metadata():
            return rows, schema
        return rows.drop(HIDDEN), StructType([one for one in schema.fields if one.name != HIDDEN])

    def has_table(self, name: str) -> bool:
        """Whether there is a table or view of this name."""
        definitions = self._tables.definitions
        full = definitions.resolve(name)
        # Which tables there are is not kept with what was read.
        self.inputs.unknown.add("spark.catalog.tableExists")
        if full in definitions.datasets or open_table(self._tables.folder(full)):
            return True
        return self._tables.session.temporary_view(name) is not None

    def bound(self, query: str) -> str:
        """The query with a view's name in the place of each table that it reads."""
        # What reads SQL takes a moment to import, and most pipelines are Python.
        from local.engine.evaluating.binding import bound_query
        from local.engine.evaluating.sql_state import what_needs_state

        query = with_supplied(query, self._tables.definitions.current)
        self.clocks |= clocks_of(query)
        self.sql_state = self.sql_state or what_needs_state(query)
        named = metadata_of(query)
        self.metadata = self.metadata if named == "unnamed" or self.metadata == "selected" else named
        return bound_query(query, self, self._tables.session.fields_of, for_engine=self._tables.engine)


def format_of(read: FileRead) -> str:
    """The format of the files, in lower case; UserError for Auto Loader without one."""
    if read.format.lower() != "cloudfiles":
        return read.format.lower()
    wanted = {name.lower(): value for name, value in read.options.items()}.get("cloudfiles.format")
    if not wanted:
        raise UserError(
            "Auto Loader: the option cloudFiles.format is missing: csv, json, parquet, text, binaryFile"
        )
    return wanted.lower()
