"""Sees the plan of a query on its way to the engine, and what a SQL text names."""

from collections.abc import Callable
from typing import Any, Literal

import grpc

from common.errors import NotSupplied
from local.engine.evaluating.seen_plan import CHANGING, HIDDEN, SeenPlan

_WRITES = {"write_operation", "write_operation_v2", "write_stream_operation_start"}
Named = Literal["unnamed", "part", "selected"]


def clocks_of(query: str) -> set[str]:
    """The words of a SQL text that name a function which gives another result each time."""
    return {word.lower() for word in _words(query)} & CHANGING


def metadata_of(query: str) -> Named:
    """Whether a SQL text names the hidden column `_metadata`: a part of it, or itself as a column."""
    words = _words(query)
    after = [
        words[place + 1 : place + 2] == ["."] for place, word in enumerate(words) if word.lower() == HIDDEN
    ]
    if not after:
        return "unnamed"
    return "part" if all(after) else "selected"


def _words(query: str) -> list[str]:
    # It takes a moment to import, and most pipelines are Python.
    import sqlglot

    return [token.text for token in sqlglot.tokenize(query, read="databricks")]


class PlanObserver(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Keeps the plan of the last analysis, and refuses writes to tables; give it to the session's channel.

    `ran` says whether the code had rows computed, as by `collect`. One that `only_looks` refuses all writes.
    """

    def __init__(self, *, only_looks: bool = False) -> None:
        self._only_looks = only_looks
        self.plan = SeenPlan()
        self.ran = False

    def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Passes the call on."""
        if client_call_details.method.endswith("/AnalyzePlan") and request.HasField("schema"):
            self.plan = SeenPlan(request.schema.plan)
        return continuation(client_call_details, request)

    def intercept_unary_stream(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Passes the call on, unless the pipeline's code would write to where nobody reads. Raises UserError."""
        if client_call_details.method.endswith("/ExecutePlan"):
            self.ran |= request.plan.HasField("root")
            _refuse_writes(request.plan.command)
            if self._only_looks and _WRITES & {request.plan.command.WhichOneof("command_type")}:
                raise PermissionError("the code writes files, and this only looks at it")
        return continuation(client_call_details, request)

    def forget(self) -> None:
        """The next plan is of another query."""
        self.plan = SeenPlan()
        self.ran = False


def _refuse_writes(command: Any) -> None:
    """A table is written by its flows: what Spark's own catalog would hold is gone when the update ends."""
    kind = command.WhichOneof("command_type")
    table = command.write_operation.table.table_name if kind == "write_operation" else ""
    table = command.write_operation_v2.table_name if kind == "write_operation_v2" else table
    path = command.write_operation.path if kind == "write_operation" else ""
    if table or path.startswith(("/Volumes/", "dbfs:")):
        raise NotSupplied(
            f"a pipeline's code does not write {table or path} itself on one machine: add a flow to a table or to "
            "create_sink(name, 'delta', {'tableName': ...}) or {'path': ...}"
        )
