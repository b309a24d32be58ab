"""What an update tells while it runs, and what it ends with."""

from dataclasses import dataclass
from typing import Literal

State = Literal["QUEUED", "RUNNING", "COMPLETED", "FAILED", "SKIPPED", "EXCLUDED"]


@dataclass(frozen=True)
class Event:
    """A dataset (`schema.table`) or, with an empty dataset, the update itself has reached a state.

    EXCLUDED is a dataset that an update passes over, since nothing that it depends on has changed; `message` says so.
    `rows` is what the dataset wrote (None where nothing was written) and `seconds` how long it ran; both are
    given with COMPLETED.
    """

    dataset: str
    state: State
    rows: int | None = None
    seconds: float = 0.0
    message: str = ""


@dataclass(frozen=True)
class UpdateResult:
    """How an update ended: the last event of each dataset that it wrote, and its seconds."""

    pipeline: str
    datasets: list[Event]
    seconds: float


def spark_message(error: Exception) -> str:
    """What Spark says went wrong, without the Java stack that it may append."""
    return str(error).split("\n\nJVM stacktrace")[0].strip()
