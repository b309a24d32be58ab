"""The `spark` of a pipeline: Spark Connect's session, whose reads go by the update that is under way."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from string import Formatter
from threading import local
from typing import TYPE_CHECKING, Any, Protocol, Self
from uuid import uuid4

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.connect.sql_formatter import SQLStringFormatter
from pyspark.sql.types import StructField, StructType

from common.errors import NotSupplied, UserError
from local.engine.evaluating.catalog import CatalogTables, PipelineCatalog
from local.engine.language.schemas import struct_of
from local.engine.sessions.errors import not_parsed

if TYPE_CHECKING:
    # pyspark's functions are typed for this one and take the other.
    from pyspark.sql import SparkSession
else:
    from pyspark.sql.connect.session import SparkSession

# As Sail and as Spark say that they have no such format.
_NO_SOURCE = re.compile(r"No data source found for|DATA_SOURCE_NOT_FOUND")
CHANGE_FEED = ("readChangeFeed", "readChangeData")
FILE_FORMATS = {"cloudfiles", "csv", "json", "text", "parquet", "binaryfile", "avro", "xml", "orc"}


@dataclass(frozen=True)
class TableRead:
    """A read of a table or view by its name; with `streaming` of what is new to the flow."""

    name: str
    streaming: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileRead:
    """A read of files: of a format, or by Auto Loader (`cloudFiles`); with `streaming` of those new to the flow."""

    format: str
    path: str
    options: Mapping[str, str] = field(default_factory=dict)
    schema: StructType | None = None
    streaming: bool = False


class Sources(CatalogTables, Protocol):
    """What a pipeline's code reads."""

    def table(self, read: TableRead) -> DataFrame:
        """The rows of a table or view."""
        ...

    def files(self, read: FileRead) -> DataFrame:
        """The rows of files."""
        ...

    def bound(self, query: str) -> str:
        """The query with the names of views in the place of the tables that it reads."""
        ...


class PipelineSession(SparkSession):
    """A session whose `read`, `readStream`, `table` and `sql` ask `sources`; without any it is an ordinary one."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._of_thread = local()

    @contextmanager
    def reading(self, sources: Sources) -> Iterator[None]:
        """In this context, which is of one thread, the session reads from `sources`."""
        before = self._sources
        self._of_thread.sources = sources
        try:
            yield
        finally:
            self._of_thread.sources = before

    @property
    def _sources(self) -> Sources | None:
        return getattr(self._of_thread, "sources", None)

    @property
    def sources(self) -> Sources:
        """What is read from now; UserError outside an update."""
        if self._sources is None:
            raise UserError("tables are read in a dataset's function, not while the file is loaded")
        return self._sources

    @property
    def read(self) -> Any:
        """A batch reader."""
        return Reader(self, streaming=False)

    @property
    def readStream(self) -> Any:  # noqa: N802 - Spark's name
        """A reader of what is new."""
        return Reader(self, streaming=True)

    @property
    def native_stream(self) -> Any:
        """Spark's own reader of streams."""
        return super().readStream

    def table(self, tableName: str) -> Any:  # noqa: N803 - Spark's name
        """The rows of a table or view."""
        return self.read.table(tableName)

    def sql(self, sqlQuery: str, args: Any = None, **kwargs: Any) -> Any:  # noqa: N803 - Spark's names
        """The result of a query on the pipeline's tables and views."""
        session: Any = self
        query = _Formatter(session).format(sqlQuery, **kwargs) if kwargs else sqlQuery
        with _parsed():
            return super().sql(self._sources.bound(query) if self._sources else query, args)

    # pyspark has a cached one, and what is read differs by the thread.
    @property
    def catalog(self) -> Any:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What the pipeline knows of its catalog."""
        return PipelineCatalog(self, self._sources) if self._sources else super().catalog

    def temporary_view(self, name: str) -> Any:
        """The rows of a temporary view that the pipeline's code made of a frame; None when there is none."""
        plain = name.replace("`", "")
        return super().read.table(plain) if "." not in plain and super().catalog.tableExists(plain) else None

    def fields_of(self, query: str) -> list[StructField]:
        """The columns of a query that reads no tables of a pipeline."""
        with _parsed():
            return super().sql(query).schema.fields


