"""The updates of a home, from its event log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any


@dataclass(frozen=True)
class Counted:
    """How many rows of a write kept an expectation, and how many broke it; `action` is empty where an older log does
    not say.
    """

    name: str
    action: str
    passed: int
    failed: int


@dataclass(frozen=True)
class DatasetStep:
    """What became of one dataset in an update; `seconds` is None where an older log does not say."""

    dataset: str
    state: str
    rows: int | None
    dropped: int
    seconds: float | None
    ended: datetime
    why: str
    message: str
    expectations: tuple[Counted, ...]

    @property
    def began(self) -> datetime:
        """When it was begun."""
        return self.ended - timedelta(seconds=self.seconds or 0)

    @property
    def broken(self) -> int:
        """How many expectations were broken by a row or more."""
        return sum(one.failed > 0 for one in self.expectations)


@dataclass(frozen=True)
class LoggedUpdate:
    """One update of one pipeline: its steps in the order in which they ended."""

    id: str
    pipeline: str
    steps: tuple[DatasetStep, ...]

    @cached_property
    def began(self) -> datetime:
        """When its first dataset was begun."""
        return min(step.began for step in self.steps)

    @cached_property
    def ended(self) -> datetime:
        """When its last dataset ended."""
        return max(step.ended for step in self.steps)

    @property
    def seconds(self) -> float:
        """From the first dataset's begin to the last one's end."""
        return (self.ended - self.began).total_seconds()

    @property
    def failures(self) -> tuple[DatasetStep, ...]:
        """The datasets that failed."""
        return tuple(step for step in self.steps if step.state == "FAILED")

    @property
    def causes(self) -> list[str]:
        """Why its datasets ran, each reason once; that others ran is left out if there is another."""
        found = list(dict.fromkeys(step.why for step in self.steps if step.why))
        return [why for why in found if not why.startswith("it reads ")] or found


def logged_updates(events: Iterable[Mapping[str, Any]]) -> list[LoggedUpdate]:
    """The updates in the lines of an event log (see storage.event_log), newest first."""
    flows = [event for event in events if event["event_type"] == "flow_progress"]
    flows.sort(key=_update_id)
    found = [
        LoggedUpdate(key, lines[0]["origin"]["pipeline_name"], tuple(_steps(lines)))
        for key, lines in ((key, list(group)) for key, group in groupby(flows, _update_id))
    ]
    return sorted(found, key=lambda one: one.ended, reverse=True)


def _update_id(event: Mapping[str, Any]) -> str:
    return event["origin"]["update_id"]


def _steps(lines: Iterable[Mapping[str, Any]]) -> Iterable[DatasetStep]:
    """A step a table; the counts of a view, which stand before the table that reads it, are that table's."""
    of_views: list[Counted] = []
    for line in sorted(lines, key=lambda one: one["timestamp"]):
        progress, dataset = line["details"]["flow_progress"], line["origin"]["flow_name"]
        quality = progress.get("data_quality", {})
        counts = [
            Counted(one["name"], one.get("action", ""), one["passed_records"], one["failed_records"])
            for one in quality.get("expectations", ())
        ]
        if "." not in dataset and "seconds" not in progress:
            of_views += counts
            continue
        yield DatasetStep(
            dataset=dataset,
            state=progress["status"],
            rows=progress.get("metrics", {}).get("num_output_rows"),
            dropped=quality.get("dropped_records", 0),
            seconds=progress.get("seconds"),
            ended=line["timestamp"],
            why=progress.get("why", ""),
            message=line["message"] if line["level"] == "ERROR" else "",
            expectations=(*of_views, *counts),
        )
        of_views = []
