"""The tables of a home in Spark's catalog, which remembers nothing between two engines."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from pyspark.sql import SparkSession

from local.engine.delta_log import table_names, table_path
from local.engine.session import start_engine
from local.home import Home


def attach(session: SparkSession, home: Home, names: Iterable[str] | None = None) -> None:
    """Makes the home's tables (or those named, where they exist) known to Spark under `schema.table`."""
    present = table_names(home.warehouse)
    wanted = present if names is None else sorted(set(names) & set(present))
    missing = sorted(set(wanted) - start_engine(home.warehouse).tables())
    create_schemas(session, home, {name.split(".")[0] for name in missing})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: _attach(session, home, name), missing))


def create_schemas(session: SparkSession, home: Home, schemas: Iterable[str]) -> None:
    """Creates the schemas that are not there yet, each with its tables below the home's warehouse."""
    for schema in schemas:
        session.sql(f"create schema if not exists `{schema}` location '{home.warehouse}/{schema}.db'")


def _attach(session: SparkSession, home: Home, name: str) -> None:
    schema, table = name.split(".")
    path = table_path(home.warehouse, name)
    session.sql(f"create table if not exists `{schema}`.`{table}` using delta location '{path}'")
