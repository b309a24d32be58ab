"""The tables of a home in Spark's catalog, which remembers nothing between two engines."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pyspark.sql import SparkSession

from common.home import Home
from local.engine import journal
from local.engine.delta_log import table_names, table_path
from local.engine.session import start_engine


def attach(session: SparkSession, home: Home, names: Iterable[str] | None = None) -> None:
    """Makes the home's tables (or those named, where they exist) known to Spark under `schema.table`."""
    present = table_names(home.warehouse)
    wanted = present if names is None else set(names) & set(present)
    _attach(session, home, {name: table_path(home.warehouse, name) for name in wanted})


def readable(home: Home) -> dict[str, Path]:
    """The folder of each table for who reads it: of one that an update under way has not written yet, as it was."""
    present = {name: table_path(home.warehouse, name) for name in table_names(home.warehouse)}
    return dict(sorted((present | journal.standing_aside(home)).items()))


@contextmanager
def reading(session: SparkSession, home: Home, tables: Mapping[str, Path]) -> Iterator[None]:
    """In this context Spark finds the tables in these folders (see `readable`)."""
    engine = start_engine(home.warehouse)
    in_place = {name for name, folder in tables.items() if folder == table_path(home.warehouse, name)}
    engine.forget(kept=in_place)
    _attach(session, home, tables)
    try:
        yield
    finally:
        engine.forget(kept=in_place)


def _attach(session: SparkSession, home: Home, tables: Mapping[str, Path]) -> None:
    missing = sorted(tables.keys() - start_engine(home.warehouse).tables())
    create_schemas(session, home, {name.split(".")[0] for name in missing})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: _attach_one(session, name, tables[name]), missing))


def create_schemas(session: SparkSession, home: Home, schemas: Iterable[str]) -> None:
    """Creates the schemas that are not there yet, each with its tables below the home's warehouse."""
    for schema in schemas:
        session.sql(f"create schema if not exists `{schema}` location '{home.warehouse}/{schema}.db'")


def _attach_one(session: SparkSession, name: str, folder: Path) -> None:
    schema, table = name.split(".")
    session.sql(f"create table if not exists `{schema}`.`{table}` using delta location '{folder}'")
