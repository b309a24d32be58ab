"""What a query's plans say of it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from local.engine.lineage.function_effects import AGGREGATES, is_aggregate
from local.engine.lineage.read_aliases import GIVEN
from local.engine.sessions.rewriting.protobuf_messages import children

# Functions that give another result when the same rows are read again.
CHANGING = {
    "current_date", "curdate", "current_timestamp", "current_time", "localtimestamp", "now", "rand", "randn", "random",
    "uuid", "shuffle", "unix_timestamp",
}  # fmt: skip
HIDDEN = "_metadata"
# The half of a plan's messages: nothing that is looked for stands in them.
_WITHOUT_PARTS = {"UnresolvedAttribute", "Literal", "RelationCommon"}
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
_CALL = re.compile(rf"\b({'|'.join(AGGREGATES)})\s*\(", re.IGNORECASE)
_OVER = re.compile(r"\bover\s*\(", re.IGNORECASE)


class SeenPlans:
    """The plans (pyspark.sql.connect.proto.Plan) of one evaluation of a query, so far.

    `analysed` is the last that was, None when there was none; `executed` are all that were: of a view that was computed
    for the query or that it reads by name, of rows that its code had computed. What they say is the query's, too.
    `given` are the relations of views whose rows were written to files, by the alias of these rows, with the drop
    rules of each.
    """

    def __init__(self) -> None:
        self.analysed: Message | None = None
        self.executed: list[Message] = []
        self.given: dict[str, tuple[Any, Sequence[Any]]] = {}

    def keep(self, view: str, rules: Sequence[Any]) -> str:
        """Keeps the plan that was analysed last as a view's; returns the alias for its rows."""
        alias = f"{GIVEN}{view}"
        analysed: Any = self.analysed
        if analysed:
            self.given[alias] = (analysed.root, rules)
        return alias

    @property
    def ran(self) -> bool:
        """Whether the code had rows computed, as by `collect`."""
        return any(plan.HasField("root") for plan in self.executed)

    def changing_functions(self) -> set[str]:
        """The functions of the plans that give another result each time."""
        if not self._holds(*CHANGING):
            return set()
        functions = self._functions()
        found = {name for name, _ in functions if name in CHANGING}
        # Without arguments it is the time of now.
        is_now = ("unix_timestamp", 0) in functions
        return found - {"unix_timestamp"} | ({"unix_timestamp"} if is_now else set())

    def may_name_metadata(self) -> bool:
        """Whether the plans, unless none was analysed, ask for the hidden column `_metadata` or a part of it."""
        return self.analysed is None or any(name.split(".")[0] == HIDDEN for name in self._attributes())

    def selects_metadata(self) -> bool:
        """Whether the plans ask for `_metadata` as a column of its own."""
        return HIDDEN in self._attributes()

    def stateful(self) -> str | None:
        """What of the plans needs state from one update to the next, if anything: what is new is not enough for it.

        An aggregate goes before all but a watermark, by which Spark gives each group once.
        """
        states = list(self._states()) if self._holds(STREAM) else []
        is_aggregate = AGGREGATE in states and STATEFUL["WithWatermark"] not in states
        return AGGREGATE if is_aggregate else next(iter(states), None)

    def _plans(self) -> list[Message]:
        return [*self.executed, *([self.analysed] if self.analysed else [])]

    def _holds(self, *words: str) -> bool:
        """Whether a word may stand in the plans: a search of their bytes spares most of them the walk."""
        texts = [plan.SerializeToString().lower() for plan in self._plans()]
        return any(word.encode() in text for text in texts for word in words)

    def _attributes(self) -> list[str]:
        if not self._holds(HIDDEN):
            return []
        kinds = messages_by_kind(*self._plans())
        attributes = kinds.get("UnresolvedAttribute", ())
        texts = [one.expression for one in kinds.get("ExpressionString", ())]
        named = [one.unparsed_identifier.replace("`", "") for one in attributes]
        return [*named, *(f"{HIDDEN}.*" for text in texts if HIDDEN in text)]

    def _functions(self) -> list[tuple[str, int]]:
        kinds = messages_by_kind(*self._plans())
        calls = kinds.get("UnresolvedFunction", ())
        texts = [one.expression.lower() for one in kinds.get("ExpressionString", ())]
        in_text = [(name, 0) for text in texts for name in CHANGING if f"{name}(" in text]
        return [*((one.function_name.lower(), len(one.arguments)) for one in calls), *in_text]

    def _states(self) -> Iterator[str]:
        kinds = messages_by_kind(*self._plans())
        for kind, what in STATEFUL.items():
            if any(_has_stream(one.input) for one in kinds.get(kind, ())):
                yield what
        for one in kinds.get("Join", ()):
            if _has_stream(one.left) and _has_stream(one.right):
                yield "a join of two streams"
        projects = [(one.expressions, one.input) for one in kinds.get("Project", ())]
        if _aggregates(kinds) and any(
            _aggregates(messages_by_kind(*own)) and _has_stream(rows) for own, rows in projects
        ):
            yield AGGREGATE
        if _has_window(kinds):
            columns = [*projects, *((one.aliases, one.input) for one in kinds.get("WithColumns", ()))]
            if any(_has_window(messages_by_kind(*own)) and _has_stream(rows) for own, rows in columns):
                yield WINDOW


def _has_window(kinds: Mapping[str, Sequence[Any]]) -> bool:
    """Whether there is a window function among messages, in a plan or in SQL."""
    texts = [one.expression for one in kinds.get("ExpressionString", ())]
    return "Window" in kinds or any(_OVER.search(text) and "Window" in _in_text(text) for text in texts)


def _aggregates(kinds: Mapping[str, Sequence[Any]]) -> bool:
    """Whether there is an aggregate among messages that is not over a window."""
    functions = [one.function_name for one in kinds.get("UnresolvedFunction", ())]
    windowed = [one.window_function.unresolved_function.function_name for one in kinds.get("Window", ())]
    numbers = [sum(is_aggregate(name.lower()) for name in names) for names in (functions, windowed)]
    texts = [one.expression for one in kinds.get("ExpressionString", ())]
    return numbers[0] > numbers[1] or any(
        _CALL.search(text) and "AggFunc" in _in_text(text) for text in texts
    )


def _has_stream(message: Message) -> bool:
    # The search of its bytes spares most of them the walk.
    may = STREAM.encode() in message.SerializeToString()
    return may and any(one.alias == STREAM for one in messages_by_kind(message).get("SubqueryAlias", ()))


def messages_by_kind(*messages: Message) -> dict[str, list[Any]]:
    """The messages and all within them, by the names of their types."""
    found: dict[str, list[Any]] = defaultdict(list)
    to_visit: list[Any] = [*messages]
    while to_visit:
        one = to_visit.pop()
        kind = one.DESCRIPTOR.name
        found[kind].append(one)
        if kind not in _WITHOUT_PARTS:
            to_visit += children(one)
    return found


def _in_text(text: str) -> set[str]:
    """Which of these an expression in SQL holds: a `Window`, an aggregate that is not over one (`AggFunc`)."""
    # It takes a moment to import, and few texts are looked at.
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        tree = parse_one(f"SELECT {text}", dialect="databricks")
    except SqlglotError:
        # The engine will say what is wrong with it.
        return set()
    aggregates = any(one.find_ancestor(exp.Window) is None for one in tree.find_all(exp.AggFunc))
    found = {"AggFunc": aggregates, "Window": tree.find(exp.Window) is not None}
    return {kind for kind, is_there in found.items() if is_there}
