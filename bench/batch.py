"""Plain batch PySpark that writes the same tables: what an engineer would write without a pipeline engine.

Each dataset's own query runs with `spark.read` in place of streams and Spark's own CSV and JSON readers in place of
Auto Loader, one table after the other, in a session with the same settings.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from graphlib import TopologicalSorter
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.connect.readwriter import DataFrameReader

from common.home import Home
from local.engine.catalog import create_schemas
from local.engine.definitions import Definitions, load
from local.engine.expectations import expected
from local.engine.lakeflow import batch_reads, on_this_machine, replaced, supplied
from local.engine.reads import methods, noted
from local.engine.session import start_engine
from local.engine.spec import PipelineSpec

Query = Callable[[], DataFrame]


def write_all(home: Home, specs: list[PipelineSpec]) -> None:
    """Writes every table of the pipelines below `home`."""
    engine = start_engine(home.warehouse)
    session = engine.session()
    for spec in specs:
        with supplied(home, engine.session()):
            definitions = load(spec, session)
        create_schemas(session, home, {name.split(".")[0] for name in definitions.tables()})
        with batch_reads(), _spark_reads_files(home):
            for name, query in _in_order(definitions, session):
                if name in definitions.tables():
                    query().write.format("delta").mode("overwrite").saveAsTable(name)
                else:
                    query().createOrReplaceTempView(name)


def _in_order(definitions: Definitions, session: SparkSession) -> Iterator[tuple[str, Query]]:
    """The datasets and their queries, each after those that it reads."""
    queries = {name: _query(name, definitions, session) for name in definitions.outputs}
    reads = {name: _tables_of(query) & queries.keys() for name, query in queries.items()}
    yield from ((name, queries[name]) for name in TopologicalSorter(reads).static_order())


def _query(name: str, definitions: Definitions, session: SparkSession) -> Query:
    cdc = definitions.cdc.get(name)
    if cdc:
        return lambda: cdc.apply(session.read.table(cdc.source))
    flows = [flow for flow in definitions.flows if flow.target == name]
    return lambda: reduce(
        DataFrame.union, [expected(flow.func(), name, definitions.expected_of(flow)) for flow in flows]
    )


def _tables_of(query: Query) -> set[str]:
    holder, name, method = methods()[0]
    with noted() as reads, replaced(holder, name, method):
        query()
    return reads.tables


@contextmanager
def _spark_reads_files(home: Home) -> Iterator[None]:
    native = DataFrameReader.load

    def load_files(reader: Any, path: Any = None, **options: Any) -> DataFrame:
        if reader._format != "cloudFiles":
            return native(reader, on_this_machine(path, home), **options)
        kind = reader._options.pop("cloudFiles.format")
        rescued = reader._options.pop("rescuedDataColumn")
        files = native(reader.format(kind), on_this_machine(path, home), **options)
        return files.withColumn(rescued, F.lit(None).cast("string"))

    with replaced(DataFrameReader, "load", load_files):
        yield
