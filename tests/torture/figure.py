"""What one kind of torture found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`tried` says what was done and how often, `faults` what was lost, doubled, unclear or left behind."""

    tried: str
    faults: list[str]