@contextmanager
def _parsed() -> Iterator[None]:
    """In this context what the engine does not parse, and what is SQL, needs Spark."""
    try:
        yield
    except PySparkException as error:
        raise not_parsed(error) or error from None


class _Formatter(SQLStringFormatter):
    """Puts values into a query's text; a frame becomes a view, which the query then reads by its name."""

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._names: dict[int, str] = {}

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        """The text for a field."""
        found, first = Formatter.get_field(self, field_name, args, kwargs)
        if not isinstance(found, DataFrame):
            return super().get_field(field_name, args, kwargs)
        if id(found) not in self._names:
            self._names[id(found)] = f"__frame_{uuid4().hex}"
            found.createOrReplaceTempView(self._names[id(found)])
        return self._names[id(found)], first


class Reader:
    """DataFrameReader and DataStreamReader, as far as a pipeline needs them."""

    def __init__(self, session: PipelineSession, *, streaming: bool) -> None:
        self._session = session
        self._streaming = streaming
        self._format = "delta"
        self._options: dict[str, str] = {}
        self._schema: StructType | None = None

    def format(self, source: str) -> Self:
        """The format of the files, or `delta`."""
        self._format = source
        return self

    def option(self, key: str, value: Any) -> Self:
        """One option; a bool is written as `true` or `false`."""
        if value is not None:
            self._options[key] = str(value).lower() if isinstance(value, bool) else str(value)
        return self

    def options(self, **options: Any) -> Self:
        """Several options."""
        for key, value in options.items():
            self.option(key, value)
        return self

    def schema(self, schema: StructType | str) -> Self:
        """The columns, as a StructType or DDL."""
        self._schema = struct_of(schema)
        return self

    def table(self, tableName: str) -> DataFrame:  # noqa: N803 - Spark's name
        """The rows of a table or view."""
        for option in CHANGE_FEED:
            if self._options.get(option, "false").lower() == "true":
                raise NotSupplied(
                    f"{tableName}: the option {option} is not supplied on one machine: read its rows"
                )
        return self._session.sources.table(TableRead(tableName, self._streaming, dict(self._options)))

    def load(
        self,
        path: str | list[str] | None = None,
        format: str | None = None,
        schema: StructType | str | None = None,
        **options: Any,
    ) -> DataFrame:
        """The rows of the files at a path (folder, file or glob) or, of several, of all of them."""
        self.options(**options)
        self.format(format or self._format)
        if schema is not None:
            self.schema(schema)
        if isinstance(path, list):
            frames = [self._load(one) for one in path]
            return _union(frames)
        return self._load(path or self._options.get("path", ""))

    def _load(self, path: str) -> DataFrame:
        if self._format.lower() in FILE_FORMATS or self._format.lower() == "delta":
            if not path:
                raise UserError(f"{self._format}: give the folder to .load(path)")
            read = FileRead(self._format, path, dict(self._options), self._schema, self._streaming)
            return self._session.sources.files(read)
        if self._streaming:
            raise NotSupplied(
                f"spark.readStream.format('{self._format}') is not supplied on one machine: read files (cloudFiles) "
                "or a table"
            )
        session: Any = self._session
        native: Any = DataFrameReader(session).format(self._format).options(**self._options)
        rows = (native.schema(self._schema) if self._schema else native).load(path or None)
        try:
            # Only the engine knows the sources that the pipeline's code registered (spark.dataSource).
            _ = rows.schema
        except PySparkException as error:
            raise self._unknown_source(error) or error from None
        return rows

    def _unknown_source(self, error: PySparkException) -> NotSupplied | None:
        if not _NO_SOURCE.search(str(error)):
            return None
        return NotSupplied(
            f"spark.read.format('{self._format}') is not supplied on one machine: read files (csv, json, parquet) or a "
            "table, or register a source of your own (spark.dataSource.register)"
        )

    def __getattr__(self, name: str) -> Callable[..., DataFrame]:
        """`csv`, `json`, `parquet` and so on: `load` of that format."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name.lower() not in FILE_FORMATS:
            raise NotSupplied(
                f"the reader's {name} is not supplied on one machine: read files (csv, json, parquet) or a table"
            )

        def load(path: str | list[str], schema: Any = None, **options: Any) -> DataFrame:
            return self.load(path, name, schema, **options)

        return load


def _union(frames: list[DataFrame]) -> DataFrame:
    first, *others = frames
    for other in others:
        first = first.unionByName(other)
    return first
