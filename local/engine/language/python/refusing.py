"""What one machine does not have, refused by its name."""

from collections.abc import Mapping
from typing import Any

from common.errors import NotSupplied


class Refusing:
    """An object of which every attribute that it lacks is NotSupplied, with its name and what to do instead.

    `others` says of single attributes what to do instead of them.
    """

    def __init__(
        self, name: str, instead: str = "leave it out", others: Mapping[str, str] | None = None
    ) -> None:
        self._name = name
        self._instead = instead
        self._others = others or {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        instead = self._others.get(name, self._instead)
        raise NotSupplied(f"{self._name}.{name} is not supplied on one machine; {instead}")
