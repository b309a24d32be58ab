"""One table of all calls that a principal may make: what each asks of its caller, and which rows of a list it shows.

A call that is not in the table is refused to everybody but the workspace's own user.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from local.workspace.rights.needs import Need


@dataclass(frozen=True)
class VisibleRows:
    """The rows of an answer that its caller sees: `field` holds them, `need` is asked for each with its fields."""

    field: str
    need: Need


@dataclass(frozen=True)
class Operation:
    """One call and what it needs.

    Attributes:
        name: what it does.
        methods: its HTTP methods, separated by spaces.
        path: its path with names in braces; `{below:path}` takes slashes, too.
        need: what the caller must have.
        rows: which rows of the answer are shown; the others are left out in silence.
        arguments: where the call says the rest: in its query, in a JSON body or in a form (or a JSON body).
        columns: the fields of each entry that whoever is no administrator sees.
    """

    name: str
    methods: str
    path: str
    need: Need
    rows: VisibleRows | None = None
    arguments: str = "query"
    columns: tuple[str, ...] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        named = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        return re.compile(re.sub(r"\{(\w+):path\}", r"(?P<\1>.+)", named), re.DOTALL)

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """What the path says, when it is a call of this operation."""
        if method not in self.methods.split():
            return None
        found = self._pattern.fullmatch(path)
        return found.groupdict() if found else None


def operation_of(
    operations: Iterable[Operation], method: str, path: str
) -> tuple[Operation, dict[str, str]] | None:
    """The first operation that a call is of, and what its path says."""
    for operation in operations:
        values = operation.match(method, path)
        if values is not None:
            return operation, values
    return None
