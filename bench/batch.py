"""Plain batch PySpark that writes the same tables: what an engineer would write without a pipeline engine.

Each dataset's own query runs with `spark.read` in place of streams and Spark's own CSV and JSON readers in place of
Auto Loader, one table after the other.
"""

from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.connect.readwriter import DataFrameReader

from bench.changes import target_rows
from common.home import Home
from local.engine.evaluating.expectations import kept_of
from local.engine.evaluating.reading import NeedsTable
from local.engine.evaluating.session import FileRead, PipelineSession, TableRead
from local.engine.evaluating.work import local_path
from local.engine.language.definitions import Definitions
from local.engine.language.loading.loading import load_pipeline, running
from local.engine.language.model import Dataset, Expectation, Kind
from local.engine.language.schemas import struct_of
from local.engine.language.spec import PipelineSpec
from local.engine.running.opening import opened_session
from local.engine.storage import delta
from local.engine.storage.log import table_path


def write_all(home: Home, specs: list[PipelineSpec]) -> None:
    """Writes every table of the pipelines below `home`, on Apache Spark."""
    for spec in specs:
        with opened_session("spark") as (session, _):
            definitions = load_pipeline(spec, session)
            with running(definitions, session):
                _Batch(home, session, definitions).write_all()


class _Batch:
    """One pipeline: the tables still to be written, and what a query reads."""

    def __init__(self, home: Home, session: PipelineSession, definitions: Definitions) -> None:
        self._home = home
        self._session = session
        self._definitions = definitions
        self._pending = set(definitions.tables())

    def write_all(self) -> None:
        for dataset in self._definitions.tables().values():
            self._write(dataset)

    def _write(self, dataset: Dataset) -> None:
        while dataset.name in self._pending:
            try:
                with self._session.reading(self):
                    rows = self._rows(dataset)
            except NeedsTable as need:
                self._write(self._definitions.datasets[need.name])
                continue
            self._pending.discard(dataset.name)
            self._keep(dataset, rows)

    def _keep(self, dataset: Dataset, rows: DataFrame) -> None:
        schema = struct_of(dataset.schema) if dataset.schema else rows.schema
        rows = rows.select(
            *[F.col(field.name).cast(field.dataType).alias(field.name) for field in schema.fields]
        )
        folder = table_path(self._home.warehouse, dataset.name)
        folder.mkdir(parents=True)
        delta.create_table(folder, schema, delta.Layout(dataset.comment, dataset.properties))
        delta.overwrite(folder, delta.stage(rows, folder), schema, delta.Commit())

    def _rows(self, dataset: Dataset) -> DataFrame:
        for flow in self._definitions.cdc_flows:
            if flow.target == dataset.name:
                return target_rows(flow, self.table(TableRead(flow.source)))
        queries = [flow.query for flow in self._definitions.flows if flow.target == dataset.name]
        return reduce(DataFrame.union, [_expected(query(), dataset.expectations) for query in queries])

    def table(self, read: TableRead) -> DataFrame:
        """All rows of a table or view."""
        name = self._definitions.resolve(read.name)
        dataset = self._definitions.datasets.get(name)
        if dataset and dataset.kind == Kind.TEMPORARY_VIEW:
            return self._rows(dataset)
        if name in self._pending:
            raise NeedsTable(name)
        table = delta.open_table(table_path(self._home.warehouse, name))
        assert table
        return delta.read_table(self._session, table)

    def files(self, read: FileRead) -> DataFrame:
        """All rows of the files, by Spark's own readers."""
        own: Any = self._session
        given = dict(read.options)
        rescued = given.pop("rescuedDataColumn", None)
        reader = DataFrameReader(own).format(given.pop("cloudFiles.format", read.format)).options(**given)
        assert read.schema
        rows: Any = reader.schema(read.schema).load(local_path(self._home, self._definitions.root, read.path))
        return rows.withColumn(rescued, F.lit(None).cast("string")) if rescued else rows

    def has_table(self, name: str) -> bool:
        """Whether there is a table or view of this name."""
        return self._definitions.resolve(name) in self._definitions.datasets

    def bound(self, query: str) -> str:
        """Ours are written in Python."""
        return query


def _expected(rows: DataFrame, expectations: tuple[Expectation, ...]) -> DataFrame:
    stops = [
        F.assert_true(F.expr(str(each.predicate)), F.lit(each.name)).isNull()
        for each in expectations
        if each.action == "fail"
    ]
    return reduce(DataFrame.where, stops, kept_of(rows, expectations))
