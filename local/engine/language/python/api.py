"""The Python modules of Lakeflow, `pyspark.pipelines` and `dlt`, over a pipeline's definitions."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from common.errors import UserError
from local.engine.language.definitions import Definitions
from local.engine.language.python.datasets import Datasets
from local.engine.language.python.expectations import Expectations
from local.engine.language.python.flows import Flows

MODULES = ("pyspark.pipelines", "dlt")
# What Databricks has besides, and what to do without it.
UNSUPPLIED = {
    "foreach_sink": "write the rows of each batch in a foreach_batch_sink",
    "update_flow": "write the aggregate as a materialized view",
    "on_event_hook": "read the event log when the update has ended",
}


def modules(definitions: Definitions, session: SparkSession) -> dict[str, ModuleType]:
    """The modules by name, whose functions define into `definitions` and read through `session`."""
    expectations = Expectations(definitions)
    functions = {
        **Datasets(definitions, expectations).functions(),
        **Flows(definitions, expectations).functions(),
        **expectations.decorators(),
        **_reads(session),
        **{name: _unsupplied(name, instead) for name, instead in UNSUPPLIED.items()},
        "enable_local_execution": lambda: None,
    }
    return {name: _module(name, functions) for name in MODULES}


def _reads(session: SparkSession) -> dict[str, Callable[[str], DataFrame]]:
    def read(name: str) -> DataFrame:
        return session.read.table(name)

    def read_stream(name: str) -> DataFrame:
        return session.readStream.table(name)

    return {"read": read, "read_stream": read_stream, "readStream": read_stream}


def _unsupplied(name: str, instead: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise UserError(f"{name} is not supplied on one machine; {instead}")

    return refuse


def _module(name: str, functions: dict[str, Callable[..., Any]]) -> ModuleType:
    module = ModuleType(name, "Lakeflow, as this pipeline's files may write it.")
    module.__dict__.update(functions, __all__=sorted(functions))
    return module
