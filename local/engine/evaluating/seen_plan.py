"""What a query's plan says of itself."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from google.protobuf.message import Message

# Functions that give another result when the same rows are read again.
CHANGING = {
    "current_date", "curdate", "current_timestamp", "current_time", "localtimestamp", "now", "rand", "randn", "random",
    "uuid", "shuffle", "unix_timestamp",
}  # fmt: skip
HIDDEN = "_metadata"
# The alias under which a query is given what is new of a stream.
STREAM = "__stream"
# Its result is computed anew from all rows that the stream gave.
AGGREGATE = "an aggregate over a stream"
# What has to remember rows of earlier updates when its input is a stream.
STATEFUL = {
    "Deduplicate": "dropDuplicates of a stream",
    "WithWatermark": "a watermark",
    "Aggregate": AGGREGATE,
    "Limit": "a limit of a stream",
}
WINDOW = "a window function over a stream"


class SeenPlan:
    """The plan (pyspark.sql.connect.proto.Plan) of a query's last analysis; None when there was none."""

    def __init__(self, plan: Message | None = None) -> None:
        self._plan = plan

    def changing_functions(self) -> set[str]:
        """The functions of the plan that give another result each time."""
        if not self._holds(*CHANGING):
            return set()
        found = {name for name, _ in self._functions() if name in CHANGING}
        # Without arguments it is the time of now.
        is_now = ("unix_timestamp", 0) in self._functions()
        return found - {"unix_timestamp"} | ({"unix_timestamp"} if is_now else set())

    def may_name_metadata(self) -> bool:
        """Whether the plan, unless there is none, asks for the hidden column `_metadata` or a part of it."""
        return self._plan is None or any(name.split(".")[0] == HIDDEN for name in self._attributes())

    def selects_metadata(self) -> bool:
        """Whether the plan asks for `_metadata` as a column of its own."""
        return HIDDEN in self._attributes()

    def stateful(self) -> str | None:
        """What of the plan needs state from one update to the next, if anything: what is new is not enough for it.

        An aggregate goes before all but a watermark, by which Spark gives each group once.
        """
        states = list(self._states()) if self._holds(STREAM) else []
        is_aggregate = AGGREGATE in states and STATEFUL["WithWatermark"] not in states
        return AGGREGATE if is_aggregate else next(iter(states), None)

    @cached_property
    def _bytes(self) -> bytes:
        return self._plan.SerializeToString().lower() if self._plan else b""

    def _holds(self, *words: str) -> bool:
        """Whether a word may stand in the plan: a search of its bytes spares most plans the walk."""
        return any(word.encode() in self._bytes for word in words)

    @cached_property
    def _kinds(self) -> dict[str, list[Any]]:
        return by_kind(self._plan) if self._plan else {}

    def _attributes(self) -> list[str]:
        if not self._holds(HIDDEN):
            return []
        attributes = self._kinds.get("UnresolvedAttribute", ())
        texts = [one.expression for one in self._kinds.get("ExpressionString", ())]
        named = [one.unparsed_identifier.replace("`", "") for one in attributes]
        return [*named, *(f"{HIDDEN}.*" for text in texts if HIDDEN in text)]

    def _functions(self) -> list[tuple[str, int]]:
        calls = self._kinds.get("UnresolvedFunction", ())
        texts = [one.expression.lower() for one in self._kinds.get("ExpressionString", ())]
        in_text = [(name, 0) for text in texts for name in CHANGING if f"{name}(" in text]
        return [*((one.function_name.lower(), len(one.arguments)) for one in calls), *in_text]

    def _states(self) -> Iterator[str]:
        for kind, what in STATEFUL.items():
            if any(_has_stream(one.input) for one in self._kinds.get(kind, ())):
                yield what
        for one in self._kinds.get("Join", ()):
            if _has_stream(one.left) and _has_stream(one.right):
                yield "a join of two streams"
        if "Window" in self._kinds:
            for one in self._kinds.get("Project", ()):
                if "Window" in by_kind(one) and _has_stream(one.input):
                    yield WINDOW


def _has_stream(message: Message) -> bool:
    return any(one.alias == STREAM for one in by_kind(message).get("SubqueryAlias", ()))


def by_kind(message: Message) -> dict[str, list[Any]]:
    """The message and all within it, by the names of their types."""
    found: dict[str, list[Any]] = defaultdict(list)
    to_visit: list[Any] = [message]
    while to_visit:
        one = to_visit.pop()
        found[one.DESCRIPTOR.name].append(one)
        for field, value in one.ListFields():
            if field.message_type is None:
                continue
            if isinstance(value, Message):
                to_visit.append(value)
                continue
            is_map = field.message_type.GetOptions().map_entry
            parts = value.values() if is_map else value
            to_visit += [part for part in parts if isinstance(part, Message)]
    return found
