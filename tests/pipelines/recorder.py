"""Imports dataset files outside a pipeline, and remembers what each of them declares."""

import builtins
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from pyspark import pipelines as dp
from pyspark.pipelines.flow import AutoCdcFlow, Flow
from pyspark.pipelines.graph_element_registry import (
    GraphElementRegistry,
    graph_element_registration_context,
)
from pyspark.pipelines.output import Output, Table

from pipelines.catalog import PIPELINES

ROOT = Path(__file__).parents[2]
DATASET_FILES = tuple(
    path for pipeline in PIPELINES for path in sorted((ROOT / "pipelines" / pipeline.name).rglob("*.py"))
)


@dataclass
class Declared(GraphElementRegistry):
    """What one file declares; `expectations` is {action: {name: rule}}."""

    outputs: list[Output] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    cdc_flows: list[dict[str, Any]] = field(default_factory=list)
    expectations: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        return [output for output in self.outputs if isinstance(output, Table)]

    def register_output(self, output: Output) -> None:
        self.outputs.append(output)

    def register_flow(self, flow: Flow) -> None:
        self.flows.append(flow)

    def register_auto_cdc_flow(self, flow: AutoCdcFlow) -> None:
        raise AssertionError(f"the recorder takes AUTO CDC flows before Spark does: {flow}")

    def register_sql(self, sql_text: str, file_path: Path) -> None:
        raise AssertionError(f"no SQL file is expected: {file_path}, {sql_text}")


def _expect(declared: Declared, action: str) -> Callable[..., Any]:
    def decorator(rules: dict[str, str]) -> Callable[[Any], Any]:
        declared.expectations.setdefault(action, {}).update(rules)
        return lambda query: query

    return decorator


@contextmanager
def _recording(declared: Declared) -> Iterator[None]:
    names = {
        "expect_all": _expect(declared, "warn"),
        "expect_all_or_drop": _expect(declared, "drop"),
        "expect_all_or_fail": _expect(declared, "fail"),
        "create_auto_cdc_flow": lambda **flow: declared.cdc_flows.append(flow),
    }
    spark = SimpleNamespace(conf=SimpleNamespace(get=lambda _, default: default))
    with (
        patch.multiple(dp, create=True, **names),
        patch.object(builtins, "spark", spark, create=True),
        graph_element_registration_context(declared),
    ):
        yield


def record(path: Path) -> Declared:
    """Imports the dataset file for its functions, and says what it declares."""
    declared = Declared()
    with _recording(declared):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return declared
