"""The names and modules that Databricks gives to a notebook's code beside Lakeflow's own."""

import importlib.util
from types import ModuleType
from typing import Any

from pyspark.sql import SparkSession

from local.engine.language.python.dbutils import DBUtils
from local.engine.language.python.refusing import Refusing

_DELTA_TABLE = "write AUTO CDC into a table, or the rows into a sink of format delta"
_RDD = "there is no SparkContext behind Spark Connect; use spark and DataFrames"


def python_globals(session: SparkSession, dbutils: DBUtils) -> dict[str, Any]:
    """The global names of a pipeline's file."""
    return {
        "spark": session,
        "dbutils": dbutils,
        "display": _shown_nowhere,
        "displayHTML": _shown_nowhere,
        "getArgument": dbutils.widgets.get,
        "sc": Refusing("sc", _RDD),
        "sqlContext": Refusing("sqlContext", "use spark"),
    }


def databricks_modules(
    session: SparkSession, dbutils: DBUtils, *, has_delta: bool = False
) -> dict[str, ModuleType]:
    """The modules by which code outside a notebook gets the same: they are Databricks' own, where installed.

    With `has_delta` the pipeline has a package of its own that is called delta, and keeps it.
    """
    runtime = _module("databricks.sdk.runtime", python_globals(session, dbutils))
    connect = _module("databricks.connect", {"DatabricksSession": _Session(session)})
    utils = _module("pyspark.dbutils", {"DBUtils": lambda *_: dbutils})
    tables = _module("delta.tables", {"DeltaTable": Refusing("DeltaTable", _DELTA_TABLE)})
    delta = _module("delta", {**vars(tables), "tables": tables, "__name__": "delta", "__path__": []})
    given = (runtime, connect, utils, *(() if has_delta else (tables, delta)))
    found = {module.__name__: module for module in given}
    for package in ("databricks", "databricks.sdk"):
        if not _is_installed(package):
            found[package] = _module(package, {"__path__": []})
    return found


class _Session:
    """DatabricksSession: whatever is asked of its builder, the session is the pipeline's."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    @property
    def builder(self) -> "_Session":
        return self

    def getOrCreate(self) -> SparkSession:  # noqa: N802
        return self._session

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_, **__: self


def _module(name: str, names: dict[str, Any]) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(names)
    return module


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _shown_nowhere(*_: Any, **__: Any) -> None:
    """Does nothing: an update shows no results."""
