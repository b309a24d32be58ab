"""How the rows of one write met one expectation."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ExpectationCount:
    """How many of the rows that came in kept an expectation, and how many broke it."""

    dataset: str
    name: str
    action: Literal["warn", "drop", "fail"]
    passed: int
    failed: int
