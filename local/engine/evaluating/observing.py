"""Sees the plans of a query on their way to the engine, and what a SQL text names."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import local
from typing import Any, Literal

import grpc

from common.errors import NotSupplied
from local.engine.evaluating.seen_plan import CHANGING, HIDDEN, SeenPlans
from local.engine.evaluating.supplied_calls import put_supplied

_WRITES = {"write_operation", "write_operation_v2", "write_stream_operation_start"}
# What changes a session for all who use it: views, functions, settings. Views of the engine's own begin with __.
_CHANGES = {"register_function", "register_table_function", "register_data_source"}
_ASKS_CATALOG = ("current", "list", "get", "database_exists", "table_exists", "function_exists", "is_cached")
_QUERY = re.compile(
    r"\s*(\(|--|/\*|select\b|with\b|values\b|table\b|from\b|show\b|desc|explain\b)", re.IGNORECASE
)
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


class ChangesSession(BaseException):
    """The pipeline's code changes the session while other tables are written on it."""


class PlanObserver(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Shows the plans of a query, and refuses writes to tables; give it to the session's channel.

    `current` are the pipeline's catalog and schema, by the functions that give them. One that `only_looks` refuses all
    writes. Who changes the session while not `is_alone` meets ChangesSession.
    """

    def __init__(self, *, only_looks: bool = False) -> None:
        self._only_looks = only_looks
        self._of_thread = local()
        self.is_alone: Callable[[], bool] = lambda: True
        self.current: Mapping[str, str] = {}

    @contextmanager
    def watching(self) -> Iterator[SeenPlans]:
        """The plans of this context, which is of one thread; those of a context within it are not among them."""
        before = self._seen
        self._of_thread.seen = seen = SeenPlans()
        try:
            yield seen
        finally:
            self._of_thread.seen = before

    @property
    def _seen(self) -> SeenPlans | None:
        return getattr(self._of_thread, "seen", None)

    def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Passes the call on."""
        if client_call_details.method.endswith("/AnalyzePlan") and request.HasField("schema"):
            put_supplied(request.schema.plan, self.current)
            if self._seen:
                self._seen.analysed = request.schema.plan
        if client_call_details.method.endswith("/Config") and request.operation.WhichOneof("op_type") in {
            "set",
            "unset",
        }:
            self._check_alone()
        return continuation(client_call_details, request)

    def intercept_unary_stream(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Passes the call on, unless the pipeline's code would write to where nobody reads. Raises UserError."""
        if client_call_details.method.endswith("/ExecutePlan"):
            put_supplied(request.plan, self.current)
            if self._seen:
                self._seen.executed.append(request.plan)
            _refuse_writes(request.plan.command)
            if _changes_session(request.plan):
                self._check_alone()
            if self._only_looks and _WRITES & {request.plan.command.WhichOneof("command_type")}:
                raise PermissionError("the code writes files, and this only looks at it")
        return continuation(client_call_details, request)

    def _check_alone(self) -> None:
        if not self.is_alone():
            raise ChangesSession


def _changes_session(plan: Any) -> bool:
    kind = plan.command.WhichOneof("command_type")
    if kind == "create_dataframe_view":
        return not plan.command.create_dataframe_view.name.startswith("__")
    if kind == "sql_command":
        command = plan.command.sql_command
        return not _QUERY.match(command.input.sql.query or command.sql)
    asked = plan.root.catalog.WhichOneof("cat_type") or "current"
    return kind in _CHANGES or not asked.startswith(_ASKS_CATALOG)


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
