"""Follows an update by what Spark says while it runs."""

import re
import time
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

from pyspark.errors import PySparkException

from common.home import Home
from local.engine.definitions import Definitions, shown_file
from local.engine.delta_log import commits_after, latest_version, table_path
from local.engine.events import Event, State, spark_message

FLOW_STATE = re.compile(r"Flow '?(?P<flow>[^' ]+)'? (?:is|has|was) (?P<state>[A-Z]+)")
UNRESOLVED = re.compile(
    r"Failed to resolve flow: '(?P<flow>[^']+)'\.\s*(?:Error: )?(?P<reason>.+)", re.DOTALL
)
EXPECTATION = re.compile(r"expectation '[^']+' of (?P<dataset>\S+) failed")
STATES: dict[str, State] = {
    "RUNNING": "RUNNING",
    "COMPLETED": "COMPLETED",
    "FAILED": "FAILED",
    "SKIPPED": "SKIPPED",
}

OnEvent = Callable[[Event], None]


class Follower:
    """Turns Spark's messages into events of datasets; `finished` holds the last of each dataset.

    `flows` and `running` are the flows and the tables of the update.
    """

    def __init__(
        self,
        root: Path,
        home: Home,
        definitions: Definitions,
        flows: Collection[str],
        running: Collection[str],
        tell: OnEvent,
    ) -> None:
        self.finished: dict[str, Event] = {}
        self._root = root
        self._home = home
        self._definitions = definitions
        self._tell = tell
        self._unresolved: dict[str, str] = {}
        self._targets = {flow.name: flow.target for flow in definitions.flows}
        self._open = Counter(target for name, target in self._targets.items() if name in flows)
        self._began: dict[str, float] = {}
        self._versions = {name: latest_version(table_path(home.warehouse, name)) for name in running}

    def follow(self, message: str) -> None:
        """Takes one message of Spark's."""
        unresolved = UNRESOLVED.match(message)
        if unresolved:
            # What only reads from a flow with an error says no more than that.
            name = ".".join(unresolved["flow"].replace("`", "").split(".")[-2:])
            self._unresolved[name] = unresolved["reason"].split(";\n")[0].strip()
        found = FLOW_STATE.match(message)
        if not found or found["state"] not in STATES:
            return
        flow = ".".join(found["flow"].replace("`", "").split(".")[-2:])
        dataset = self._targets.get(flow) or self._targets.get(flow.split(".")[-1]) or flow
        state = STATES[found["state"]]
        if state == "RUNNING" and dataset in self._began:
            return
        self._began.setdefault(dataset, time.monotonic())
        self._open[dataset] -= state == "COMPLETED"
        if state == "COMPLETED" and self._open[dataset] > 0:
            return
        seconds = time.monotonic() - self._began[dataset]
        event = Event(dataset, state, self._rows(dataset) if state == "COMPLETED" else None, seconds, message)
        if state != "RUNNING":
            self.finished[dataset] = event
        self._tell(event)

    def reason(self, error: PySparkException) -> str:
        """What a person needs of an error of Spark's: file and line, then the expectation or Spark's message."""
        failed = {name: event.message for name, event in self.finished.items() if event.state == "FAILED"}
        expectation = EXPECTATION.search("\n".join([*failed.values(), str(error)]))
        if expectation:
            return f"{self._place(expectation['dataset'])}{expectation[0]}"
        reasons = self._unresolved or failed
        told = [f"{self._place(name)}{name}: {reason}" for name, reason in reasons.items()]
        return "\n".join(told) or spark_message(error)

    def _place(self, dataset: str) -> str:
        """`file:line: ` of the code that defines a dataset; empty for one that a SQL file defines."""
        output = self._definitions.outputs.get(dataset)
        if output is None:
            return ""
        place = output.source_code_location
        return f"{shown_file(Path(place.filename), self._root)}:{place.line_number}: "

    def _rows(self, dataset: str) -> int | None:
        if dataset.count(".") != 1:
            return None
        commits = commits_after(table_path(self._home.warehouse, dataset), self._versions.get(dataset))
        figures = [commit.rows for commit in commits if commit.rows is not None]
        return sum(figures) if figures else None
