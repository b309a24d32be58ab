"""What a query reads while it is checked: the columns of tables and files, without a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, MappingProxyType

from pyspark.sql import DataFrame
from pyspark.sql.types import LongType, NullType, StringType, StructField, StructType, TimestampType

from common.errors import UserError
from local.engine.checking.error_meanings import likely_names
from local.engine.checking.findings import Code
from local.engine.checking.shapes import CheckedPipeline
from local.engine.evaluating.observing import Named, metadata_of
from local.engine.evaluating.reading import format_of
from local.engine.evaluating.seen_plan import HIDDEN, STREAM, SeenPlans
from local.engine.evaluating.session import FileRead, TableRead
from local.engine.language.model import Kind, Place
from local.engine.language.places import caller_within
from local.engine.language.sql.supplied import with_supplied
from local.engine.sources.files import find_files
from local.engine.sources.options import READ_FILES
from local.engine.sources.reader import FileSource
from local.engine.storage.delta import open_table, schema_of

METADATA = StructField(
    HIDDEN,
    StructType(
        [
            StructField("file_path", StringType()),
            StructField("file_name", StringType()),
            StructField("file_size", LongType()),
            StructField("file_block_start", LongType()),
            StructField("file_block_length", LongType()),
            StructField("file_modification_time", TimestampType()),
        ]
    ),
)
# Columns are inferred from whole files, as a run does; more bytes than these would take too long.
MOST_BYTES = 32_000_000


@dataclass(frozen=True)
class Problem:
    """What a look found by itself: `line` is where the code asked for it, `names` are what it asked for."""

    code: Code
    text: str
    line: Place | None
    names: tuple[str, ...]


class Look:
    """One evaluation of a query over tables without rows: answers its reads, and notes them.

    `schemas` are the columns of what it read, by name; `unknown` says why what the query gives cannot be told, where
    that is so: what fails afterwards means nothing. `streams`, `metadata` and `plans` are as Reading has them;
    `began` is the frame that calls the query. `more` are columns that sources are given beside their own.
    """

    def __init__(
        self,
        pipeline: CheckedPipeline,
        dataset: str,
        began: FrameType | None,
        *,
        with_metadata: bool = False,
        more: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self.schemas: dict[str, StructType] = {}
        self.problems: list[Problem] = []
        self.unknown: list[str] = []
        self.streams = False
        self.read_files = False
        self.plans = SeenPlans()
        self.metadata: Named = "unnamed"
        self._pipeline = pipeline
        self._dataset = dataset
        self._with_metadata = with_metadata
        self._began = began
        self._more = more

    @property
    def sources(self) -> dict[str, list[str]]:
        """The names of the columns of what it read."""
        return {name: schema.names for name, schema in self.schemas.items()}

    def table(self, read: TableRead) -> DataFrame:
        """A table or view without rows, in its columns."""
        full = self._pipeline.definitions.resolve(read.name)
        dataset = self._pipeline.definitions.datasets.get(full)
        own = None if dataset else self._pipeline.session.temporary_view(read.name)
        if own is not None:
            return own
        if dataset and dataset.kind == Kind.SINK:
            raise UserError(f"{read.name} is a sink, which is written only")
        circle = self._pipeline.circle(full)
        if circle:
            self._note(Code.CYCLE, f"the datasets read each other in a circle: {circle}", read.name, full)
        shape = self._pipeline.declared(full) if circle else self._pipeline.shape_of(full)
        is_view = dataset is not None and dataset.kind == Kind.TEMPORARY_VIEW
        if shape and is_view and shape.streams and not read.streaming:
            text = (
                f"the view {full} is a stream: read it as one, with spark.readStream.table or STREAM({full})"
            )
            self._note(Code.STREAM, text, read.name, full)
        self.streams |= read.streaming and (not is_view or bool(shape and shape.streams))
        if shape is None:
            near = likely_names(full, self._pipeline.table_names())
            text = f"there is no table {full} in this pipeline or in the home{near}"
            self._note(Code.UNKNOWN_TABLE, text, read.name, full)
        if shape is None or shape.schema is None:
            return self._not_known(f"the columns of {full} are not known")
        return self._empty(full, shape.schema, full.rpartition(".")[2])

    def files(self, read: FileRead) -> DataFrame:
        """Files without rows, in the columns that the pipeline gives, else in those that are in the files."""
        local = self._pipeline.local_path(read.path)
        self.read_files = True
        self.streams |= read.streaming
        schema = self._columns_of_files(local, read)
        if schema is None:
            return self._not_known(f"the columns of the files at {read.path} are not known")
        if self._with_metadata and read.format.lower() != "delta":
            schema = StructType([*schema.fields, METADATA])
        return self._empty(read.path, schema, STREAM)

    def has_table(self, name: str) -> bool:
        """Whether there is a table or view of this name."""
        full = self._pipeline.definitions.resolve(name)
        return full in self._pipeline.table_names() or self._pipeline.session.temporary_view(name) is not None

    def bound(self, query: str) -> str:
        """The query with a view's name in the place of each table that it reads."""
        # What reads SQL takes a moment to import, and most pipelines are Python.
        from local.engine.evaluating.binding import bound_query, check_recursion

        check_recursion(query)
        query = with_supplied(query, self._pipeline.definitions.current)
        named = metadata_of(query)
        self.metadata = named if self.metadata == "unnamed" else self.metadata
        # Written anew by types it is only where Sail does not take it as it is.
        engine = "sail" if self._pipeline.analysis.is_as_in_an_update else "spark"
        return bound_query(query, self, self._pipeline.session.fields_of, for_engine=engine)

    def _columns_of_files(self, local: str, read: FileRead) -> StructType | None:
        if read.format.lower() == "delta":
            table = open_table(Path(local))
            return schema_of(table) if table else None
        kind = format_of(read)
        options = {name.lower() for name in read.options}
        if kind == READ_FILES and "format" not in options and not Path(local).exists():
            return None
        source = FileSource(kind, local, read.options, read.schema)
        if read.schema is not None:
            return source.schema_for([], None)
        before = self._pipeline.inferred(self._dataset, f"{kind} {local}")
        if before is not None:
            return source.schema_for([], before)
        try:
            files = find_files(local, read.options)
        except UserError:
            return None
        fits = files and sum(file.size for file in files) <= MOST_BYTES
        return source.schema_for(files, None) if fits else None

    def _empty(self, name: str, schema: StructType, alias: str) -> DataFrame:
        self.schemas[name] = schema
        more = [StructField(column, NullType()) for column in self._more.get(name, ())]
        return self._pipeline.session.createDataFrame([], StructType([*schema.fields, *more])).alias(alias)

    def _not_known(self, why: str) -> DataFrame:
        self.unknown.append(why)
        return self._pipeline.session.range(0)

    def _note(self, code: Code, text: str, *names: str) -> None:
        root = self._pipeline.definitions.root
        self.problems.append(Problem(code, text, caller_within(root, self._began), names))
