"""What an update tells while it runs, and what it ends with."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from local.engine.evaluating.expectation_count import ExpectationCount

State = Literal["QUEUED", "RUNNING", "COMPLETED", "FAILED", "SKIPPED", "EXCLUDED"]


@dataclass(frozen=True)
class Event:
    """A dataset (`schema.table`) or, with an empty dataset, the update itself has reached a state.

    EXCLUDED is a dataset that an update passes over, since nothing that it depends on has changed; `message` says so.
    SKIPPED is one that reads a dataset which failed. `rows` is what the dataset wrote (None where nothing was
    written), `dropped` how many rows its drop rules kept out, `dropped_in_views` those of each view that it read and
    `seconds` how long it ran; all with COMPLETED.
    `why` says what made it run, `at` is when it reached the state, in seconds since 1970.
    """

    dataset: str
    state: State
    rows: int | None = None
    seconds: float = 0.0
    message: str = ""
    dropped: int = 0
    dropped_in_views: Mapping[str, int] = field(default_factory=dict)
    expectations: tuple[ExpectationCount, ...] = field(default=())
    why: str = ""
    at: float = field(default_factory=time.time, compare=False)

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Event":
        """An event as `dataclasses.asdict` gives it, read back from JSON."""
        counts = [ExpectationCount(**one) for one in told["expectations"]]
        return cls(**{**told, "expectations": tuple(counts)})


@dataclass(frozen=True)
class UpdateResult:
    """How an update ended: the last event of each dataset that it wrote, its seconds and the engine that ended it."""

    pipeline: str
    datasets: list[Event]
    seconds: float
    engine: str = "sail"


OnEvent = Callable[[Event], None]
