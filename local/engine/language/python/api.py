"""The Python modules of Lakeflow, `pyspark.pipelines` and `dlt`, over a pipeline's definitions."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from common.errors import NotSupplied, UserError
from local.engine.language.definitions import Definitions
from local.engine.language.places import Keep, PlacedError, caller
from local.engine.language.python.datasets import Datasets
from local.engine.language.python.event_hooks import event_hook
from local.engine.language.python.expectations import Expectations
from local.engine.language.python.flows import Flows

MODULES = ("pyspark.pipelines", "dlt")
# What Databricks has besides, and what to do without it.
UNSUPPLIED = {
    "foreach_sink": "write the rows of each batch in a foreach_batch_sink",
    "update_flow": "write the aggregate as a materialized view",
}


def modules(
    definitions: Definitions, session: SparkSession, keep: Keep | None = None
) -> dict[str, ModuleType]:
    """The modules by name, whose functions define into `definitions` and read through `session`.

    With `keep` a call that is wrong is not raised: that is given the error, and the code goes on.
    """
    expectations = Expectations(definitions)
    defining = {
        **Datasets(definitions, expectations).functions(),
        **Flows(definitions, expectations).functions(),
        **expectations.decorators(),
        "on_event_hook": event_hook(definitions),
        **{name: _unsupplied(name, instead) for name, instead in UNSUPPLIED.items()},
        "enable_local_execution": lambda: None,
    }
    if keep:
        defining = {name: _kept(function, definitions.root, keep) for name, function in defining.items()}
    functions = {**defining, **_read_functions(session)}
    return {name: _module(name, functions, definitions.root, keep) for name in MODULES}


def _kept(function: Callable[..., Any], root: Path, keep: Keep) -> Callable[..., Any]:
    """The function, whose errors and whose decorator's errors are kept; what they decorate stays as it is."""

    def call(*arguments: Any, **named: Any) -> Any:
        try:
            made = function(*arguments, **named)
        except UserError as error:
            keep(PlacedError(caller(root), str(error), error))
            return next(filter(callable, arguments), lambda query: query)
        return _kept(made, root, keep) if callable(made) and made not in arguments else made

    return call


def _read_functions(session: SparkSession) -> dict[str, Callable[[str], DataFrame]]:
    def read(name: str) -> DataFrame:
        return session.read.table(name)

    def read_stream(name: str) -> DataFrame:
        return session.readStream.table(name)

    return {"read": read, "read_stream": read_stream, "readStream": read_stream}


def _unsupplied(name: str, instead: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise NotSupplied(f"{name} is not supplied on one machine; {instead}")

    return refuse


def _module(name: str, functions: dict[str, Callable[..., Any]], root: Path, keep: Keep | None) -> ModuleType:
    def unknown(function: str) -> Callable[..., Any]:
        if function.startswith("_"):
            raise AttributeError(function)
        near = get_close_matches(function, functions, 1)
        meant = f"did you mean {near[0]}?" if near else f"there is {', '.join(sorted(functions))}"
        refuse = _unsupplied(f"{name}.{function}", meant)
        return _kept(refuse, root, keep) if keep else refuse

    module = ModuleType(name, "Lakeflow, as this pipeline's files may write it.")
    module.__dict__.update(functions, __all__=sorted(functions), __getattr__=unknown)
    return module
