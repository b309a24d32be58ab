"""What a query's plan says of itself, seen on its way to the engine."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import grpc
import sqlglot
from google.protobuf.message import Message

from common.errors import UserError

Named = Literal["unnamed", "part", "selected"]
# Functions that give another result when the same rows are read again.
CHANGING = {
    "current_date", "curdate", "current_timestamp", "current_time", "localtimestamp", "now", "rand", "randn", "random",
    "uuid", "shuffle", "unix_timestamp",
}  # fmt: skip
HIDDEN = "_metadata"
# The alias under which a query is given what is new of a stream.
STREAM = "__stream"
# What has to remember rows of earlier updates when its input is a stream.
STATEFUL = {
    "Deduplicate": "dropDuplicates of a stream",
    "WithWatermark": "a watermark",
    "Aggregate": "an aggregate over a stream",
    "Limit": "a limit of a stream",
    "Window": "a window function over a stream",
}


def clocks_of(query: str) -> set[str]:
    """The words of a SQL text that name a function which gives another result each time."""
    return {token.text.lower() for token in sqlglot.tokenize(query, read="databricks")} & CHANGING


def metadata_of(query: str) -> Named:
    """Whether a SQL text names the hidden column `_metadata`: a part of it, or itself as a column."""
    tokens = sqlglot.tokenize(query, read="databricks")
    after = [
        [one.text for one in tokens[place + 1 : place + 2]] == ["."]
        for place, token in enumerate(tokens)
        if token.text.lower() == HIDDEN
    ]
    return ("part" if all(after) else "selected") if after else "unnamed"


class PlanObserver(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Keeps the plan of the last analysis, and refuses writes to tables; give it to the session's channel."""

    def __init__(self) -> None:
        self._last: Message | None = None

    def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Passes the call on."""
        if client_call_details.method.endswith("/AnalyzePlan") and request.HasField("schema"):
            self._last = request.schema.plan
        return continuation(client_call_details, request)

    def intercept_unary_stream(
        self, continuation: Callable[..., Any], client_call_details: Any, request: Any
    ) -> Any:
        """Passes the call on, unless the pipeline's code would write to where nobody reads. Raises UserError."""
        if client_call_details.method.endswith("/ExecutePlan"):
            _refuse_writes(request.plan.command)
        return continuation(client_call_details, request)

    def forget(self) -> None:
        """The next plan is of another query."""
        self._last = None

    def changing_functions(self) -> set[str]:
        """The functions of the plan that give another result each time."""
        found = {name for name, _ in self._names() if name in CHANGING}
        # Without arguments it is the time of now.
        return found - {"unix_timestamp"} | {
            n for n, arguments in self._names() if n == "unix_timestamp" and not arguments
        }

    def may_name_metadata(self) -> bool:
        """Whether the plan, unless none came through, asks for the hidden column `_metadata` or a part of it."""
        return self._last is None or any(name.split(".")[0] == HIDDEN for name in self._attributes())

    def selects_metadata(self) -> bool:
        """Whether the plan asks for `_metadata` as a column of its own."""
        return HIDDEN in self._attributes()

    def stateful(self) -> str | None:
        """What of the plan needs state from one update to the next, if anything: what is new is not enough for it."""
        return next(_stateful(self._last), None) if self._last else None

    def _attributes(self) -> list[str]:
        attributes = _of_type(self._last, "UnresolvedAttribute")
        texts = [one.expression for one in _of_type(self._last, "ExpressionString")]
        named = [one.unparsed_identifier.replace("`", "") for one in attributes]
        return [*named, *(f"{HIDDEN}.*" for text in texts if HIDDEN in text)]

    def _names(self) -> Iterator[tuple[str, int]]:
        for one in _of_type(self._last, "UnresolvedFunction"):
            yield one.function_name.lower(), len(one.arguments)
        for one in _of_type(self._last, "ExpressionString"):
            yield from ((name, 0) for name in CHANGING if f"{name}(" in one.expression.lower())


def _refuse_writes(command: Any) -> None:
    """A table is written by its flows: what Spark's own catalog would hold is gone when the update ends."""
    kind = command.WhichOneof("command_type")
    table = command.write_operation.table.table_name if kind == "write_operation" else ""
    table = command.write_operation_v2.table_name if kind == "write_operation_v2" else table
    path = command.write_operation.path if kind == "write_operation" else ""
    if table or path.startswith(("/Volumes/", "dbfs:")):
        raise UserError(
            f"a pipeline's code does not write {table or path} itself on one machine: add a flow to a table or to "
            "create_sink(name, 'delta', {'tableName': ...}) or {'path': ...}"
        )


def _stateful(message: Any) -> Iterator[str]:
    for one in _messages(message):
        kind = one.DESCRIPTOR.name
        if kind == "Join" and _has_stream(one.left) and _has_stream(one.right):
            yield "a join of two streams"
        elif kind == "Project" and _has_stream(one.input) and _of_type(one, "Window"):
            yield STATEFUL["Window"]
        elif kind in STATEFUL and kind != "Window" and _has_stream(one.input):
            yield STATEFUL[kind]


def _has_stream(message: Message) -> bool:
    return any(one.alias == STREAM for one in _of_type(message, "SubqueryAlias"))


def _of_type(message: Message | None, kind: str) -> list[Any]:
    """The messages of a type in a plan, wherever they stand."""
    return [one for one in _messages(message) if one.DESCRIPTOR.name == kind] if message else []


def _messages(message: Message) -> Iterator[Any]:
    yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        is_map = field.message_type.GetOptions().map_entry
        parts = value.values() if is_map else [value] if isinstance(value, Message) else value
        for part in parts:
            if isinstance(part, Message):
                yield from _messages(part)
