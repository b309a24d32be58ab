"""Names of principals: Databricks does not tell apart their letter cases."""

from collections.abc import Mapping
from typing import TypeVar

Held = TypeVar("Held")


def as_declared(actual: Mapping[str, Held], wanted: Mapping[str, object]) -> dict[str, Held]:
    """What each principal holds, under the name by which it is declared, if it is."""
    declared = {name.casefold(): name for name in wanted}
    return {declared.get(name.casefold(), name): held for name, held in actual.items()}


def is_same(one: str | None, other: str | None) -> bool:
    """Whether both are one principal, or both nobody."""
    return (one or "").casefold() == (other or "").casefold()
